"""The grid of beats and bars: what a network hears, made even by dynamic programming.

librosa's beat tracker costs two seconds of imports and just-in-time compilation in
every process, twenty the first time, and knows no bars.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from jaxsoundart.sound import arrangement, tempo
from jaxsoundart.sound.beat_network import EVENTS

BEATS_PER_BAR = 4
# Where nothing beats, time is still cut evenly: half seconds, bars of two.
EVEN_BEAT_S = 0.5

# Below this autocorrelation at the best period, people do not tap their feet: measured
# on recordings, speech and animals reach 0.09, an orchestra in rubato 0.1, bands 0.3.
# In a short sound anything seems to repeat: more is asked of it, in proportion.
_MIN_PULSE = 0.09
_SHORT_S = 16.0
# How dear it is to stray from an even pulse, against an onset of one deviation.
_TIGHTNESS = 100.0
# How much an accent counts beside a logit.
_ACCENT = 0.3
# How dear it is to miscount a bar: some five bars must speak for it.
_MISCOUNT = 30.0
# The logit at which the network says no more than that one frame in 15 is a beat's.
_CHANCE = -2.6
# One frame does not outweigh many, however sure the network is of it.
_SUREST = 6.0
_BEAT, _BAR = (EVENTS.index(name) for name in ("beat", "bar"))


@dataclass(frozen=True, kw_only=True)
class Beats:
    """Where the beats and the bars of a song lie.

    Attributes:
        tempo_bpm: Beats per minute; 0.0 where no beat was found and the grid is even.
        beat_times_s: Every beat.
        bar_times_s: The first beat of every bar of four.
    """

    tempo_bpm: float
    beat_times_s: Float[np.ndarray, " beats"]
    bar_times_s: Float[np.ndarray, " bars"]

    @property
    def usual_bar_s(self) -> float:
        """How long a bar usually is."""
        beat_s = 60.0 / self.tempo_bpm if self.tempo_bpm else EVEN_BEAT_S
        return BEATS_PER_BAR * beat_s


def track(
    events: Float[np.ndarray, "frames 3"],
    onsets: Float[np.ndarray, " frames"],
    low_onsets: Float[np.ndarray, " frames"],
    octaves: Float[np.ndarray, "frames octaves"],
    *,
    frame_rate_hz: float,
    duration_s: float,
) -> Beats:
    """Finds the beats of a song and which of them begin bars.

    Whether there is a beat at all is told by the onsets; which of the ways to count it
    is right (twice as fast, half as fast, …), by the network: the one that its beats
    speak for and the gaps between them do not speak against. Which beat is a bar's
    first, network and accents tell together: in sounds that it has never heard, the
    network says little.

    Args:
        events: Logits of `beat_network.EVENTS`.
        onsets: Onset strength.
        low_onsets: Onset strength of the low band.
        octaves: Power in bands of an octave.
        frame_rate_hz: Frames per second.
        duration_s: Length of the song.
    """
    low_curve = tempo.standardised(low_onsets, frame_rate_hz)
    period_frames, pulse = tempo.find_period(
        tempo.standardised(onsets, frame_rate_hz), low_curve, frame_rate_hz
    )
    if pulse * min(duration_s / _SHORT_S, 1.0) < _MIN_PULSE:
        return _even_grid(duration_s)
    beat, bar = (np.clip(events[:, n], -_SUREST, _SUREST) for n in (_BEAT, _BAR))
    certainty = 1.0 / (1.0 + np.exp(-beat))
    heard = tempo.standardised(certainty, frame_rate_hz)
    heard_frames, _ = tempo.find_period(heard, heard, frame_rate_hz)
    near_beat, near_bar = (largest_near(one, 1) for one in (beat, bar))
    # Against chance: in a break, every way to count has few beats that are heard.
    near_beat -= _CHANCE
    grids = (
        _beat_frames(beat, one)
        for one in tempo.related((period_frames, heard_frames), frame_rate_hz)
    )
    frames = max(grids, key=lambda grid: near_beat[grid].sum())
    # To the millisecond: what a copy at another level differs by is rounding.
    times_s = np.round(_between(certainty, frames) / frame_rate_hz, 3)
    inside = (times_s >= 0) & (times_s < duration_s)
    frames, times_s = frames[inside], times_s[inside]
    if len(times_s) < BEATS_PER_BAR:
        return _even_grid(duration_s)
    intervals_s = np.diff(times_s)
    usual_s = np.quantile(intervals_s, 0.5, method="lower")
    steady = np.abs(intervals_s / usual_s - 1) < 0.1
    accents = near_bar[frames] + _ACCENT * _accents(
        low_curve, octaves, times_s, frame_rate_hz
    )
    return Beats(
        tempo_bpm=60.0 / float(intervals_s[steady].mean()),
        beat_times_s=times_s,
        bar_times_s=times_s[_begins_bar(accents)],
    )


def largest_near(
    curve: Float[np.ndarray, " frames"], reach: int
) -> Float[np.ndarray, " frames"]:
    """Returns the largest value within `reach` frames of each."""
    padded = np.pad(curve, reach, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)


def _between(
    certainty: Float[np.ndarray, " frames"], frames: np.ndarray
) -> Float[np.ndarray, " beats"]:
    """Returns where between the frames beside it each beat lies."""
    shifts = np.arange(-1, 2)
    near = np.clip(frames[:, None] + shifts, 0, len(certainty) - 1)
    weights = certainty[near]
    return frames + (weights * shifts).sum(axis=1) / weights.sum(axis=1)


def _even_grid(duration_s: float) -> Beats:
    times_s = np.arange(0.0, max(duration_s, EVEN_BEAT_S), EVEN_BEAT_S)
    return Beats(
        tempo_bpm=0.0, beat_times_s=times_s, bar_times_s=times_s[::BEATS_PER_BAR]
    )


def _beat_frames(curve: np.ndarray, period_frames: float) -> np.ndarray:
    """Returns the frames of the beats: on onsets, and evenly apart.

    Each beat lies half to two periods after the one before; straying from one period
    costs the squared logarithm of the ratio. Frames closer than half a period do not
    depend on each other, so that many are worked out at once.

    Source: Ellis (2007), equations 5 and 6.
    """
    reach = np.arange(-2 * round(period_frames), -round(period_frames / 2) + 1)
    kernel_at = np.arange(-round(period_frames), round(period_frames) + 1)
    kernel = np.exp(-0.5 * (32.0 * kernel_at / period_frames) ** 2)
    local = np.convolve(curve, kernel, mode="same")[: len(curve)]
    local /= max(local.std(), 1e-9)
    cost = _TIGHTNESS * np.log(-reach / period_frames) ** 2
    step, before = -reach[-1], -reach[0]
    score = np.zeros(before + len(curve))  # the beats before the song score nothing
    came_from = np.zeros(len(curve), int)
    for first in range(0, len(curve), step):
        last = min(first + step, len(curve))
        choices = np.lib.stride_tricks.sliding_window_view(
            score[first : last - 1 + len(reach)], len(reach)
        )
        choices = choices - cost[None, :]
        best = choices.argmax(axis=1)
        came_from[first:last] = np.arange(first, last) + reach[best]
        score[before + first : before + last] = (
            local[first:last] + choices[np.arange(last - first), best]
        )
    tail = min(round(period_frames), len(curve))
    frame = len(curve) - tail + int(score[-tail:].argmax())
    frames = []
    while frame >= 0:
        frames.append(frame)
        frame = int(came_from[frame])
    return np.array(frames[::-1])


def _accents(
    low_curve: np.ndarray,
    octaves: np.ndarray,
    times_s: np.ndarray,
    frame_rate_hz: float,
) -> Float[np.ndarray, " beats"]:
    """Returns how much each beat sounds like a bar's first.

    Two signs: a low onset on it, and a change of the arrangement between the two bars
    before and the two after, for parts begin on bars.
    """
    near = np.round(times_s * frame_rate_hz).astype(int)[:, None] + np.arange(-2, 3)
    low = low_curve[np.clip(near, 0, len(low_curve) - 1)].max(axis=1)
    per_beat = arrangement.means_between(octaves, times_s, frame_rate_hz=frame_rate_hz)
    fullness_db = arrangement.fullness_db(per_beat)
    change_db = np.abs(arrangement.steps_up(fullness_db, reach=2 * BEATS_PER_BAR))
    change_db *= arrangement.is_peak(change_db, reach=BEATS_PER_BAR // 2)
    return np.clip(low, -1.0, 3.0) + np.clip(change_db, 0.0, 12.0) ** 2 / 8.0


def _begins_bar(accents: Float[np.ndarray, " beats"]) -> np.ndarray:
    """Returns for each beat whether it is the first of its bar.

    The most accented way to count "1, 2, 3, 4" through the song; a bar with a beat too
    many or too few costs as much as a strong accent brings, so the count is taken up
    anew only where much speaks for it (a tracker that slipped in a breakdown).
    """
    score = np.zeros(BEATS_PER_BAR)  # best so far with this beat being number 1, 2, …
    came_from = np.zeros((len(accents), BEATS_PER_BAR), int)
    emission = np.zeros(BEATS_PER_BAR)
    for beat, accent in enumerate(accents):
        counted_on = np.roll(score, 1)
        jumped = int(score.argmax())
        jump = score[jumped] - _MISCOUNT > counted_on
        came_from[beat] = np.where(jump, jumped, np.roll(np.arange(BEATS_PER_BAR), 1))
        emission[0] = accent
        score = np.where(jump, score[jumped] - _MISCOUNT, counted_on) + emission
    number = int(score.argmax())
    begins = np.zeros(len(accents), bool)
    for beat in range(len(accents) - 1, -1, -1):
        begins[beat] = number == 0
        number = int(came_from[beat, number])
    return begins
