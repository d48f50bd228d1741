r"""Packs music of the studio as records for `train.ear`: known to the bar.

    python -m train.ear.record_studio runs/records/studio --count 40 \
        --fonts FluidR3_GM.sf2 MuseScore.sf2 --test-font TimGM6mb.sf2

Pieces of every style in the parts train, valid and test; those of test have seeds and
a soundfont that no other piece has. Each is cut, every stretch with its style, its mode
and the instruments that are heard in it.
"""

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jaxsoundart.errors import SoundArtError
from train.ear.records import SAMPLE_RATE_HZ, Sound, Writer
from train.studio import augment
from train.studio.compose import compose
from train.studio.render import render
from train.studio.score import Piece
from train.studio.styles import STYLES

LENGTH_S = 6.0
_HEARD_S = 0.6
_SHARES = {"train": 1.0, "valid": 0.15, "test": 0.15}
_FIRST_SEED = {"train": 0, "valid": 1_000_000, "test": 2_000_000}


@dataclass(frozen=True)
class Task:
    """A piece to be made.

    Attributes:
        part: Of the set.
        style: Of the piece.
        seed: Of everything in it.
        font: What its sampled parts are played with.
    """

    part: str
    style: str
    seed: int
    font: Path


def tasks(count: int, fonts: list[Path], test_font: Path) -> Iterator[Task]:
    """Yields the pieces of a set, styles in turn.

    Args:
        count: Pieces of each style to learn from; the other parts have fewer.
        fonts: Soundfonts of the parts train and valid, in turn.
        test_font: Soundfont of the part test.
    """
    for part, share in _SHARES.items():
        for number in range(max(1, round(share * count))):
            font = test_font if part == "test" else fonts[number % len(fonts)]
            for style in STYLES:
                yield Task(part, style, _FIRST_SEED[part] + number, font)


def heard(piece: Piece, start_s: float, end_s: float) -> tuple[str, ...]:
    """Returns the instruments that sound long enough in a stretch to be heard.

    A stroke of a drum counts as long as it rings: a fifth of a second.
    """
    lengths: dict[str, float] = {}
    for part in piece.parts:
        for note in part.notes:
            begins = piece.seconds(note.start_beats)
            ends = piece.seconds(note.start_beats + note.length_beats)
            ends = max(ends, begins + 0.2)
            overlap = min(ends, end_s) - max(begins, start_s)
            lengths[part.instrument] = lengths.get(part.instrument, 0.0) + max(
                0.0, overlap
            )
    return tuple(sorted(name for name, s in lengths.items() if s >= _HEARD_S))


def make(task: Task) -> list[tuple[str, Sound]]:
    """Returns the stretches of a piece, with their part."""
    piece = compose(task.style, task.seed)
    sound = render(piece, task.font, seed=task.seed, rate_hz=SAMPLE_RATE_HZ)
    generator = np.random.default_rng((task.seed, len(piece.parts)))
    made = []
    for number in range(int(sound.duration_s / LENGTH_S)):
        start_s = LENGTH_S * number
        labels = {
            "style": (task.style,),
            "mode": (piece.mode,),
            "kind": ("music",),
            "instruments": heard(piece, start_s, start_s + LENGTH_S),
        }
        cut = augment.anything(generator, sound.cut(start_s, start_s + LENGTH_S))
        name = f"{task.style} {task.seed}"
        made.append((task.part, Sound.of(cut, labels, name, name)))
    return made


def main(arguments: list[str] | None = None) -> int:
    """Parses the command line and writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the records go")
    parser.add_argument("--count", type=int, default=40, help="pieces a style (40)")
    parser.add_argument("--fonts", type=Path, nargs="+", required=True)
    parser.add_argument("--test-font", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    options = parser.parse_args(arguments)
    planned = list(tasks(options.count, options.fonts, options.test_font))
    try:
        with (
            Writer(options.folder) as writer,
            ProcessPoolExecutor(options.workers) as pool,
        ):
            for number, made in enumerate(pool.map(make, planned, chunksize=2), 1):
                for part, sound in made:
                    writer.write(part, sound)
                if number % len(STYLES) == 0:
                    print(f"{number} of {len(planned)} pieces", file=sys.stderr)
    except SoundArtError as error:
        print(f"train.ear.record_studio: {error}", file=sys.stderr)
        return error.exit_code
    print(writer.summary, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
