"""A piece as it is written: notes by parts, sections by bars, times in beats."""

from dataclasses import dataclass

BEATS_PER_BAR = 4
STEPS_PER_BAR = 16
STEP_BEATS = BEATS_PER_BAR / STEPS_PER_BAR


@dataclass(frozen=True)
class Note:
    """One note, or one stroke of a drum.

    Attributes:
        start_beats: When it begins, from the beginning of the piece.
        length_beats: How long it is held.
        pitch: MIDI number; of a drum, that of General MIDI's percussion map.
        velocity: How hard, 0 to 1.
    """

    start_beats: float
    length_beats: float
    pitch: int
    velocity: float


@dataclass(frozen=True)
class Part:
    """What one instrument plays.

    Attributes:
        instrument: What a listener would call it ("piano", "drums").
        voice: What it is rendered with: a name of `voices`.
        notes: In the order of their beginnings.
    """

    instrument: str
    voice: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Section:
    """A stretch of bars with one purpose.

    Attributes:
        kind: "intro", "verse", "build", "drop", "break", "outro", …
        first_bar: Its first bar, from 0.
        bars: How many.
        energy: How full it is, 0 to 1.
    """

    kind: str
    first_bar: int
    bars: int
    energy: float


@dataclass(frozen=True)
class Piece:
    """A whole piece, and everything that is known of it.

    Attributes:
        style: What it is.
        tempo_bpm: Beats per minute; it does not change.
        tonic: Pitch class of the key, 0 is C.
        mode: "major" or "minor", as a listener would name it.
        swing: How late the second of two notes comes, as a share of a half of the
            pair, 0 to 0.33.
        swing_beats: The pair: 0.5 beats for sixteenths, 1 for eighths.
        sections: In order, without gaps.
        parts: All that sounds.
    """

    style: str
    tempo_bpm: float
    tonic: int
    mode: str
    swing: float
    swing_beats: float
    sections: tuple[Section, ...]
    parts: tuple[Part, ...]

    @property
    def bars(self) -> int:
        """Length in bars."""
        return self.sections[-1].first_bar + self.sections[-1].bars

    def seconds(self, beats: float) -> float:
        """Returns when a place of the score sounds."""
        pairs, within = divmod(beats / self.swing_beats, 1.0)
        # The first half of every pair is stretched, the second half is what is left.
        middle = 0.5 * (1.0 + self.swing)
        late = within * middle / 0.5
        if within > 0.5:
            late = middle + (within - 0.5) * (1.0 - middle) / 0.5
        return 60.0 * self.swing_beats * (pairs + late) / self.tempo_bpm

    @property
    def beats_s(self) -> tuple[float, ...]:
        """When each beat falls, in seconds."""
        return tuple(self.seconds(beat) for beat in range(self.bars * BEATS_PER_BAR))

    @property
    def drops_s(self) -> tuple[float, ...]:
        """When each drop begins, in seconds; none where the style knows none."""
        return tuple(
            self.seconds(section.first_bar * BEATS_PER_BAR)
            for section in self.sections
            if section.kind == "drop"
        )

    def instruments(self, bar: int) -> frozenset[str]:
        """Returns the instruments that sound in a bar."""
        first, last = bar * BEATS_PER_BAR, (bar + 1) * BEATS_PER_BAR
        return frozenset(
            part.instrument
            for part in self.parts
            if any(
                note.start_beats < last and note.start_beats + note.length_beats > first
                for note in part.notes
            )
        )
