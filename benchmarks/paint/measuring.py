"""All measurements of a painter, one after the other, each kept when it is done."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict

from benchmarks.paint import few_steps, genres, held_out, report
from benchmarks.paint.judging import Judge, frechet, nearest, spread
from benchmarks.paint.kept import Arrays, Kept
from benchmarks.paint.recogniser import HEADS, Recogniser
from jaxsoundart.arrays import Images
from jaxsoundart.paint import open_painter
from jaxsoundart.paint.order import Order, Settings
from train.corpus import Subject, draw_chunk
from train.gallery import vocabulary
from train.gallery.attributes import Attributes
from train.gallery.draw import draw
from train.painter_config import PainterConfig

LEARNT, KEPT, OTHERS = (0, 1, 2, 3, 4), 5, 6
"""Chunks of the gallery that the recogniser learns from, is tried with, and more."""
SUBJECTS, SEEDS, REMOVED, SPREAD, EACH = 500, 2, 60, 60, 40


def say(what: str) -> None:
    """Tells how far the measuring is."""
    print(f"paint: {what}", file=sys.stderr)


def learn(painter: Any, config: PainterConfig, kept: Kept) -> Recogniser:
    """Returns a recogniser that has learnt from sharp and from softened pictures."""

    def make() -> Arrays:
        images, subjects = held_out.draw(config.corpus, *LEARNT)
        soft = np.arange(len(images)) % 2 == 0
        images[soft] = held_out.through_autoencoder(painter.model, images[soft])
        learnt = Recogniser.learn(images, held_out.names_of(subjects))
        return flatten_dict(learnt.params, sep="/")

    params = kept.result("recogniser", make)
    return Recogniser(unflatten_dict(params, sep="/"))


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


def shares(named: Mapping[str, Any]) -> Arrays:
    """Returns the mean of what is named rightly, head by head."""
    return {head: np.asarray(np.mean(named[head])) for head in HEADS}


def measure(
    options: argparse.Namespace, config: PainterConfig, images: Path
) -> dict[str, Any]:
    """Returns all figures, and writes the sheets into a folder."""
    painter = open_painter(options.painter)
    model, wont = painter.model, painter.model.defaults
    # What is painted depends on the weights, and on how the painter likes to paint.
    name = f"{model.sha256[:12]}-{wont.sampler}-{wont.steps}-{wont.guidance:g}"
    kept = Kept(options.workdir / name, say)
    recogniser = learn(painter, config, kept)
    settings = Settings(upscale=False)
    judge = Judge(painter, recogniser, settings, config.corpus.textures)
    subjects = judge.subjects(SUBJECTS, seed=0)

    def gallery() -> Arrays:
        sharp, shown = held_out.draw(config.corpus, KEPT)
        soft = held_out.through_autoencoder(painter.model, sharp)
        other, _ = held_out.draw(config.corpus, OTHERS)
        other = held_out.through_autoencoder(painter.model, other)
        return {
            "sharp": sharp,
            "soft": soft,
            "other": other,
            **held_out.names_of(shown),
        }

    def painted() -> Arrays:
        pictures, right = judge.obedient(subjects, SEEDS)
        return {"pictures": pictures, **right}

    def removed() -> Arrays:
        return {head: np.asarray(both) for head, both in judge.removed(REMOVED).items()}

    def apart() -> Arrays:
        return {"ratio": np.asarray(diversity(judge))}

    def learnt() -> Arrays:
        chunks = (draw_chunk(config.corpus, index) for index in range(options.chunks))
        return {"images": np.concatenate([chunk.images for chunk in chunks])}

    def told() -> Arrays:
        return vars(genres.tell(judge, EACH))

    def quick() -> Arrays:
        return few_steps.as_arrays(few_steps.compare(judge, options.quick))

    shown = kept.result("gallery", gallery)
    seen = kept.result("painted", painted)
    named: dict[str, Arrays] = {}
    for kind, key in (("gallery", "sharp"), ("the same, encoded and decoded", "soft")):
        answers = recogniser.look(shown[key])[1]
        named[kind] = shares({head: answers[head] == shown[head] for head in HEADS})
    named["painted from words"] = shares(seen)
    gone = kept.result("removed", removed)
    ratio = float(kept.result("apart", apart)["ratio"])
    training = kept.result("learnt", learnt)["images"]
    artwork = genres.Told(**kept.result("genres", told))
    ways = few_steps.from_arrays(kept.result("quick", quick))

    looks = [recogniser.look(some)[0] for some in (seen["pictures"], shown["soft"])]
    others = recogniser.look(shown["other"])[0]
    near, distance = nearest(seen["pictures"][::SEEDS], training)
    _, usual = nearest(shown["soft"], training)
    first = seen["pictures"][::SEEDS]
    closest = np.argsort(distance)[:12]
    pairs = np.concatenate([first[closest], training[near[closest]]])
    report.sheet(pairs, 12, images / "painting-nearest.jpg")
    sheets(images, subjects, first, artwork, ways)
    return {
        "named": {
            kind: {head: float(share) for head, share in some.items()}
            for kind, some in named.items()
        },
        "removed": {head: tuple(map(float, both)) for head, both in gone.items()},
        "spread": ratio,
        "frechet": (frechet(*looks), frechet(looks[1], others)),
        "nearest": [float(np.median(distance)), float(distance.min())],
        "nearest_usual": [float(np.median(usual)), float(usual.min())],
        "learnt": len(training),
        "told": artwork,
        "quick": ways,
    }


def diversity(judge: Judge) -> float:
    """Returns how far pictures of the same words lie apart, against the gallery's."""
    some = judge.subjects(SPREAD, seed=200)
    words = [held_out.plainly(one) for one in some]
    orders = [
        Order(prompt=text, seed=4 * number + nth)
        for number, text in enumerate(words)
        for nth in range(4)
    ]
    model = judge.painter.model
    alike = held_out.through_autoencoder(model, drawn_alike(some, 4, model.size_px))
    ours, theirs = (
        spread(judge.recogniser.look(pictures)[0], 4)
        for pictures in (judge.paint(orders), alike)
    )
    return ours / theirs


def sheets(
    images: Path,
    subjects: list[Subject],
    painted: Images,
    told: genres.Told,
    quick: list[few_steps.Quick],
) -> None:
    """Writes the pictures of the document."""
    families = [vocabulary.FAMILIES.index(one[0]) for one in subjects]
    first = [families.index(number) for number in sorted(set(families))]
    report.sheet(painted[first], 8, images / "painting-families.jpg")
    row = np.concatenate([np.flatnonzero(told.genres == g)[:10] for g in range(10)])
    report.sheet(told.pictures[row], 10, images / "painting-genres.jpg")
    rows = [one.pictures[:10] for one in quick if one.sampler == "dpm++2m"]
    report.sheet(np.concatenate(rows), 10, images / "painting-steps.jpg")
