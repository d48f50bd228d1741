"""How the networks compute: in which type, and in forms fit for which machine."""

from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Float

FeatureMap = Float[Array, "batch height width channels"]
# A map of another size or depth than the one a module was given.
NewMap = Float[Array, "batch rows columns features"]

Platform = Literal["any", "cpu", "gpu", "tpu"]


@dataclass(frozen=True)
class Compute:
    """What a network's mathematics is silent about.

    Attributes:
        dtype: What activations are held and multiplied in.
        platform: The machine that convolutions and attention are written for. The forms
            of "any" run everywhere and have gradients; those of the others compute
            the same, faster there.
    """

    dtype: DTypeLike = jnp.float32
    platform: Platform = "any"


def largest_divisor(number: int, limit: int) -> int:
    """Returns the largest divisor of `number` up to `limit`: the size of even parts."""
    return next(part for part in range(min(number, limit), 0, -1) if number % part == 0)
