"""Samplers as matrices: they run once on unit vectors, and what comes out is linear.

A sampler is written as in its paper, but its latents are the vectors below: weights of
what it carries, of the clean latents and of noise. Each call of the network starts from
the unit vectors anew, since by then the device has computed the slots.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from jaxsoundart.paint.samplers.path import Point
from jaxsoundart.paint.samplers.state import SLOTS, Steps

Vector = Float64[np.ndarray, " parts"]

X, *KEPT, CLEAN, NOISE = np.eye(SLOTS + 2)
"""The latents the network sees, what is kept of earlier calls, and what a call gives:
the clean latents predicted, and noise."""


@dataclass(frozen=True)
class Call:
    """A call of the network, and what follows from it.

    Attributes:
        at: Where it is called.
        x: What the network sees next.
        kept: What the next call finds in `KEPT`, as far as it is used.
    """

    at: Point
    x: Vector
    kept: tuple[Vector, ...] = ()


def noise_of(at: Point) -> Vector:
    """Returns the noise that the prediction finds in X."""
    return (X - at.alpha * CLEAN) / at.sigma


def to_steps(calls: Iterable[Call]) -> Steps:
    """Returns calls as the device wants them."""
    calls = list(calls)
    matrix = np.zeros((len(calls), SLOTS, SLOTS + 2), np.float32)
    for row, call in zip(matrix, calls, strict=True):
        row[: 1 + len(call.kept)] = (call.x, *call.kept)
    return Steps(
        timestep=np.asarray([call.at.time for call in calls], np.float32),
        alpha=np.asarray([call.at.alpha for call in calls], np.float32),
        sigma=np.asarray([call.at.sigma for call in calls], np.float32),
        matrix=matrix,
    )
