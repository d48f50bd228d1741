"""The figures as the text of `docs/painting.md`, and the pictures beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.paint.few_steps import Quick
from benchmarks.paint.genres import GENRES, Told
from jaxsoundart.arrays import Images


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def obedience(shares: Mapping[str, Mapping[str, float]]) -> str:
    """Returns the shares named as asked, a row for each kind of picture."""
    heads = list(next(iter(shares.values())))
    rows = [
        [kind, *(f"{named[head]:.2f}" for head in heads)]
        for kind, named in shares.items()
    ]
    return table(["pictures", *heads], rows)


def removal(shares: Mapping[str, tuple[float, float]]) -> str:
    """Returns how often what was seen is gone."""
    rows = [
        [head, f"{gone:.2f}", f"{by_seed:.2f}"]
        for head, (gone, by_seed) in shares.items()
    ]
    mean = np.mean([gone for gone, _ in shares.values()])
    rows.append(["mean", f"{mean:.2f}", ""])
    return table(["named", "gone by the negative prompt", "gone by another seed"], rows)


def quick(found: Sequence[Quick]) -> str:
    """Returns samplers and numbers of steps against many steps."""
    rows = [
        [
            one.sampler,
            str(one.steps),
            f"{one.family:.2f}",
            f"{one.palette:.2f}",
            f"{one.distance:.2f}",
        ]
        for one in found
    ]
    head = ["sampler", "steps", "family", "palette", "Fréchet distance from 30 steps"]
    return table(head, rows)


def confusion(told: Told) -> str:
    """Returns which genre was taken for which."""
    rows = [
        [genre, *(str(count) if count else "·" for count in counts)]
        for genre, counts in zip(GENRES, told.confusion, strict=True)
    ]
    return table(["painted for", *GENRES], rows)


def sheet(pictures: Images, columns: int, path: Path) -> None:
    """Writes pictures side by side, row by row."""
    side = pictures.shape[1]
    rows = -(-len(pictures) // columns)
    full = np.full((rows * columns, *pictures.shape[1:]), 255, np.uint8)
    full[: len(pictures)] = pictures
    grid = full.reshape(rows, columns, side, side, 3).transpose(0, 2, 1, 3, 4)
    picture = Image.fromarray(grid.reshape(rows * side, columns * side, 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=88)
