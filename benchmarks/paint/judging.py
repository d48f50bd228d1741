"""Measures of what is painted: obedience, removal, diversity, likeness, copies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from benchmarks.paint import held_out
from benchmarks.paint.recogniser import HEADS, Recogniser
from jaxsoundart.arrays import Images
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.paint.painter import Painter
from train.corpus import Subject
from train.words import random_subject

Features = Float[np.ndarray, "pictures features"]


@dataclass(frozen=True)
class Judge:
    """A painter, and what names its pictures.

    Attributes:
        painter: Is judged.
        recogniser: Names.
        settings: How it paints; without its upscaler.
        textures: Those it was taught.
    """

    painter: Painter
    recogniser: Recogniser
    settings: Settings
    textures: tuple[str, ...]

    def subjects(self, count: int, *, seed: int) -> list[Subject]:
        """Returns random subjects."""
        generator = np.random.default_rng((held_out.SEED, seed))
        return [random_subject(generator, self.textures) for _ in range(count)]

    def paint(self, orders: Sequence[Order]) -> Images:
        """Returns pictures of the painter's own size."""
        return self.painter.paint(orders, self.settings)

    def obedient(
        self, subjects: list[Subject], seeds: int
    ) -> tuple[Images, dict[str, Bool[np.ndarray, " pictures"]]]:
        """Returns pictures of worded subjects, and which are named as they were asked.

        Each subject is painted with several seeds, one picture after the other.
        """
        generator = np.random.default_rng(held_out.SEED)
        known = self.painter.model.words
        said = [held_out.worded(generator, subject, known) for subject in subjects]
        orders = [
            Order(prompt=prompt, seed=seeds * number + nth)
            for number, prompt in enumerate(said)
            for nth in range(seeds)
        ]
        pictures = self.paint(orders)
        _, seen = self.recogniser.look(pictures)
        wanted = held_out.names_of([one for one in subjects for _ in range(seeds)])
        return pictures, {head: seen[head] == wanted[head] for head in HEADS}

    def removed(self, count: int) -> dict[str, tuple[float, float]]:
        """Returns, for each head, how often a negative prompt takes away what was seen.

        The prompt leaves the head open; what the picture is named there is then said
        in the negative prompt, with the same seed. Beside it stands how often another
        seed alone makes it another.
        """
        shares = {}
        places = ("family", "palette", "light", "texture")
        for place, head in enumerate(places):
            subjects = self.subjects(count, seed=100 + place)
            prompts = [held_out.plainly(one, without=place) for one in subjects]
            plain = [Order(prompt=text, seed=n) for n, text in enumerate(prompts)]
            others = [
                Order(prompt=text, seed=10**6 + n) for n, text in enumerate(prompts)
            ]
            seen = self._named(plain, head)
            against = [
                Order(
                    prompt=order.prompt,
                    negative_prompt=_said(head, which),
                    seed=order.seed,
                )
                for order, which in zip(plain, seen, strict=True)
            ]
            shares[head] = (
                float(np.mean(self._named(against, head) != seen)),
                float(np.mean(self._named(others, head) != seen)),
            )
        return shares

    def _named(self, orders: Sequence[Order], head: str) -> np.ndarray:
        return self.recogniser.look(self.paint(orders))[1][head]


def _said(head: str, which: int) -> str:
    name = HEADS[head][which]
    return f"{name} palette" if head == "palette" else name


def spread(features: Features, together: int) -> float:
    """Returns the mean distance within groups of rows that follow each other."""
    groups = features.reshape(-1, together, features.shape[-1])
    apart = np.linalg.norm(groups[:, :, None] - groups[:, None], axis=-1)
    return float(apart.sum() / (len(groups) * together * (together - 1)))


def frechet(one: Features, other: Features) -> float:
    """Returns the Fréchet distance of two Gaussians with these rows' moments.

    Source: Dowson and Landau 1982; Heusel et al. 2017, who use another network.
    """
    means = one.mean(0), other.mean(0)
    spreads = np.cov(one.T), np.cov(other.T)
    # The trace of a product's root: its eigenvalues are real, but for rounding.
    roots = np.sqrt(np.maximum(np.linalg.eigvals(spreads[0] @ spreads[1]).real, 0))
    apart = np.square(means[0] - means[1]).sum()
    return float(apart + np.trace(spreads[0] + spreads[1]) - 2 * roots.sum())


def nearest(images: Images, among: Images) -> tuple[np.ndarray, np.ndarray]:
    """Returns for each picture the nearest of others, and how far away it is.

    The distance is the mean absolute difference of 16×16 thumbnails; black to white
    is 1.
    """

    def small(pictures: Images) -> np.ndarray:
        batch, side, _, channels = pictures.shape
        cell = side // 16
        grid = pictures.reshape(batch, 16, cell, 16, cell, channels)
        return (grid.mean((2, 4)) / 255.0).reshape(batch, -1).astype(np.float32)

    there = small(among)
    found = [np.abs(there - one).mean(1) for one in small(images)]
    which = np.asarray([apart.argmin() for apart in found])
    return which, np.asarray([apart.min() for apart in found])
