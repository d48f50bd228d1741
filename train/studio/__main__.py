"""Writes pieces with all that is known of them.

    python -m train.studio pieces/ --font FluidR3_GM.sf2 --count 2 --style house

For each piece a FLAC file and a JSON file: style, tempo, key, beats, sections, drops,
and the instruments of every bar. The same seed writes the same piece.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import soundfile

from jaxsoundart.errors import SoundArtError
from train.studio.compose import compose
from train.studio.render import render
from train.studio.score import BEATS_PER_BAR, Piece
from train.studio.styles import STYLES

_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def known(piece: Piece) -> dict[str, Any]:
    """Returns what is known of a piece, times in seconds."""
    return {
        "style": piece.style,
        "tempo_bpm": piece.tempo_bpm,
        "key": f"{_TONICS[piece.tonic]} {piece.mode}",
        "swing": round(piece.swing, 3),
        "beats_s": [round(time_s, 4) for time_s in piece.beats_s],
        "drops_s": [round(time_s, 4) for time_s in piece.drops_s],
        "sections": [
            {
                "kind": section.kind,
                "start_s": round(piece.seconds(section.first_bar * BEATS_PER_BAR), 4),
                "bars": section.bars,
            }
            for section in piece.sections
        ],
        "instruments": [sorted(piece.instruments(bar)) for bar in range(piece.bars)],
    }


def main() -> int:
    """Parses the command line and writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--font", type=Path, required=True, help="a General MIDI .sf2")
    parser.add_argument("--style", choices=sorted(STYLES), help="all, unless given")
    parser.add_argument("--count", type=int, default=1, help="of each style (1)")
    parser.add_argument("--seed", type=int, default=0, help="of the first (0)")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    styles = [options.style] if options.style else list(STYLES)
    for number, name in enumerate(styles * options.count):
        seed = options.seed + number // len(styles)
        stem = options.folder / f"{name.replace(' ', '-')}-{seed}"
        piece = compose(name, seed)
        try:
            sound = render(piece, options.font, seed=seed)
        except SoundArtError as error:
            print(f"train.studio: {error}", file=sys.stderr)
            return error.exit_code
        soundfile.write(stem.with_suffix(".flac"), sound.samples, sound.sample_rate_hz)
        text = json.dumps(known(piece), indent=1)
        stem.with_suffix(".json").write_text(text + "\n", "utf-8")
        print(f"{stem}.flac, {sound.duration_s:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
