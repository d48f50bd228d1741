"""Beats, tempo and drops of music that was composed, and is known to the note.

    python -m benchmarks.rendered --font TimGM6mb.sf2 --write
    python -m benchmarks.rendered --font TimGM6mb.sf2 --count 4 --json

Pieces of every style, from seeds that nothing was tuned on, are rendered and analysed.
Beats are judged by their F-measure within 70 ms (mir_eval, which leaves the first five
seconds out), tempo within 4 %, a drop within one beat of where it was written; a piece
without a drop is right where none is claimed.
"""

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks import figures
from jaxsoundart.errors import SoundArtError
from jaxsoundart.sound import analysis, sections
from train.studio.compose import compose
from train.studio.render import render
from train.studio.score import BEATS_PER_BAR
from train.studio.styles import STYLES

FIRST_SEED = 6_000_000
_TEMPO_SHARE = 0.04
_CLUB = "club"
_DOCUMENT = Path(__file__).parents[1] / "docs" / "beats.md"


@dataclass(frozen=True)
class Found:
    """What was found in one piece.

    Attributes:
        style: Of the piece.
        seed: Of the piece.
        tempo_bpm: As it was written.
        found_bpm: As it was found.
        beat_f: F-measure of the beats.
        bar_f: F-measure of the bars' first beats.
        drops_s: As they were written.
        drop_s: As it was found; None where none is claimed.
    """

    style: str
    seed: int
    tempo_bpm: float
    found_bpm: float
    beat_f: float
    bar_f: float
    drops_s: tuple[float, ...]
    drop_s: float | None

    @property
    def tempo_is_right(self) -> bool:
        """Whether the tempo is within 4 %."""
        return abs(self.found_bpm / self.tempo_bpm - 1.0) <= _TEMPO_SHARE

    @property
    def drop_is_right(self) -> bool:
        """Whether a drop was found within a beat, or none claimed where none is."""
        if not self.drops_s or self.drop_s is None:
            return not self.drops_s and self.drop_s is None
        beat_s = 60.0 / self.tempo_bpm
        return min(abs(self.drop_s - one) for one in self.drops_s) <= beat_s


def find(task: tuple[str, int], *, font: Path) -> Found:
    """Composes, renders and analyses one piece."""
    style, seed = task
    piece = compose(style, seed)
    sound = render(piece, font, seed=seed)
    analysed = analysis.analyse(sound)
    beats_s = np.asarray(piece.beats_s)
    beats = analysed.beats
    return Found(
        style=style,
        seed=seed,
        tempo_bpm=piece.tempo_bpm,
        found_bpm=beats.tempo_bpm,
        beat_f=_f_measure(beats_s, beats.beat_times_s),
        bar_f=_f_measure(beats_s[::BEATS_PER_BAR], beats.bar_times_s),
        drops_s=piece.drops_s,
        drop_s=sections.find_drop_s(analysed),
    )


def _f_measure(written_s: np.ndarray, found_s: np.ndarray) -> float:
    from mir_eval import beat  # of the extra `train`

    return float(beat.f_measure(beat.trim_beats(written_s), beat.trim_beats(found_s)))


def as_text(found: list[Found]) -> str:
    """Returns the figures, style by style and in all."""
    lines = [
        "| style | beats, F | bars, F | tempo within 4 % | drop within a beat "
        "| none claimed |",
        "|---|---|---|---|---|---|",
    ]
    groups = {
        style: [one for one in found if one.style == style]
        for style in dict.fromkeys(one.style for one in found)
    }
    club = [one for one in found if STYLES[one.style].form == _CLUB]
    if 0 < len(club) < len(found):
        groups["*music for clubs*"] = club
    groups["**all**"] = found
    for style, some in groups.items():
        with_drop = [one for one in some if one.drops_s]
        without = [one for one in some if not one.drops_s]
        right = sum(one.drop_is_right for one in with_drop)
        none = sum(one.drop_is_right for one in without)
        lines.append(
            f"| {style} | {np.mean([one.beat_f for one in some]):.2f} | "
            f"{np.mean([one.bar_f for one in some]):.2f} | "
            f"{sum(one.tempo_is_right for one in some)} of {len(some)} | "
            f"{f'{right} of {len(with_drop)}' if with_drop else '–'} | "
            f"{f'{none} of {len(without)}' if without else '–'} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Parses the command line, measures and prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--font", type=Path, required=True, help="a General MIDI .sf2")
    parser.add_argument("--count", type=int, default=4, help="pieces a style (4)")
    parser.add_argument("--style", nargs="+", default=list(STYLES), choices=STYLES)
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--write", action="store_true", help="into docs/beats.md")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + options.count)
    tasks = [(style, seed) for style in options.style for seed in seeds]
    found: list[Found] = []
    try:
        # Not forked: a process with JAX in it does not survive being copied.
        with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
            for one in pool.map(partial(find, font=options.font), tasks):
                found.append(one)
                print(f"{len(found)} of {len(tasks)}", file=sys.stderr)
    except SoundArtError as error:
        print(f"rendered: {error}", file=sys.stderr)
        return error.exit_code
    if options.write:
        figures.put(_DOCUMENT, as_text(found))
    if options.json:
        print(json.dumps([asdict(one) for one in found], indent=1))
    else:
        print(as_text(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
