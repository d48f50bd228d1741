"""Excerpts that stand for a song: its intro, its drop, one bar, or all of it.

A whole song is much to listen to and one random bar is too little; the opening and the
drop together tell what it is. All excerpts begin and end on bar lines, where there are
any to be found.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from jaxsoundart.sound import arrangement
from jaxsoundart.sound.analysis import Analysis
from jaxsoundart.sound.waveform import Excerpt, Part

MIN_INTRO_S, USUAL_INTRO_S, MAX_INTRO_S = 5.0, 15.0, 30.0
MIN_DROP_S, MAX_DROP_S = 15.0, 30.0

# Sections are told apart over four bars, the unit that most music is built of.
_REACH_BARS = 4
_STEP_DB = 3.0
_DROP_LOW_RISE_DB = 4.0
_DROP_LOW_FLOOR_DB = -4.0
_DROP_DENSITY_RISE = 0.1
# A first drop nearly as strong as the strongest is the one people know.
_AS_GOOD = 0.85
_QUIET_DB = -50.0


def find_excerpts(
    analysis: Analysis, parts: Sequence[Part], *, seed: int
) -> tuple[Excerpt, ...]:
    """Returns one excerpt for each part asked for, in that order.

    Args:
        analysis: Of the whole song.
        parts: Which stretches.
        seed: Chooses the bar of `Part.BAR`; the others do not depend on it.
    """
    bars = _Bars(analysis)
    return tuple(_find(bars, part, seed) for part in parts)


class _Bars:
    """A song's bars, each with how full, how low and how busy it is.

    Attributes:
        lines_s: Where the bars begin, and where the song ends.
        fullness_db: Of each bar, from -30 to 0, see `arrangement.fullness_db`.
        low_db: Level of each bar's lowest band below its loud level.
        density: Onset strength of each bar, 1 the song's busy level.
        has_beat: Whether the lines are bars that were heard.
        begin_s: Where the first sound is.
    """

    def __init__(self, analysis: Analysis) -> None:
        rate_hz = analysis.frame_rate_hz
        starts_s = analysis.beats.bar_times_s
        self.lines_s = np.append(starts_s, analysis.duration_s)
        self.has_beat = analysis.beats.tempo_bpm > 0
        bands = arrangement.means_between(
            analysis.bands, starts_s, frame_rate_hz=rate_hz
        )
        onsets = arrangement.means_between(
            analysis.onsets, starts_s, frame_rate_hz=rate_hz
        )
        self.fullness_db = arrangement.fullness_db(bands)
        self.low_db = arrangement.below_loud_db(bands[:, 0])
        self.density = onsets / max(float(np.quantile(onsets, 0.9)), 1e-9)
        loud = analysis.power > analysis.power.mean() * 10 ** (_QUIET_DB / 10)
        begin_s = float(loud.argmax()) / rate_hz
        self.begin_s = begin_s if begin_s > 0.5 else 0.0
        self.end_s = analysis.duration_s

    def line_at_or_before(self, time_s: float, *, after_s: float) -> float:
        """Returns the last bar line in (after_s, time_s]; time_s if there is none."""
        inside = self.lines_s[(self.lines_s > after_s) & (self.lines_s <= time_s)]
        return float(inside[-1]) if len(inside) else time_s


def _find(bars: _Bars, part: Part, seed: int) -> Excerpt:
    match part:
        case Part.WHOLE:
            return Excerpt(
                part=part, start_s=0.0, end_s=bars.end_s, why="the whole song"
            )
        case Part.BAR:
            return _bar(bars, seed)
        case Part.INTRO:
            return _intro(bars)
        case Part.DROP:
            return _drop(bars)


def _bar(bars: _Bars, seed: int) -> Excerpt:
    starts_s, ends_s = bars.lines_s[:-1], bars.lines_s[1:]
    # The last bar may be cut off by the song's end, the first may be silent.
    usual_s = np.median(ends_s - starts_s)
    whole = np.flatnonzero(
        (ends_s - starts_s > 0.7 * usual_s) & (ends_s > bars.begin_s)
    )
    chosen = int(np.random.default_rng(seed).choice(whole))
    unit = "bar" if bars.has_beat else "stretch of two seconds"
    return Excerpt(
        part=Part.BAR,
        start_s=float(starts_s[chosen]),
        end_s=float(ends_s[chosen]),
        why=f"{unit} {chosen + 1} of {len(starts_s)}, by the seed",
    )


def _intro(bars: _Bars) -> Excerpt:
    begin_s = bars.begin_s
    step_db = arrangement.steps_up(bars.fullness_db, reach=_REACH_BARS)
    line_s = bars.lines_s[:-1]
    candidates = np.flatnonzero(
        (step_db >= _STEP_DB)
        & _is_peak(step_db, 2)
        & (line_s >= begin_s + MIN_INTRO_S)
        & (line_s <= begin_s + MAX_INTRO_S)
        & (line_s <= bars.end_s - MIN_INTRO_S)
    )
    if len(candidates):
        first = int(candidates[0])
        end_s = float(line_s[first])
        why = f"until the arrangement steps up by {step_db[first]:.0f} dB"
    else:
        latest_s = min(begin_s + USUAL_INTRO_S, bars.end_s)
        end_s = bars.line_at_or_before(latest_s, after_s=begin_s + MIN_INTRO_S)
        why = f"no clear step up: the first {end_s - begin_s:.0f} s"
    return Excerpt(part=Part.INTRO, start_s=begin_s, end_s=end_s, why=why)


def _drop(bars: _Bars) -> Excerpt:
    if not bars.has_beat:
        return _fullest(bars, "no beat, hence no drop")
    low_rise_db = arrangement.steps_up(bars.low_db, reach=_REACH_BARS)
    density_rise = arrangement.steps_up(bars.density, reach=_REACH_BARS)
    after_db = bars.low_db + 0.0
    for bar in range(len(after_db)):
        after_db[bar] = bars.low_db[bar : bar + _REACH_BARS].mean()
    line_s = bars.lines_s[:-1]
    possible = (
        (low_rise_db >= _DROP_LOW_RISE_DB)
        & (density_rise >= _DROP_DENSITY_RISE)
        & (after_db >= _DROP_LOW_FLOOR_DB)
        & (line_s <= bars.end_s - min(MIN_INTRO_S, 0.25 * bars.end_s))
        & (np.arange(len(line_s)) >= 2)
    )
    strength = np.where(possible, low_rise_db / 10.0 + density_rise, 0.0)
    peaks = possible & _is_peak(strength, 2)
    if not peaks.any():
        return _fullest(bars, "no drop found")
    good = np.flatnonzero(peaks & (strength >= _AS_GOOD * strength.max()))
    drop = int(good[0])
    return Excerpt(
        part=Part.DROP,
        start_s=float(line_s[drop]),
        end_s=_end_of_passage_s(bars, drop),
        why=(
            f"the low band rises by {low_rise_db[drop]:.0f} dB and onsets by "
            f"{100 * density_rise[drop]:.0f} % of the song's busiest"
        ),
    )


def _end_of_passage_s(bars: _Bars, first: int) -> float:
    """Returns where a full passage thins out again, 15 to 30 s after it began."""
    start_s = float(bars.lines_s[first])
    step_db = arrangement.steps_up(bars.fullness_db, reach=_REACH_BARS)
    for bar in range(first + 1, len(step_db)):
        line_s = float(bars.lines_s[bar])
        if line_s > start_s + MAX_DROP_S:
            break
        if line_s >= start_s + MIN_DROP_S and step_db[bar] <= -_STEP_DB:
            return line_s
    latest_s = min(start_s + MAX_DROP_S, bars.end_s)
    return bars.line_at_or_before(latest_s, after_s=start_s + MIN_DROP_S)


def _fullest(bars: _Bars, reason: str) -> Excerpt:
    """Returns the fullest passage of 15 to 30 s, and why it stands for the drop."""
    starts_s = bars.lines_s[:-1]
    usual_s = float(np.median(np.diff(bars.lines_s)))
    count = int(
        np.clip(round(0.5 * (MIN_DROP_S + MAX_DROP_S) / usual_s), 1, len(starts_s))
    )
    fullness = bars.fullness_db + 10.0 * np.minimum(bars.density, 1.0)
    running = np.cumsum(np.insert(fullness, 0, 0.0))
    first = int((running[count:] - running[:-count]).argmax())
    return Excerpt(
        part=Part.DROP,
        start_s=float(starts_s[first]),
        end_s=float(bars.lines_s[first + count]),
        why=f"{reason}: the fullest passage",
    )


def _is_peak(values: Float[np.ndarray, " lines"], reach: int) -> np.ndarray:
    """Returns where a value is the largest among its neighbours within `reach`."""
    padded = np.pad(values, reach, constant_values=-np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return values >= around.max(axis=1)
