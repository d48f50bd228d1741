"""How fast a song beats, and how surely: the autocorrelation of its onsets."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

MIN_TEMPO_BPM, MAX_TEMPO_BPM = 55.0, 215.0

_TREND_S = 2.0
_WINDOW_S = 8.0
_PREFERRED_TEMPO_BPM = 128.0
_SPREAD_OCTAVES = 0.7
# Periods nearer than this lead to the same beats.
_SAME = 1.02


def standardised(
    onsets: Float[np.ndarray, " frames"], frame_rate_hz: float
) -> np.ndarray:
    """Returns onset strength without rare peaks and slow changes, of unit deviation."""
    curve = np.asarray(onsets, np.float64)
    # The song's first sound leaps out of silence: without a bound it outweighs all.
    curve = np.minimum(curve, np.quantile(curve, 0.99))
    # A busy part after a quiet one is no beat, though it resembles itself.
    length = min(round(_TREND_S * frame_rate_hz), len(curve))
    inside = np.convolve(np.ones(len(curve)), np.ones(length), mode="same")
    curve -= np.convolve(curve, np.ones(length), mode="same") / inside
    deviation = curve.std()
    return curve / deviation if deviation > 0 else curve


def find_period(
    curve: Float[np.ndarray, " frames"],
    low_curve: Float[np.ndarray, " frames"],
    frame_rate_hz: float,
) -> tuple[float, float]:
    """Returns the beat's period in frames and how strong the pulse is, up to 1.

    A period counts by the autocorrelation at itself, twice and four times itself: what
    repeats after one and a half beats, as many bass drums do, does not after six.

    Among multiples a tempo near 128 bpm is preferred; drum and bass is often counted at
    half its tempo, as people do.

    Args:
        curve: Onset strength from `standardised`.
        low_curve: The same of the low band, which weighs as much: the bass drum counts.
        frame_rate_hz: Frames per second.

    Source: Ellis, Beat Tracking by Dynamic Programming (2007), section 3.2: mean
        autocorrelation of windows, weighted by a log-normal preference for tempi.
    """
    tempi_bpm = np.geomspace(MIN_TEMPO_BPM, MAX_TEMPO_BPM, 400)
    periods = 60.0 * frame_rate_hz / tempi_bpm
    repeats = 0.5 * (
        _autocorrelation(curve, frame_rate_hz)
        + _autocorrelation(low_curve, frame_rate_hz)
    )
    # The longest lag must leave a quarter of the window to compare.
    periods = periods[4 * periods < 0.75 * len(repeats)]
    if not len(periods):
        return 60.0 * frame_rate_hz / _PREFERRED_TEMPO_BPM, 0.0
    lags = np.arange(len(repeats))
    pulse = np.mean([np.interp(k * periods, lags, repeats) for k in (1, 2, 4)], axis=0)
    octaves = np.log2(60.0 * frame_rate_hz / periods / _PREFERRED_TEMPO_BPM)
    best = int((pulse * np.exp(-0.5 * (octaves / _SPREAD_OCTAVES) ** 2)).argmax())
    return float(periods[best]), float(pulse[best])


def related(periods_frames: Sequence[float], frame_rate_hz: float) -> list[float]:
    """Returns the periods at which someone else might count, those given among them."""
    shortest, longest = (
        60.0 * frame_rate_hz / bpm for bpm in (MAX_TEMPO_BPM, MIN_TEMPO_BPM)
    )
    every = sorted(
        period * ratio
        for period in periods_frames
        for ratio in (1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0)
        if shortest <= period * ratio <= longest
    )
    return [
        period
        for period, before in zip(every, [0.0, *every], strict=False)
        if period > _SAME * before
    ]


def _autocorrelation(curve: np.ndarray, frame_rate_hz: float) -> np.ndarray:
    """Returns the mean autocorrelation of windows of 8 s, 1 at lag 0."""
    length = min(round(_WINDOW_S * frame_rate_hz), len(curve))
    windows = np.lib.stride_tricks.sliding_window_view(curve, length)
    total = np.zeros(length)
    for window in windows[:: max(1, length // 4)]:
        spectrum = np.fft.rfft(window, 2 * length)
        total += np.fft.irfft(np.abs(spectrum) ** 2)[:length]
    # A lag leaves fewer pairs to compare; undone, or long periods would look weak.
    total *= length / np.arange(length, 0, -1)
    return total / total[0] if total[0] > 0 else total
