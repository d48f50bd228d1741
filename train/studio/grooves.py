"""Drum patterns, bar by bar: sixteen steps for every drum.

`X` is struck hard, `x` as usual, `o` softly, `?` in every other bar or so, `.` not.
"""

from collections.abc import Mapping

import numpy as np

from train.studio.score import BEATS_PER_BAR, STEP_BEATS, Note

KICK, SNARE, CLAP, RIM, HAT, OPEN_HAT, PEDAL_HAT = 36, 38, 39, 37, 42, 46, 44
RIDE, CRASH, LOW_TOM, MID_TOM, HIGH_TOM = 51, 49, 45, 47, 50
TAMBOURINE, COWBELL, SHAKER, LOW_CONGA, HIGH_CONGA, CLAVES = 54, 56, 70, 64, 63, 75

_VELOCITIES = {"X": 0.95, "x": 0.75, "o": 0.4}

Groove = Mapping[int, str]

FOUR = {KICK: "X...X...X...X..."}

GROOVES: dict[str, tuple[Groove, ...]] = {
    "house": (
        FOUR
        | {
            CLAP: "....X.......X...",
            OPEN_HAT: "..x...x...x...x.",
            HAT: "o..oo..oo..oo..o",
        },
        FOUR
        | {
            CLAP: "....X.......X..?",
            OPEN_HAT: "..X...X...X...X.",
            SHAKER: "oxoxoxoxoxoxoxox",
        },
    ),
    "techno": (
        FOUR
        | {HAT: "..X...X...X...X.", RIM: "...x..?...x..x..", CLAP: "............x..."},
        FOUR
        | {
            HAT: "xxxxxxxxxxxxxxxx",
            LOW_TOM: "...o..o...?..o..",
            RIDE: "..x...x...x...x.",
        },
    ),
    "trance": (
        FOUR
        | {
            CLAP: "....X.......X...",
            OPEN_HAT: "..X...X...X...X.",
            HAT: "oxoxoxoxoxoxoxox",
        },
        FOUR
        | {
            SNARE: "....x.......x...",
            OPEN_HAT: "..X...X...X...X.",
            RIDE: "x...x...x...x...",
        },
    ),
    "breakbeat": (
        {KICK: "X.........X.....", SNARE: "....X..o.o..X...", HAT: "x.x.x.x.x.x.x.x."},
        {KICK: "X.X.......XX....", SNARE: "....X..o.o..X..o", RIDE: "x.x.x.x.x.x.x.x."},
    ),
    "half time": (
        {KICK: "X.........?...x.", SNARE: "........X.......", HAT: "x...x...x...x..x"},
        {KICK: "X..x......x.....", SNARE: "........X.......", HAT: "x.ox..x.x.ox..xo"},
    ),
    "trap": (
        {KICK: "X.....x...x.....", CLAP: "........X.......", HAT: "x.x.x.xxx.x.xxxx"},
        {KICK: "X..x......x..x..", CLAP: "........X.......", HAT: "x.xxx.x.xxx.x.x."},
    ),
    "boom bap": (
        {KICK: "X.....x.x.x.....", SNARE: "....X.......X...", HAT: "x.x.x.x.x.x.x.xo"},
        {KICK: "X..x...x..x.....", SNARE: "....X.......X..o", HAT: "x.xox.x.x.xox.x."},
    ),
    "lazy": (
        {KICK: "X......o.x......", SNARE: "....x.......x...", HAT: "o.x.o.x.o.x.o.x."},
        {KICK: "X.....o...x.....", RIM: "....x.......x..?", SHAKER: "o.o.o.o.o.o.o.o."},
    ),
    "gated": (
        FOUR | {SNARE: "....X.......X...", HAT: "x.x.x.x.x.x.x.x."},
        {KICK: "X.....x.X.......", SNARE: "....X.......X...", HAT: "xoxoxoxoxoxoxoxo"},
    ),
    "rock": (
        {KICK: "X.......X.x.....", SNARE: "....X.......X...", HAT: "x.x.x.x.x.x.x.x."},
        {KICK: "X.x.....X.....x.", SNARE: "....X.......X...", RIDE: "x.x.x.x.x.x.x.x."},
    ),
    "punk": (
        {KICK: "X...X...X...X...", SNARE: "..X...X...X...X.", HAT: "x.x.x.x.x.x.x.x."},
        {
            KICK: "X..X....X..X....",
            SNARE: "....X.......X...",
            CRASH: "x...x...x...x...",
        },
    ),
    "metal": (
        {KICK: "XxxxXxxxXxxxXxxx", SNARE: "....X.......X...", RIDE: "x...x...x...x..."},
        {
            KICK: "X.xxX.xxX.xxX.xx",
            SNARE: "........X.......",
            CRASH: "x...x...x...x...",
        },
    ),
    "swing": (
        {
            RIDE: "X...x.x.X...x.x.",
            PEDAL_HAT: "....x.......x...",
            SNARE: "..?....?......?.",
        },
        {
            RIDE: "X...x.x.X...x.x.",
            PEDAL_HAT: "....x.......x...",
            KICK: "o...o...o...o...",
        },
    ),
    "shuffle": (
        {KICK: "X.......X.....?.", SNARE: "....X.......X...", RIDE: "x.x.x.x.x.x.x.x."},
        {KICK: "X.....x.X.......", SNARE: "....X.......X...", HAT: "x.x.x.x.x.x.x.x."},
    ),
    "funk": (
        {KICK: "X..x..x...x..x..", SNARE: "....X..o.o..X..o", HAT: "xoxoxoxoxoxoxoxo"},
        {KICK: "X.x....x..x.....", SNARE: "....X.oo.o.oX...", HAT: "x.xox.xox.xox.xo"},
    ),
    "disco": (
        FOUR
        | {
            SNARE: "....X.......X...",
            OPEN_HAT: "..X...X...X...X.",
            TAMBOURINE: "oxoxoxoxoxoxoxox",
        },
        FOUR
        | {
            CLAP: "....X.......X...",
            OPEN_HAT: "..X...X...X...X.",
            COWBELL: "x..x..x.x..x..x.",
        },
    ),
    "one drop": (
        {KICK: "........X.......", RIM: "........X.......", HAT: "x.x.x.x.x.x.x.xo"},
        {KICK: "X.......X.......", RIM: "........X...?...", HAT: "x.xox.xox.xox.xo"},
    ),
    "clave": (
        {
            CLAVES: "x..x..x...x.x...",
            LOW_CONGA: "..x.......xx....",
            HIGH_CONGA: "....x.......x.xx",
        },
        {
            KICK: "X...X...X...X...",
            SNARE: "...x..x....x..x.",
            SHAKER: "oxoxoxoxoxoxoxox",
        },
    ),
    "train": (
        {KICK: "X...x...X...x...", SNARE: "ooXoooXoooXoooXo"},
        {
            KICK: "X.......X.......",
            SNARE: "....X.......X...",
            TAMBOURINE: "..x...x...x...x.",
        },
    ),
    "soul": (
        {
            KICK: "X.....x.x.......",
            SNARE: "....X.......X...",
            TAMBOURINE: "..x...x...x...x.",
        },
        {KICK: "X..x....x..x....", SNARE: "....X.......X...", HAT: "x.x.x.x.x.x.x.x."},
    ),
    "pop": (
        {KICK: "X..x....x..x....", CLAP: "....X.......X...", HAT: "x.x.x.x.x.x.x.x."},
        FOUR | {SNARE: "....X.......X...", HAT: "x.xxx.xxx.xxx.xx"},
    ),
    "shaken": (
        {SHAKER: "xoxoxoxoxoxoxoxo"},
        {TAMBOURINE: "..x...x...x...x.", KICK: "o.......o......."},
    ),
}


def bar(
    generator: np.random.Generator, groove: Groove, first_beat: float
) -> list[Note]:
    """Returns one bar of a groove."""
    notes = []
    for drum, steps in groove.items():
        for step, sign in enumerate(steps):
            if sign == "?" and generator.random() < 0.5:
                sign = "x"
            if sign in _VELOCITIES:
                velocity = _VELOCITIES[sign] * generator.uniform(0.9, 1.05)
                notes.append(stroke(drum, first_beat + step * STEP_BEATS, velocity))
    return notes


def fill(generator: np.random.Generator, first_beat: float) -> list[Note]:
    """Returns the second half of a bar, filled with toms and snare."""
    drums = generator.choice((SNARE, HIGH_TOM, MID_TOM, LOW_TOM), 8)
    struck = generator.random(8) < 0.8
    return [
        stroke(int(drum), first_beat + 2 + step * STEP_BEATS, 0.6 + 0.05 * step)
        for step, (drum, here) in enumerate(zip(drums, struck, strict=True))
        if here
    ]


def roll(first_beat: float, bars: int) -> list[Note]:
    """Returns a snare that comes ever faster and louder, and stops a beat early."""
    notes, beat, length = [], 0.0, bars * BEATS_PER_BAR
    while beat < length - 1:
        done = beat / length
        notes.append(stroke(SNARE, first_beat + beat, 0.35 + 0.6 * done))
        beat += 1.0 if done < 0.5 else 0.5 if done < 0.75 else 0.25
    return notes


def stroke(drum: int, start_beats: float, velocity: float) -> Note:
    """Returns one stroke; drums ring as long as they ring."""
    return Note(start_beats, STEP_BEATS, drum, float(min(velocity, 1.0)))
