"""How instruments play over chords: held, in chords, broken, as bass, as a melody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from train.studio.score import BEATS_PER_BAR, STEP_BEATS, STEPS_PER_BAR, Note
from train.studio.theory import SCALES, near


@dataclass(frozen=True)
class Bar:
    """What a player is told of a bar.

    Attributes:
        first_beat: Where it begins.
        chord: Semitones above the tonic, root first.
        tonic: Pitch class of the key.
        scale: Name of the scale.
        octave: Of the middle of what is played.
    """

    first_beat: float
    chord: tuple[int, ...]
    tonic: int
    scale: str
    octave: int

    @property
    def centre(self) -> int:
        """The MIDI number to stay near."""
        return 12 * (self.octave + 1) + 6

    @property
    def root(self) -> int:
        """The chord's root near the middle."""
        return near((self.tonic + self.chord[0],), self.centre)[0]


Way = Callable[[np.random.Generator, Bar, str], list[Note]]


def spans(rhythm: str) -> list[tuple[float, float]]:
    """Returns the beginning and length, in beats, of every note of a rhythm."""
    found = []
    for step, sign in enumerate(rhythm):
        if sign == "x":
            held = len(rhythm[step + 1 :]) - len(rhythm[step + 1 :].lstrip("-"))
            found.append((step * STEP_BEATS, (1 + held) * STEP_BEATS))
    return found


def _strike(
    generator: np.random.Generator, pitches: Sequence[int], start: float, length: float
) -> list[Note]:
    """Returns notes that begin together, not quite equally hard."""
    accent = 0.1 if start % 1.0 == 0.0 else 0.0
    velocity = generator.uniform(0.55, 0.75) + accent
    return [Note(start, 0.95 * length, int(pitch), velocity) for pitch in pitches]


def chords(generator: np.random.Generator, bar: Bar, rhythm: str) -> list[Note]:
    """Returns the whole chord on every note of the rhythm."""
    pitches = near(tuple(bar.tonic + note for note in bar.chord), bar.centre)
    return [
        note
        for start, length in spans(rhythm)
        for note in _strike(generator, pitches, bar.first_beat + start, length)
    ]


def arpeggio(generator: np.random.Generator, bar: Bar, rhythm: str) -> list[Note]:
    """Returns the chord's notes one after the other, up and down."""
    low = near(tuple(bar.tonic + note for note in bar.chord), bar.centre)
    turn = [*low, low[0] + 12, *reversed(low[1:])]
    return [
        note
        for place, (start, length) in enumerate(spans(rhythm))
        for note in _strike(
            generator, [turn[place % len(turn)]], bar.first_beat + start, length
        )
    ]


def bass(generator: np.random.Generator, bar: Bar, rhythm: str) -> list[Note]:
    """Returns the root, now and then its fifth or octave."""
    steps = generator.choice((0, 0, 0, 0, 7, 12), STEPS_PER_BAR)
    return [
        note
        for place, (start, length) in enumerate(spans(rhythm))
        for note in _strike(
            generator,
            [bar.root + (int(steps[place]) if place else 0)],
            bar.first_beat + start,
            length,
        )
    ]


def walking(generator: np.random.Generator, bar: Bar, rhythm: str) -> list[Note]:
    """Returns a bass line from the root through the scale."""
    steps = SCALES[bar.scale]
    line = [bar.root]
    places = spans(rhythm)
    for _ in places[1:]:
        near_by = [p for p in range(line[-1] - 4, line[-1] + 5) if p != line[-1]]
        fitting = [p for p in near_by if (p - bar.tonic) % 12 in steps]
        line.append(int(generator.choice(fitting)))
    return [
        note
        for pitch, (start, length) in zip(line, places, strict=True)
        for note in _strike(generator, [pitch], bar.first_beat + start, length)
    ]


def drone(generator: np.random.Generator, bar: Bar, rhythm: str) -> list[Note]:
    """Returns tonic and fifth, whatever the chord."""
    pitches = near((bar.tonic, bar.tonic + 7), bar.centre)
    return _strike(generator, pitches, bar.first_beat, BEATS_PER_BAR)


def melody(generator: np.random.Generator, bar: Bar, rhythm: str) -> list[Note]:
    """Returns a tune: chord notes on beats, steps of the scale between."""
    steps = SCALES[bar.scale]
    told = {(bar.tonic + note) % 12 for note in bar.chord}
    pitch = bar.centre + int(generator.integers(-3, 4))
    notes = []
    for start, length in spans(rhythm):
        around = range(pitch - 5, pitch + 6)
        fitting = [
            p
            for p in around
            if (p % 12 in told if start % 1.0 == 0.0 else (p - bar.tonic) % 12 in steps)
        ]
        pull = np.asarray(
            [np.exp(-abs(p - pitch) / 3 - abs(p - bar.centre) / 9) for p in fitting]
        )
        pitch = int(generator.choice(fitting, p=pull / pull.sum()))
        notes += _strike(generator, [pitch], bar.first_beat + start, length)
    return notes


WAYS: dict[str, Way] = {
    "held": chords,
    "chords": chords,
    "arpeggio": arpeggio,
    "bass": bass,
    "walking": walking,
    "drone": drone,
    "melody": melody,
}
