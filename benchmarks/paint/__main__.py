"""How well a painter trained on the gallery paints what its words say.

    python -m benchmarks.paint
    python -m benchmarks.paint --write

A recogniser learns from gallery pictures that no painter saw to name family, palette,
light and texture. It then names what is painted for 500 subjects, twice each, worded in
every way that the painter was taught; tells what negative prompts take away; how
different pictures of the same words are; how near pictures come to those of training;
what fewer steps cost; and a classifier tells genres from the artwork alone. `--write`
puts all of it between the marks of `docs/painting.md`, with sheets of pictures, and
what is named rightly into the bundled painter's card.
"""

import argparse
import dataclasses
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.figures import put
from benchmarks.paint import few_steps, genres, held_out, report
from benchmarks.paint.judging import Judge, frechet, nearest, spread
from benchmarks.paint.recogniser import HEADS, Recogniser
from jaxsoundart.arrays import Images
from jaxsoundart.errors import SoundArtError
from jaxsoundart.paint import open_painter
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.runtime.compilation import keep_compiled_programs
from train.corpus import Subject, draw_chunk
from train.gallery import vocabulary
from train.gallery.attributes import Attributes
from train.gallery.draw import draw
from train.painter_config import PainterConfig

ROOT = Path(__file__).parents[2]
DOCUMENT, IMAGES = ROOT / "docs" / "painting.md", ROOT / "docs" / "images"
CARD = ROOT / "jaxsoundart" / "models" / "painter" / "README.md"
LEARNT, KEPT, OTHERS = (0, 1, 2, 3, 4), 5, 6
"""Chunks of the gallery that the recogniser learns from, is tried with, and more."""
SUBJECTS, SEEDS, REMOVED, SPREAD, EACH = 500, 2, 60, 60, 40


def say(what: str) -> None:
    """Tells how far the measuring is."""
    print(f"paint: {what}", file=sys.stderr)


def learn(painter: Any, config: PainterConfig) -> Recogniser:
    """Returns a recogniser that has learnt from sharp and from softened pictures."""
    images, subjects = held_out.draw(config.corpus, *LEARNT)
    soft = np.arange(len(images)) % 2 == 0
    images[soft] = held_out.through_autoencoder(painter.model, images[soft])
    return Recogniser.learn(images, held_out.names_of(subjects))


def drawn_alike(subjects: list[Subject], times: int, size_px: int) -> Images:
    """Returns gallery pictures of each subject, `times` after each other."""
    names = (
        vocabulary.PALETTES,
        vocabulary.LIGHTS,
        vocabulary.TEXTURES,
        vocabulary.COMPOSITIONS,
        vocabulary.MOODS,
    )
    pictures = []
    for number, (family, *rest) in enumerate(subjects):
        places = [some.index(name) for some, name in zip(names, rest, strict=True)]
        look = Attributes(*(jnp.full(times, place, jnp.int32) for place in places))
        keys = jax.random.split(jax.random.key(held_out.SEED + number), times)
        pixels = draw(family, keys, look, size_px)
        pictures.append(np.asarray(jnp.round(255 * pixels).astype(jnp.uint8)))
    return np.concatenate(pictures)


def measure(options: argparse.Namespace, config: PainterConfig) -> dict[str, Any]:
    """Returns all figures, and writes the sheets."""
    painter = open_painter(options.painter)
    size_px = painter.model.size_px
    say("learning to recognise")
    recogniser = learn(painter, config)
    settings = Settings(upscale=False)
    judge = Judge(painter, recogniser, settings, config.corpus.textures)

    kept, shown = held_out.draw(config.corpus, KEPT)
    soft = held_out.through_autoencoder(painter.model, kept)
    wanted = held_out.names_of(shown)
    named: dict[str, dict[str, float]] = {}
    for kind, some in (("gallery", kept), ("the same, encoded and decoded", soft)):
        _, seen = recogniser.look(some)
        named[kind] = {
            head: float(np.mean(seen[head] == wanted[head])) for head in HEADS
        }

    say("obedience")
    subjects = judge.subjects(SUBJECTS, seed=0)
    painted, right = judge.obedient(subjects, SEEDS)
    named["painted from words"] = {head: float(np.mean(right[head])) for head in HEADS}

    say("removal")
    removed = judge.removed(REMOVED)

    say("diversity, likeness, copies")
    some = judge.subjects(SPREAD, seed=200)
    words = [
        ", ".join((one[0], f"{one[1]} palette", *filter(None, one[2:]))) for one in some
    ]
    orders = [
        Order(prompt=text, seed=4 * number + nth)
        for number, text in enumerate(words)
        for nth in range(4)
    ]
    alike = held_out.through_autoencoder(painter.model, drawn_alike(some, 4, size_px))
    apart = [
        spread(recogniser.look(pictures)[0], 4)
        for pictures in (judge.paint(orders), alike)
    ]
    features = [recogniser.look(pictures)[0] for pictures in (painted, soft)]
    other, _ = held_out.draw(config.corpus, OTHERS)
    other_soft = held_out.through_autoencoder(painter.model, other)
    likeness = frechet(*features), frechet(features[1], recogniser.look(other_soft)[0])
    learnt = np.concatenate(
        [draw_chunk(config.corpus, index).images for index in range(options.chunks)]
    )
    near, distance = nearest(painted[::SEEDS], learnt)
    _, usual = nearest(soft, learnt)

    say("genres")
    told = genres.tell(judge, EACH)
    say("few steps")
    quick = few_steps.compare(judge, options.quick)

    closest = np.argsort(distance)[:12]
    pairs = np.stack([painted[::SEEDS][closest], learnt[near[closest]]])
    families = [vocabulary.FAMILIES.index(one[0]) for one in subjects]
    first = [families.index(number) for number in sorted(set(families))]
    report.sheet(painted[::SEEDS][first], 8, IMAGES / "painting-families.jpg")
    report.sheet(np.concatenate(pairs), 12, IMAGES / "painting-nearest.jpg")
    row = np.concatenate([np.flatnonzero(told.genres == g)[:10] for g in range(10)])
    report.sheet(told.pictures[row], 10, IMAGES / "painting-genres.jpg")
    sheets = [one.pictures[:10] for one in quick if one.sampler == "dpm++2m"]
    few = np.concatenate(sheets)
    report.sheet(few, 10, IMAGES / "painting-steps.jpg")
    return {
        "named": named,
        "removed": removed,
        "spread": apart[0] / apart[1],
        "frechet": likeness,
        "nearest": [float(np.median(distance)), float(distance.min())],
        "nearest_usual": [float(np.median(usual)), float(usual.min())],
        "learnt": len(learnt),
        "told": told,
        "quick": quick,
    }


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
    parser.add_argument("--quick", type=int, default=60, help="pictures a sampler (60)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into docs/painting.md")
    options = parser.parse_args()
    config = runpy.run_path(str(options.config))["get_config"]()
    keep_compiled_programs()
    try:
        figures = measure(options, config)
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
