"""How well a painter trained on the gallery paints what its words say.

    python -m benchmarks.paint
    python -m benchmarks.paint --write

A recogniser learns from gallery pictures that no painter saw to name family, palette,
light and texture. It then names what is painted for 500 subjects, twice each, worded in
every way that the painter was taught; tells what negative prompts take away; how
different pictures of the same words are; how near pictures come to those of training;
what fewer steps cost; and a classifier tells genres from the artwork alone. `--write`
puts all of it between the marks of `docs/painting.md`, with sheets of pictures, and
what is named rightly into the bundled painter's card. It takes an hour on two cores;
stopped, it goes on with what it has kept.
"""

import argparse
import dataclasses
import json
import runpy
import sys
from pathlib import Path
from typing import Any

from benchmarks.figures import put
from benchmarks.paint import report
from benchmarks.paint.measuring import SEEDS, SUBJECTS, measure
from jaxsoundart.errors import SoundArtError
from jaxsoundart.runtime.compilation import keep_compiled_programs

ROOT = Path(__file__).parents[2]
DOCUMENT, IMAGES = ROOT / "docs" / "painting.md", ROOT / "docs" / "images"
CARD = ROOT / "jaxsoundart" / "models" / "painter" / "README.md"


def as_text(figures: dict[str, Any]) -> str:
    """Returns the figures as they stand in the document."""
    told = figures["told"]
    near, usual = figures["nearest"], figures["nearest_usual"]
    return "\n\n".join(
        [
            "## Obedience",
            f"{SUBJECTS} subjects, {SEEDS} seeds each; share named as asked:",
            report.obedience(figures["named"]),
            "![Every family](images/painting-families.jpg)",
            "## Negative prompts",
            report.removal(figures["removed"]),
            "## Diversity, likeness, copies",
            "Distance between pictures of the same words and other seeds, divided by "
            f"that of gallery pictures of the same subject: {figures['spread']:.2f}.",
            "Fréchet distance of the recogniser's features between what is painted and "
            f"the gallery: {figures['frechet'][0]:.2f}; between the gallery and other "
            f"pictures of it: {figures['frechet'][1]:.2f}.",
            f"Nearest of {figures['learnt']} pictures of training, by 16×16 "
            f"thumbnails: median {near[0]:.3f}, least {near[1]:.3f}; for gallery "
            f"pictures that were not learnt from {usual[0]:.3f} and {usual[1]:.3f}. "
            "The twelve nearest, and below each the picture it is nearest to:",
            "![Nearest pictures](images/painting-nearest.jpg)",
            "## Genre from the artwork alone",
            f"{told.accuracy:.2f} of {len(told.asked)} pictures that were not learnt "
            "from (chance 0.10):",
            report.confusion(told),
            "![Covers of ten genres](images/painting-genres.jpg)",
            "## Few steps",
            report.quick(figures["quick"]),
            "The same pictures with 30, 4, 8 and 12 steps of `dpm++2m`:",
            "![Fewer steps](images/painting-steps.jpg)",
        ]
    )


def as_json(figures: dict[str, Any]) -> str:
    """Returns the figures without pictures."""
    told, quick = figures["told"], figures["quick"]
    plain = {
        **{k: v for k, v in figures.items() if k not in ("told", "quick")},
        "genre_accuracy": told.accuracy,
        "genre_confusion": told.confusion.tolist(),
        "quick": [
            {k: v for k, v in dataclasses.asdict(one).items() if k != "pictures"}
            for one in quick
        ],
    }
    return json.dumps(plain, indent=2)


def main() -> int:
    """Parses the command line, measures, prints or writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--painter", default="bundled", metavar="ID")
    parser.add_argument(
        "--config", type=Path, default=ROOT / "configs" / "painter_small.py"
    )
    parser.add_argument("--chunks", type=int, default=8, help="of training (8)")
    parser.add_argument(
        "--workdir",
        type=Path,
        default=ROOT / "runs" / "judging",
        help="keeps what was measured, to go on with (runs/judging)",
    )
    parser.add_argument("--quick", type=int, default=60, help="pictures a sampler (60)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into docs/painting.md")
    options = parser.parse_args()
    config = runpy.run_path(str(options.config))["get_config"]()
    keep_compiled_programs()
    try:
        figures = measure(options, config, IMAGES)
    except SoundArtError as error:
        print(f"paint: {error}", file=sys.stderr)
        return error.exit_code
    print(as_json(figures) if options.json else as_text(figures))
    if options.write:
        put(DOCUMENT, as_text(figures))
        if options.painter == "bundled":
            put(CARD, report.obedience(figures["named"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
