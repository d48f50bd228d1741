"""One pass over a song: everything the sections and the traits are worked out from.

The song goes through one jitted function in blocks of some 48 seconds, so that the
memory needed does not grow with its length and nothing is compiled twice. Every number
kept is small: 43 frames a second of a handful of values.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32

from jaxsoundart.arrays import Samples
from jaxsoundart.sound import beats, spectrum
from jaxsoundart.sound.beats import Beats
from jaxsoundart.sound.waveform import Waveform

# Octaves of the arrangement: kick and bass, then mud, body, presence, air.
BAND_EDGES_HZ = (20.0, 150.0, 300.0, 600.0, 1200.0, 2400.0, 4800.0, 10_000.0)
NUM_BANDS = len(BAND_EDGES_HZ) - 1

# Ten-cent steps of the octave, from C: fine enough to find the tuning.
PITCH_STEPS = 120
_PITCH_RANGE_HZ = (55.0, 1760.0)

_FRAME_S = 0.093  # 2048 samples at 22,050 Hz
_BLOCK_FRAMES = 2048
_PITCH_FACTOR = 4  # pitch needs a window four times as long: 2.7 Hz a bin
_PITCH_HOP_FRAMES = 8
# Spectral flux counts from 60 dB below the song's mean: tape hiss makes no onsets.
_FLUX_FLOOR_DB = -60.0
_NUM_MELS = 128
_LOW_ONSET_HZ = 200.0


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What one pass over a song gathers.

    Frame t is centred on second `t / frame_rate_hz`. All levels but `power` are those
    of the song brought to unit RMS, so that a quieter copy has the same.

    Attributes:
        duration_s: Length of the song.
        frame_rate_hz: Frames per second.
        power: Mean square of the samples about each frame; 1 is 0 dB full scale.
        bands: Power in each band of `BAND_EDGES_HZ`.
        onsets: How much the spectrum grows from the frame before, mean over mel bands,
            in dB.
        low_onsets: The same below 200 Hz.
        centroid_hz: Centre of the magnitude spectrum.
        pitches: How much each tenth of a semitone was heard, octaves folded, from C;
            sums to 1, or to 0 where there was no pitch.
        beats: The grid of beats and bars.
    """

    duration_s: float
    frame_rate_hz: float
    power: Float32[np.ndarray, " frames"]
    bands: Float32[np.ndarray, "frames bands"]
    onsets: Float32[np.ndarray, " frames"]
    low_onsets: Float32[np.ndarray, " frames"]
    centroid_hz: Float32[np.ndarray, " frames"]
    pitches: Float32[np.ndarray, " steps"]
    beats: Beats


def analyse(waveform: Waveform) -> Analysis:
    """Listens to a song once, from beginning to end.

    Args:
        waveform: At any sample rate; 22,050 Hz is what the figures are tuned for.
    """
    samples, rate_hz = waveform.samples, waveform.sample_rate_hz
    fft_samples = 2 ** round(np.log2(_FRAME_S * rate_hz))
    hop_samples = fft_samples // 4
    num_frames = 1 + len(samples) // hop_samples
    mean_square = _mean_square(samples)
    gain = 1.0 / np.sqrt(mean_square) if mean_square > 0 else 0.0
    gathered = []
    for first in range(0, num_frames, _BLOCK_FRAMES):
        block = _measure_block(
            jnp.asarray(_block_samples(samples, first, fft_samples, hop_samples)),
            jnp.float32(gain),
            sample_rate_hz=rate_hz,
            fft_samples=fft_samples,
        )
        gathered.append(jax.device_get(block))
    frames = _Measures(
        *(np.concatenate(parts)[:num_frames] for parts in zip(*gathered))
    )
    pitches = np.sum([block.pitches for block in gathered], axis=0)
    heard = float(pitches.sum())
    frame_rate_hz = rate_hz / hop_samples
    return Analysis(
        duration_s=waveform.duration_s,
        frame_rate_hz=frame_rate_hz,
        power=frames.power * np.float32(mean_square),
        bands=frames.bands,
        onsets=frames.onsets,
        low_onsets=frames.low_onsets,
        centroid_hz=frames.centroid_hz,
        pitches=pitches / heard if heard > 0 else pitches,
        beats=beats.track(
            frames.onsets,
            frames.low_onsets,
            frames.bands,
            frame_rate_hz=frame_rate_hz,
            duration_s=waveform.duration_s,
        ),
    )


class _Measures(NamedTuple):
    """What one block yields, by frame; the pitches summed over the block."""

    power: np.ndarray
    bands: np.ndarray
    onsets: np.ndarray
    low_onsets: np.ndarray
    centroid_hz: np.ndarray
    pitches: np.ndarray


def _mean_square(samples: Samples) -> float:
    step = 1 << 20  # summed in float64 piece by piece: a float32 sum of hours drifts
    pieces = (samples[i : i + step] for i in range(0, len(samples), step))
    return sum(float(np.dot(p, p)) for p in pieces) / max(len(samples), 1)


def _block_samples(
    samples: Samples, first_frame: int, fft_samples: int, hop_samples: int
) -> Samples:
    """Returns the samples that one block's windows reach, zeros beyond the song."""
    reach = _PITCH_FACTOR * fft_samples // 2
    start = first_frame * hop_samples - reach
    end = start + _BLOCK_FRAMES * hop_samples + 2 * reach
    block = np.zeros(end - start, np.float32)
    inside = samples[max(start, 0) : end]
    left = max(-start, 0)
    block[left : left + len(inside)] = inside
    return block


@partial(jax.jit, static_argnames=("sample_rate_hz", "fft_samples"))
def _measure_block(
    samples: Float[Array, " samples"],
    gain: Float[Array, ""],
    *,
    sample_rate_hz: int,
    fft_samples: int,
) -> _Measures:
    """Measures `_BLOCK_FRAMES` frames of a song brought to unit RMS by `gain`."""
    samples = samples * gain
    hop_samples = fft_samples // 4
    # One frame more in front: the flux of the first needs it.
    offset = (_PITCH_FACTOR - 1) * fft_samples // 2 - hop_samples
    amplitude = jnp.abs(
        spectrum.stft(
            samples[offset:],
            fft_samples=fft_samples,
            hop_samples=hop_samples,
            center=False,
        )[:, : _BLOCK_FRAMES + 1]
    )
    density = amplitude**2
    flux = _flux_db(density, sample_rate_hz, fft_samples)
    amplitude, density = amplitude[:, 1:], density[:, 1:]

    bins_hz = np.fft.rfftfreq(fft_samples, 1 / sample_rate_hz)
    window_energy = 0.375 * fft_samples  # of a Hann window
    per_bin = np.full(len(bins_hz), 2.0 / (window_energy * fft_samples), np.float32)
    per_bin[[0, -1]] /= 2  # these two stand for one bin each, not for a pair
    edges_hz = np.asarray(BAND_EDGES_HZ)
    inside = (bins_hz >= edges_hz[:-1, None]) & (bins_hz < edges_hz[1:, None])
    total = amplitude.sum(axis=0)
    moment = jnp.asarray(bins_hz, jnp.float32) @ amplitude
    low_mels = _mel_centres_hz(sample_rate_hz, fft_samples) < _LOW_ONSET_HZ
    return _Measures(
        power=jnp.asarray(per_bin) @ density,
        bands=(jnp.asarray(per_bin * inside, jnp.float32) @ density).T,
        onsets=flux.mean(axis=0),
        low_onsets=flux[low_mels].mean(axis=0),
        centroid_hz=jnp.where(total > 0, moment / jnp.where(total > 0, total, 1), 0),
        pitches=_pitches(samples, sample_rate_hz, _PITCH_FACTOR * fft_samples),
    )


def _mel_centres_hz(sample_rate_hz: int, fft_samples: int) -> np.ndarray:
    bank = spectrum.mel_filterbank(
        sample_rate_hz=sample_rate_hz, fft_samples=fft_samples, num_mels=_NUM_MELS
    )
    return bank.argmax(axis=1) * sample_rate_hz / fft_samples


def _flux_db(
    density: Float[Array, "bins frames"], sample_rate_hz: int, fft_samples: int
) -> Float[Array, "mels frames-1"]:
    """Returns how much each mel band grows from frame to frame, falls counting 0.

    Source: Böck and Widmer (2013), without the vibrato suppression; the mean over mel
        bands follows `librosa.onset.onset_strength`.
    """
    bank = spectrum.mel_filterbank(
        sample_rate_hz=sample_rate_hz, fft_samples=fft_samples, num_mels=_NUM_MELS
    )
    # 0 dB is what white noise of the song's RMS has in each (unit area) mel band.
    white = 0.375 * fft_samples * fft_samples / sample_rate_hz
    level_db = spectrum.power_to_db(
        jnp.asarray(bank) @ density / white,
        min_power=10 ** (_FLUX_FLOOR_DB / 10),
        range_db=None,
    )
    return jnp.maximum(0.0, jnp.diff(level_db, axis=1))


def _pitches(
    samples: Float[Array, " samples"], sample_rate_hz: int, fft_samples: int
) -> Float[Array, " steps"]:
    """Returns the histogram of spectral peaks over tenths of semitones, octaves folded.

    A peak's frequency is interpolated between bins; it counts with the square root of
    its amplitude, so that one loud bass note does not outvote the chord above it.

    Source: Gómez, Tonal Description of Music Audio Signals (2006), section 3.1.
    """
    low, high = (round(hz * fft_samples / sample_rate_hz) for hz in _PITCH_RANGE_HZ)
    amplitude = jnp.abs(
        spectrum.stft(
            samples,
            fft_samples=fft_samples,
            hop_samples=fft_samples // 2,
            center=False,
        )[low - 1 : high + 1, : _BLOCK_FRAMES // _PITCH_HOP_FRAMES]
    )
    below, here, above = amplitude[:-2], amplitude[1:-1], amplitude[2:]
    # A hundredth of the frame's largest: lower peaks are the window's side lobes.
    is_peak = (here > below) & (here >= above)
    is_peak &= here > 0.01 * here.max(axis=0, keepdims=True)
    log_below, log_here, log_above = (
        jnp.log(jnp.maximum(a, 1e-9)) for a in (below, here, above)
    )
    curvature = jnp.minimum(log_below - 2 * log_here + log_above, -1e-6)
    shift = jnp.clip(0.5 * (log_below - log_above) / curvature, -0.5, 0.5)
    hz = (jnp.arange(low, high)[:, None] + shift) * (sample_rate_hz / fft_samples)
    middle_c_hz = 440.0 * 2 ** (-9 / 12)
    step = jnp.round(PITCH_STEPS * jnp.log2(hz / middle_c_hz)).astype(jnp.int32)
    weight = jnp.where(is_peak, jnp.sqrt(here), 0.0)
    return jnp.zeros(PITCH_STEPS).at[step % PITCH_STEPS].add(weight)
