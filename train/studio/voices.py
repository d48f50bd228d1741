"""What parts are rendered with: a program of a soundfont, or plain synthesis."""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where a voice's sound comes from."""

    SOUNDFONT = "soundfont"
    KIT = "soundfont's drums"
    SYNTH = "synthesis"
    MACHINE = "synthesised drums"


@dataclass(frozen=True)
class Voice:
    """How a part is rendered.

    Attributes:
        source: By what.
        program: Of General MIDI, from 0; of a kit, its program on the drums' channel.
        level_db: Beside the other parts.
        reverb: How much of it, 0 to 1.
    """

    source: Source
    program: int = 0
    level_db: float = 0.0
    reverb: float = 0.15


def _font(program: int, level_db: float = 0.0, reverb: float = 0.15) -> Voice:
    return Voice(Source.SOUNDFONT, program, level_db, reverb)


def _synth(level_db: float = 0.0, reverb: float = 0.15) -> Voice:
    return Voice(Source.SYNTH, level_db=level_db, reverb=reverb)


VOICES: dict[str, Voice] = {
    "standard kit": Voice(Source.KIT, 0, 2.0, 0.1),
    "brush kit": Voice(Source.KIT, 40, 0.0, 0.15),
    "hiphop kit": Voice(Source.KIT, 16, 2.0, 0.05),
    "electronic kit": Voice(Source.MACHINE, level_db=2.0, reverb=0.06),
    "sub bass": _synth(0.0, 0.0),
    "saw bass": _synth(-1.0, 0.02),
    "wobble bass": _synth(0.0, 0.05),
    "supersaw": _synth(-4.0, 0.3),
    "warm pad": _synth(-8.0, 0.4),
    "glass pad": _synth(-7.0, 0.45),
    "pluck": _synth(-5.0, 0.25),
    "square lead": _synth(-6.0, 0.2),
    "saw lead": _synth(-5.0, 0.25),
    "grand piano": _font(0, -3.0, 0.2),
    "electric piano": _font(4, -4.0, 0.2),
    "vibraphone": _font(11, -4.0, 0.3),
    "marimba": _font(12, -4.0, 0.2),
    "drawbar organ": _font(16, -8.0, 0.15),
    "accordion": _font(21, -6.0),
    "harmonica": _font(22, -6.0),
    "nylon guitar": _font(24, -3.0),
    "steel guitar": _font(25, -3.0),
    "clean guitar": _font(27, -5.0),
    "overdriven guitar": _font(29, -7.0),
    "distorted guitar": _font(30, -8.0),
    "upright bass": _font(32, 0.0, 0.05),
    "fingered bass": _font(33, 0.0, 0.03),
    "picked bass": _font(34, -1.0, 0.03),
    "slap bass": _font(36, -1.0, 0.03),
    "violin": _font(40, -5.0, 0.3),
    "cello": _font(42, -4.0, 0.3),
    "harp": _font(46, -3.0, 0.3),
    "timpani": _font(47, -1.0, 0.3),
    "strings": _font(48, -7.0, 0.35),
    "choir": _font(52, -7.0, 0.4),
    "trumpet": _font(56, -5.0, 0.2),
    "trombone": _font(57, -5.0, 0.2),
    "brass section": _font(61, -6.0, 0.2),
    "tenor sax": _font(66, -5.0, 0.2),
    "clarinet": _font(71, -5.0, 0.25),
    "flute": _font(73, -4.0, 0.25),
    "banjo": _font(105, -4.0),
}
