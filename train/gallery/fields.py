"""Scalar fields over the canvas: coordinates, edges, noise and blur.

The canvas reaches from -1 to 1, x to the right and y downwards, whatever the size in
pixels, so every picture looks the same at every size. Lengths are in these units.
"""

import math

import flax.struct
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Scalar = Float[Array, ""]
Field = Float[Array, "height width"]


@flax.struct.dataclass
class Canvas:
    """Where each pixel lies.

    Attributes:
        x: Position to the right of the middle.
        y: Position below the middle.
        pixel: Width of one pixel.
    """

    x: Field
    y: Field
    pixel: float = flax.struct.field(pytree_node=False)


def dice(key: jax.Array, *shapes: tuple[int, ...]) -> list[Array]:
    """Random numbers in 0..1, in several shapes.

    One draw for all of them: random bits are what takes XLA longest to compile here.
    """
    sizes = [math.prod(shape) for shape in shapes]
    ends = np.cumsum(sizes)
    flat = jax.random.uniform(key, (int(ends[-1]),))
    return [
        flat[end - size : end].reshape(shape)
        for end, size, shape in zip(ends, sizes, shapes, strict=True)
    ]


def canvas(size_px: int, tilt_rad: Scalar | float = 0.0) -> Canvas:
    """Returns a square canvas whose horizon leans by `tilt_rad`."""
    centres = (jnp.arange(size_px) + 0.5) / size_px * 2 - 1
    x, y = jnp.meshgrid(centres, centres)
    cos, sin = jnp.cos(tilt_rad), jnp.sin(tilt_rad)
    return Canvas(x=cos * x + sin * y, y=cos * y - sin * x, pixel=2 / size_px)


def ramp(x: Array | float, start: Scalar | float, end: Scalar | float) -> Array:
    """Rises smoothly from 0 at `start` to 1 at `end`; falls where end < start."""
    t = jnp.clip((x - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


def inside(distance: Field, pixel: Array | float) -> Field:
    """Coverage of a pixel by a shape, from its signed distance (negative inside)."""
    return jnp.clip(0.5 - distance / pixel, 0, 1)


def mix(a: Array | float, b: Array | float, share: Array | float) -> Array:
    """Blends from `a` (share 0) to `b` (share 1)."""
    return a + (b - a) * jnp.asarray(share)


def glow(distance: Array, reach: Scalar | float) -> Array:
    """Light around a source: 1 on it, falling off over `reach`."""
    return jnp.exp(-jnp.maximum(distance, 0) / reach)


def sine(turns: Array) -> Array:
    """A cheap sine of `turns` full turns, within 0.001 of the true one."""
    t = turns - jnp.round(turns)
    parabola = 8 * t - 16 * t * jnp.abs(t)
    return parabola * (0.775 + 0.225 * jnp.abs(parabola))


def waves(
    draws: Float[Array, "2 sines"],
    x: Field,
    y: Field | None,
    frequency: Scalar | float,
) -> Field:
    """Smooth noise of about unit variance: a sum of sines in random directions.

    Args:
        draws: Random numbers in 0..1, two for each sine: its phase and its direction.
        x: First coordinate.
        y: Second coordinate; None for noise along x alone.
        frequency: Cycles per unit of length of the slowest sine; the fastest is about
            2.5 times that.
    """
    phases, angles = draws
    count = len(phases)
    total = jnp.zeros_like(x)
    power = 0.0
    for index in range(count):
        rate = frequency * (1 + 1.5 * index / max(count - 1, 1))
        weight = 1 / (1 + 0.6 * index)
        power += weight**2 / 2
        if y is None:
            turns = rate * (0.85 + 0.3 * angles[index]) * x + phases[index]
        else:
            angle = jnp.pi * (angles[index] + index) * 2.4
            turns = rate * (jnp.cos(angle) * x + jnp.sin(angle) * y) + phases[index]
        total += weight * sine(turns)
    return total / power**0.5


def blur(image: Array, radius: float) -> Array:
    """Gaussian blur of a picture (rows and columns first) by `radius`."""
    size_px = image.shape[0]
    positions = (jnp.arange(size_px) + 0.5) / size_px * 2
    offsets = (positions[:, None] - positions[None, :]) / radius
    weights = jnp.exp(-0.5 * offsets**2)
    weights /= weights.sum(1, keepdims=True)
    return jnp.einsum("ij,jk...,lk->il...", weights, image, weights)
