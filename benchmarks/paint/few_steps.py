"""What is lost with fewer steps: the same pictures by several samplers."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.paint import held_out
from benchmarks.paint.judging import Judge, frechet
from jaxsoundart.arrays import Images
from jaxsoundart.paint.order import Order, Settings

SAMPLERS = ("dpm++2m", "unipc", "euler", "ddim")
STEPS = (4, 8, 12)
REFERENCE = Settings(sampler="dpm++2m", steps=30, upscale=False)


@dataclass(frozen=True)
class Quick:
    """A way to paint, against many steps of the same prompts and seeds.

    Attributes:
        sampler: How.
        steps: How many.
        family: Share whose family is named as asked.
        palette: Share whose palette is.
        distance: Fréchet distance of the features from those of many steps.
        pictures: What was painted.
    """

    sampler: str
    steps: int
    family: float
    palette: float
    distance: float
    pictures: Images


def compare(judge: Judge, count: int) -> list[Quick]:
    """Returns the reference first, then every sampler with every number of steps."""
    subjects = judge.subjects(count, seed=300)
    generator = np.random.default_rng(held_out.SEED + 1)
    orders = [
        Order(
            prompt=held_out.worded(generator, subject, judge.painter.model.words),
            seed=number,
        )
        for number, subject in enumerate(subjects)
    ]
    wanted = held_out.names_of(subjects)
    ways = [REFERENCE] + [
        dataclasses.replace(REFERENCE, sampler=sampler, steps=steps)
        for sampler in SAMPLERS
        for steps in STEPS
    ]
    found: list[Quick] = []
    reference = None
    for way in ways:
        pictures = dataclasses.replace(judge, settings=way).paint(orders)
        features, seen = judge.recogniser.look(pictures)
        reference = features if reference is None else reference
        found.append(
            Quick(
                sampler=str(way.sampler),
                steps=int(way.steps or 0),
                family=float(np.mean(seen["family"] == wanted["family"])),
                palette=float(np.mean(seen["palette"] == wanted["palette"])),
                distance=frechet(features, reference),
                pictures=pictures,
            )
        )
    return found


def as_arrays(found: list[Quick]) -> dict[str, np.ndarray]:
    """Returns ways to paint field by field, to be kept."""
    names = [field.name for field in dataclasses.fields(Quick)]
    return {name: np.stack([getattr(one, name) for one in found]) for name in names}


def from_arrays(arrays: Mapping[str, np.ndarray]) -> list[Quick]:
    """Returns what `as_arrays` was given."""
    return [
        Quick(
            sampler=str(sampler),
            steps=int(steps),
            family=float(family),
            palette=float(palette),
            distance=float(distance),
            pictures=pictures,
        )
        for sampler, steps, family, palette, distance, pictures in zip(
            *(arrays[field.name] for field in dataclasses.fields(Quick)), strict=True
        )
    ]
