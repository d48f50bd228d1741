"""A picture before it has colours: tones, and where the accent is."""

import math

import flax.struct
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Field, Scalar, glow, inside, mix

STAR_CELLS = 81


@flax.struct.dataclass
class Scene:
    """Tones and accent, built up from back to front.

    Attributes:
        tone: 0 dark to 1 light.
        accent: 0 none to 1 all accent colour.
    """

    tone: Field
    accent: Field

    def under(
        self,
        coverage: Field,
        tone: Field | Scalar | float,
        accent: Field | Scalar | float = 0.0,
    ) -> "Scene":
        """Lays something in front, as far as `coverage` (0..1) says."""
        return Scene(
            tone=mix(self.tone, tone, coverage),
            accent=mix(self.accent, accent, coverage),
        )

    def lit(self, light: Field, accent: Scalar | float = 0.0) -> "Scene":
        """Adds light, which never quite burns out; `accent` of it is coloured."""
        tone = self.tone + light * jnp.maximum(1 - self.tone, 0)
        return Scene(tone=tone, accent=jnp.maximum(self.accent, accent * light))


def backdrop(tone: Field) -> Scene:
    """An empty scene of the given tone."""
    return Scene(tone=tone, accent=jnp.zeros_like(tone))


def sky(canvas: Canvas, direction: Direction, horizon: Scalar | float) -> Scene:
    """A clear sky that gets lighter towards the horizon."""
    height = jnp.clip((canvas.y + 1.2) / (horizon + 1.2), 0, 1)
    return backdrop(direction.ground + direction.rise * height**1.8)


def stars(
    draws: Float[Array, "cells 4"], canvas: Canvas, share: Scalar | float
) -> Field:
    """Light of a few stars: one in a `share` of the cells of a coarse square grid.

    Args:
        draws: Random numbers in 0..1 for each cell.
        canvas: Where to shine.
        share: 0 none to 1 all.
    """
    cells = math.isqrt(len(draws))
    u, v = (canvas.x + 1.25) / 2.5 * cells, (canvas.y + 1.25) / 2.5 * cells
    column, row = jnp.floor(u), jnp.floor(v)
    index = jnp.clip(row * cells + column, 0, cells * cells - 1).astype(jnp.int32)
    here = draws[index]
    offset_x = u - column - 0.2 - 0.6 * here[..., 0]
    offset_y = v - row - 0.2 - 0.6 * here[..., 1]
    radius = 0.03 + 0.06 * here[..., 2] ** 3
    light = jnp.exp(-(offset_x**2 + offset_y**2) / radius**2)
    return light * (here[..., 3] < share) * (0.4 + 0.6 * here[..., 2])


def disc(
    scene: Scene,
    canvas: Canvas,
    centre: tuple[Scalar, Scalar],
    radius: Scalar | float,
    tone: Field | Scalar | float,
    accent: Field | Scalar | float,
    light: Scalar | float,
) -> Scene:
    """A shining disc (sun, moon) and the glow about it."""
    distance = jnp.hypot(canvas.x - centre[0], canvas.y - centre[1]) - radius
    around = glow(distance, 0.25 + 0.6 * radius) * light * (1 - scene.tone)
    scene = scene.lit(around)
    return scene.under(inside(distance, canvas.pixel), tone, accent)
