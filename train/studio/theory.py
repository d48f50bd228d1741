"""Scales and chords, as far as popular music needs them."""

import re

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
}
"""Steps above the tonic, in semitones."""

MODES = {name: "minor" if 3 in steps else "major" for name, steps in SCALES.items()}
"""What a listener calls a key of that scale."""

_NUMERALS = {"I": 0, "II": 1, "III": 2, "IV": 3, "V": 4, "VI": 5, "VII": 6}
_CHORD = re.compile(r"(b?)(VII|VI|IV|V|III|II|I)(.*)")

# Chords that are not simply every other note of the scale.
_QUALITIES = {
    "5": (0, 7, 12),
    "sus": (0, 5, 7),
    "dom": (0, 4, 7, 10),
    "dom9": (0, 4, 7, 10, 14),
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "min7": (0, 3, 7, 10),
    "dim": (0, 3, 6),
}
_STACKED = {"": 3, "7": 4, "9": 5}


def chord(symbol: str, scale: str) -> tuple[int, ...]:
    """Returns a chord's notes in semitones above the tonic, root first.

    Args:
        symbol: A Roman numeral, the degree of the scale that is the root; lowered by a
            semitone after "b". Behind it "" (triad of the scale), "7", "9" (with more
            thirds of the scale), or a quality of its own: "5", "sus", "dom", "dom9",
            "maj", "min", "min7", "dim".
        scale: A name of `SCALES`.

    Raises:
        ValueError: The symbol is none.
    """
    found = _CHORD.fullmatch(symbol)
    if not found or found[3] not in {*_QUALITIES, *_STACKED}:
        raise ValueError(f"{symbol!r} is no chord")
    flat, numeral, quality = found.groups()
    degree = _NUMERALS[numeral]
    if quality in _STACKED:
        notes = [step(degree + 2 * third, scale) for third in range(_STACKED[quality])]
    else:
        notes = [step(degree, scale) + interval for interval in _QUALITIES[quality]]
    return tuple(note - len(flat) for note in notes)


def step(degree: int, scale: str) -> int:
    """Returns a degree of a scale in semitones above the tonic, in any octave."""
    octave, within = divmod(degree, 7)
    return 12 * octave + SCALES[scale][within]


def near(pitch_classes: tuple[int, ...], centre: int) -> list[int]:
    """Returns the octaves of each that lie nearest to a pitch, low to high."""
    return sorted(pc + 12 * round((centre - pc) / 12) for pc in pitch_classes)
