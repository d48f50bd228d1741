"""Excerpts that stand for a song: its intro, its drop, one bar, or all of it.

A whole song is much to listen to and one random bar is too little; the opening and the
drop together tell what it is. All excerpts begin and end on bar lines, where there are
any to be found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from jaxsoundart.sound import arrangement, beats
from jaxsoundart.sound.analysis import Analysis
from jaxsoundart.sound.waveform import Excerpt, Part

MIN_INTRO_S, USUAL_INTRO_S, MAX_INTRO_S = 5.0, 15.0, 30.0
MIN_DROP_S, MAX_DROP_S = 15.0, 30.0

# Sections are told apart over four bars, the unit that most music is built of.
_REACH_BARS = 4
_STEP_DB = 3.0

# From where on a drop is likelier than none, as a logit.
_DROP_LOGIT = 0.0
# Of several drops nearly as sure, the first is the one people know.
_AS_SURE = 2.0
_LOW_RISE_DB = 4.0
_LOW_FLOOR_DB = -4.0
_DENSITY_RISE = 0.1
# Of several rises nearly as strong, too.
_AS_GOOD = 0.9
# A bar's line and the drop that begins it are heard at most so far apart.
_DROP_REACH_S = 0.1

# Before the first sound within 50 dB of the song's level there is only a lead-in.
_LEAD_IN_DB = -50.0
_PAUSE_DB = -40.0
_MIN_LEAD_IN_S = 0.5


@dataclass(frozen=True, kw_only=True)
class _Bars:
    """A song's bars, each with how full, how low and how busy it is.

    Attributes:
        lines_s: Where the bars begin and, last, where the song ends.
        usual_s: How long a bar usually is.
        has_beat: Whether the lines are bars that were heard, or an even grid.
        begin_s: Where the first sound is.
        is_audible: Whether each bar is more than a pause.
        fullness_db: Of each bar, from -30 to 0, see `arrangement.fullness_db`.
        low_db: Of each bar, the lowest band below its loud level, from -30 to 0.
        density: Onset strength of each bar, 1 in the song's busy bars.
        drop_logit: How surely a drop begins with each bar.
    """

    lines_s: Float[np.ndarray, " lines"]
    usual_s: float
    has_beat: bool
    begin_s: float
    is_audible: Bool[np.ndarray, " bars"]
    fullness_db: Float[np.ndarray, " bars"]
    low_db: Float[np.ndarray, " bars"]
    density: Float[np.ndarray, " bars"]
    drop_logit: Float[np.ndarray, " bars"]

    @property
    def starts_s(self) -> Float[np.ndarray, " bars"]:
        return self.lines_s[:-1]

    @property
    def end_s(self) -> float:
        return float(self.lines_s[-1])

    def last_line_s(self, *, after_s: float, until_s: float) -> float:
        """Returns the last line in (after_s, until_s]; `until_s` if there is none."""
        inside = (self.lines_s > after_s) & (self.lines_s <= until_s)
        return float(self.lines_s[inside][-1]) if inside.any() else until_s


def _bars_of(analysis: Analysis) -> _Bars:
    rate_hz, starts_s = analysis.frame_rate_hz, analysis.beats.bar_times_s
    octaves = arrangement.means_between(
        analysis.octaves, starts_s, frame_rate_hz=rate_hz
    )
    onsets = arrangement.means_between(analysis.onsets, starts_s, frame_rate_hz=rate_hz)
    level = analysis.power.mean(dtype=np.float64)
    heard = analysis.power > level * 10 ** (_LEAD_IN_DB / 10)
    loud_share = arrangement.means_between(
        (analysis.power > level * 10 ** (_PAUSE_DB / 10)).astype(np.float32),
        starts_s,
        frame_rate_hz=rate_hz,
    )
    begin_s = float(heard.argmax()) / rate_hz
    if not _MIN_LEAD_IN_S < begin_s < analysis.duration_s - _MIN_LEAD_IN_S:
        begin_s = 0.0
    return _Bars(
        lines_s=np.append(starts_s, analysis.duration_s),
        usual_s=analysis.beats.usual_bar_s,
        has_beat=analysis.beats.tempo_bpm > 0,
        begin_s=begin_s,
        is_audible=loud_share > 0.5,
        fullness_db=arrangement.fullness_db(octaves),
        low_db=arrangement.below_loud_db(octaves[:, 0]),
        density=onsets / max(float(np.quantile(onsets, 0.9)), 1e-9),
        drop_logit=_at(analysis.drops, starts_s, rate_hz),
    )


def _at(
    curve: Float[np.ndarray, " frames"],
    times_s: Float[np.ndarray, " times"],
    frame_rate_hz: float,
) -> Float[np.ndarray, " times"]:
    """Returns the largest value of a curve near each time."""
    near = beats.largest_near(curve, round(_DROP_REACH_S * frame_rate_hz))
    frames = np.round(times_s * frame_rate_hz).astype(int)
    return near[np.clip(frames, 0, len(curve) - 1)]


def find_excerpts(
    analysis: Analysis, parts: Sequence[Part], *, seed: int
) -> tuple[Excerpt, ...]:
    """Returns one excerpt for each part asked for, in that order.

    Args:
        analysis: Of the whole song.
        parts: Which stretches.
        seed: Chooses the bar of `Part.BAR`; the others do not depend on it.
    """
    bars = _bars_of(analysis)
    return tuple(_find(bars, part, seed) for part in parts)


def find_drop_s(analysis: Analysis) -> float | None:
    """Returns where the drop begins; None where the song has none, or no beat."""
    bars = _bars_of(analysis)
    if not bars.has_beat or bars.end_s <= MIN_DROP_S:
        return None
    drop = _surest_drop(bars)
    return None if drop is None else float(bars.starts_s[drop])


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
    starts_s, ends_s = bars.starts_s, bars.lines_s[1:]
    # The last may be cut off by the song's end.
    is_whole = ends_s - starts_s > 0.7 * bars.usual_s
    choice = np.flatnonzero(is_whole & bars.is_audible)
    if not len(choice):
        return Excerpt(
            part=Part.BAR, start_s=0.0, end_s=bars.end_s, why="no whole bar: all of it"
        )
    chosen = int(np.random.default_rng(seed).choice(choice))
    unit = "bar" if bars.has_beat else "no beat, hence no bars: stretch"
    return Excerpt(
        part=Part.BAR,
        start_s=float(starts_s[chosen]),
        end_s=float(ends_s[chosen]),
        why=f"{unit} {chosen + 1} of {len(starts_s)}, by the seed",
    )


def _intro(bars: _Bars) -> Excerpt:
    begin_s = bars.begin_s
    step_db = arrangement.steps_up(bars.fullness_db, reach=_REACH_BARS)
    line_s = bars.starts_s
    candidates = np.flatnonzero(
        (step_db >= _STEP_DB)
        & arrangement.is_peak(step_db, reach=2)
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
        end_s = bars.last_line_s(after_s=begin_s + MIN_INTRO_S, until_s=latest_s)
        why = f"no clear step up: the first {end_s - begin_s:.0f} s"
    return Excerpt(part=Part.INTRO, start_s=begin_s, end_s=end_s, why=why)


def _drop(bars: _Bars) -> Excerpt:
    if bars.end_s <= MIN_DROP_S:
        why = f"shorter than {MIN_DROP_S:.0f} s: all of it"
        return Excerpt(part=Part.DROP, start_s=0.0, end_s=bars.end_s, why=why)
    if not bars.has_beat:
        return _fullest(bars, "no beat, hence no drop")
    drop = _surest_drop(bars)
    if drop is not None:
        why = f"heard as a drop, {_probability(float(bars.drop_logit[drop])):.2f}"
        return _passage(bars, drop, why)
    rise = _strongest_rise(bars)
    if rise is not None:
        return _passage(bars, rise.bar, f"no drop heard: {rise.said}")
    return _fullest(bars, "no drop heard")


def _surest_drop(bars: _Bars) -> int | None:
    """Returns the bar in which the song drops; None where it nowhere does."""
    late = bars.starts_s > bars.end_s - MIN_INTRO_S
    logit = np.where(late, -np.inf, bars.drop_logit)
    if not len(logit) or logit.max() < _DROP_LOGIT:
        return None
    return int(np.flatnonzero(logit >= max(_DROP_LOGIT, logit.max() - _AS_SURE))[0])


@dataclass(frozen=True)
class _Rise:
    """How much fuller a song is from a bar on: its lowest band, and its onsets."""

    bar: int
    low_db: float
    density: float

    @property
    def said(self) -> str:
        return (
            f"the low band rises by {self.low_db:.0f} dB and onsets by "
            f"{100 * self.density:.0f} % of the song's busiest"
        )


def _strongest_rise(bars: _Bars) -> _Rise | None:
    """Returns where a song fills up as it would at a drop; None where it nowhere does.

    The network knows drops as clubs have them, after a build; songs that fill up
    without one have a beginning, too.
    """
    low_rise_db = arrangement.steps_up(bars.low_db, reach=_REACH_BARS)
    density_rise = arrangement.steps_up(bars.density, reach=_REACH_BARS)
    low_after_db = arrangement.mean_ahead(bars.low_db, reach=_REACH_BARS)
    full_after_db = arrangement.mean_ahead(bars.fullness_db, reach=_REACH_BARS)
    rises = (
        (low_rise_db >= _LOW_RISE_DB)
        & (density_rise >= _DENSITY_RISE)
        & (low_after_db >= _LOW_FLOOR_DB)
        & (bars.starts_s <= bars.end_s - MIN_INTRO_S)
        & arrangement.is_peak(low_rise_db / 10.0 + density_rise, reach=2)
    )
    if not rises.any():
        return None
    # A rise of more than 12 dB is from nothing, however quiet that nothing was.
    strength = np.minimum(low_rise_db, 12.0) / 12.0 + np.minimum(density_rise, 0.5)
    strength = np.where(rises, strength * 10 ** (full_after_db / 10.0), 0.0)
    bar = int(np.flatnonzero(strength >= _AS_GOOD * strength.max())[0])
    return _Rise(bar, float(low_rise_db[bar]), float(density_rise[bar]))


def _passage(bars: _Bars, first: int, why: str) -> Excerpt:
    return Excerpt(
        part=Part.DROP,
        start_s=float(bars.starts_s[first]),
        end_s=_end_of_passage_s(bars, first),
        why=why,
    )


def _probability(logit: float) -> float:
    return float(1.0 / (1.0 + np.exp(-logit)))


def _end_of_passage_s(bars: _Bars, first: int) -> float:
    """Returns where a full passage thins out again, 15 to 30 s after it began."""
    start_s = float(bars.lines_s[first])
    step_db = arrangement.steps_up(bars.fullness_db, reach=_REACH_BARS)
    thins_out = (step_db <= -_STEP_DB) & arrangement.is_peak(-step_db, reach=2)
    thins_out &= bars.starts_s >= start_s + MIN_DROP_S
    thins_out &= bars.starts_s <= start_s + MAX_DROP_S
    if thins_out.any():
        return float(bars.starts_s[thins_out][0])
    latest_s = min(start_s + MAX_DROP_S, bars.end_s)
    return bars.last_line_s(after_s=start_s + MIN_DROP_S, until_s=latest_s)


def _fullest(bars: _Bars, reason: str) -> Excerpt:
    """Returns the fullest passage of 15 to 30 s, and why it stands for the drop."""
    starts_s = bars.starts_s
    wanted = round(0.5 * (MIN_DROP_S + MAX_DROP_S) / bars.usual_s)
    count = min(max(wanted, 1), len(starts_s))
    fullness = bars.fullness_db + 10.0 * np.minimum(bars.density, 1.0)
    running = np.cumsum(np.insert(fullness, 0, 0.0))
    first = int((running[count:] - running[:-count]).argmax())
    return Excerpt(
        part=Part.DROP,
        start_s=float(starts_s[first]),
        end_s=float(bars.lines_s[first + count]),
        why=f"{reason}: the fullest passage",
    )
