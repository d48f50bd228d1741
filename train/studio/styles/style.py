"""What a style is made of: tempo, harmony, drums, who plays what, and its form."""

from dataclasses import dataclass

CLUB, SONG, BEAT, PIECE, DRIFT = "club", "song", "beat", "piece", "drift"
"""Forms; `forms.FORMS` has their sections."""


@dataclass(frozen=True)
class Role:
    """One line of the arrangement.

    Attributes:
        plays: How: a name of `playing.WAYS`.
        voices: What it may be played on, each with the name a listener would give it
            and a name of `voices.VOICES`.
        rhythms: Sixteen steps of a bar: `x` begins a note, `-` holds it, `.` rests.
        octave: Of the middle of what is played.
        enters: Energy from which on it plays.
        chance: How often a piece of the style has it at all.
    """

    plays: str
    voices: tuple[tuple[str, str], ...]
    rhythms: tuple[str, ...]
    octave: int
    enters: float = 0.0
    chance: float = 1.0


@dataclass(frozen=True)
class Style:
    """How pieces of one style are made.

    Attributes:
        tempo_bpm: Slowest and fastest.
        scales: Names of `theory.SCALES`.
        progressions: Chords, each of which lasts `bars_per_chord` bars.
        grooves: Names of `grooves.GROOVES`; none for music without drums.
        kit: Name and voice of what plays these.
        form: One of the forms.
        roles: Who else plays.
        swing: Least and most.
        swing_beats: The pair of notes that swings: 0.5 for sixteenths, 1 for eighths.
        bars_per_chord: How long a chord lasts.
    """

    tempo_bpm: tuple[float, float]
    scales: tuple[str, ...]
    progressions: tuple[tuple[str, ...], ...]
    grooves: tuple[str, ...]
    form: str
    roles: tuple[Role, ...]
    kit: tuple[str, str] = ("drums", "standard kit")
    swing: tuple[float, float] = (0.0, 0.0)
    swing_beats: float = 0.5
    bars_per_chord: int = 1
