"""Draws songs beside their covers: the README's picture, from the songs themselves.

    python -m benchmarks.showcase SONG… --out docs/images/covers.png

A row for each song: its wave with the excerpts that were heard, what was heard, the
first prompt, and its covers. Needs matplotlib (extra `train`).
"""

import argparse
import sys
import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes

from jaxsoundart.commission import Commission, Cover
from jaxsoundart.errors import SoundArtError
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.runtime.compilation import keep_compiled_programs
from jaxsoundart.sound import files
from jaxsoundart.sound.waveform import Waveform
from jaxsoundart.studio import Studio

INK, PALE = "#20242c", "#c3c9d2"
COLUMNS = 600
"""Of the drawn wave."""


def draw_song(axes: Axes, waveform: Waveform, covers: tuple[Cover, ...]) -> None:
    """Draws the wave, and what was heard and said, into the left half of a row."""
    record = covers[0].record
    hearing = record.hearing
    assert record.song is not None
    assert hearing is not None
    peaks = [np.abs(part).max() for part in np.array_split(waveform.samples, COLUMNS)]
    times_s = np.linspace(0.0, waveform.duration_s, COLUMNS)
    inside = np.zeros(COLUMNS, bool)
    for excerpt in hearing.excerpts:
        inside |= (times_s >= excerpt.start_s) & (times_s <= excerpt.end_s)
    heights = np.array(peaks) / max(*peaks, 1e-9)
    for mask, colour in ((~inside, PALE), (inside, INK)):
        drawn = np.where(mask, heights, 0.0)
        axes.fill_between(times_s, -drawn, drawn, color=colour, linewidth=0, step="mid")
    axes.set(xlim=(0, waveform.duration_s), ylim=(-3.6, 2.4))
    axes.axis("off")
    song = record.song
    name = f"{song.artist} – {song.title}" if song.artist else song.title
    axes.text(0, 2.2, name, va="top", weight="bold", size=12, color=INK)
    axes.text(0, 1.45, _heard(hearing), va="top", color=INK)
    places = " · ".join(
        f"{e.part} {_clock(e.start_s)}–{_clock(e.end_s)}" for e in hearing.excerpts
    )
    axes.text(0, -1.25, places, va="top", color=INK)
    prompt = textwrap.fill(record.brief.prompt, 66)
    axes.text(0, -2.05, prompt, va="top", color=INK, style="italic")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _heard(hearing: Hearing) -> str:
    label, probability = next(iter(hearing.labels["genre"].items()))
    traits = hearing.traits
    tempo = f"{traits.tempo_bpm:.0f} bpm" if traits.tempo_bpm else "no beat"
    return f"{label} {probability:.2f} · {tempo} · {traits.key}"


def draw(songs: list[Path], studio: Studio, out: Path) -> None:
    """Makes the covers and writes the picture."""
    covers = studio.paint([studio.draft(song) for song in songs])
    count = len(covers[0])
    figure, rows = pyplot.subplots(
        len(songs),
        1 + count,
        figsize=(5.2 + 1.9 * count, 1.95 * len(songs)),
        width_ratios=[5.0] + [1.9] * count,
        squeeze=False,
        layout="constrained",
    )
    for song, row, pictures in zip(songs, rows, covers, strict=True):
        draw_song(row[0], files.read(song), pictures)
        for axes, cover in zip(row[1:], pictures, strict=True):
            axes.imshow(cover.image, interpolation="lanczos")
            axes.axis("off")
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=100, facecolor="white")


def main() -> int:
    """Parses the command line and draws."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", nargs="+", type=Path, metavar="SONG")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--count", type=int, default=4, help="covers a song (4)")
    parser.add_argument("--painter", default="bundled", metavar="ID")
    options = parser.parse_args()
    keep_compiled_programs()
    try:
        studio = Studio(Commission(count=options.count), painter=options.painter)
        draw(options.songs, studio, options.out)
    except SoundArtError as error:
        print(f"showcase.py: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
