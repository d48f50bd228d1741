"""Land in planes: layered mountains, desert dunes."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery.direction import Direction
from train.gallery.fields import (
    Canvas,
    Field,
    Scalar,
    dice,
    inside,
    mix,
    ramp,
    sine,
    waves,
)
from train.gallery.scene import STAR_CELLS, Scene, disc, sky, stars

RIDGES = 5
DUNES = 3


def _peaks(draws: Float[Array, "2 5"], x: Field, frequency: Scalar) -> Field:
    """A jagged crest: folded waves make sharp tops and wide valleys, about -1..1."""
    folded = 1 - 1.25 * jnp.abs(waves(draws[:, :2], x, None, frequency))
    return folded + 0.15 * waves(draws[:, 2:], x, None, 3.3 * frequency)


def layered_mountains(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Ridges behind ridges, paler with distance, before a low sun or moon."""
    (place, height, size), night, ridge_draws = dice(
        key, (3,), (STAR_CELLS, 4), (RIDGES, 2, 5)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    horizon = 0.15
    scene = sky(canvas, direction, horizon + 0.2)
    starlight = stars(night, canvas, 0.45)
    scene = scene.lit(starlight * ramp(y, 0, -0.6) * (direction.ground < 0.2))
    centre = (mix(-0.5, 0.5, place), mix(-0.5, -0.15, height))
    radius = direction.scale * mix(0.15, 0.24, size)
    scene = disc(scene, canvas, centre, radius, 1.0, 0.5, 0.5)

    shown = jnp.round(2 + 3 * direction.amount)
    far = direction.ground + 0.8 * direction.rise
    bold = 0.65 + 0.35 * jnp.minimum(2 * direction.amount, 1)
    rate = 0.48 + 0.2 * direction.amount
    steep = direction.unrest * (0.55 + 0.45 * direction.scale)

    def add(scene: Scene, ridge: tuple[jax.Array, jax.Array]) -> tuple[Scene, None]:
        index, draws = ridge
        near = (index + 1) / RIDGES
        level = horizon - 0.16 + 0.95 * near**1.3
        below = (
            y
            - level
            + steep * (0.21 - 0.05 * near) * _peaks(draws, x, rate - 0.16 * near)
        )
        air = (
            ramp(below, -0.02, 0.42) * (0.55 + 0.45 * direction.haze) * (1 - 0.9 * near)
        )
        tone = mix(mix(far, direction.shadow, bold * near**0.8), far, air)
        present = RIDGES - 1 - index < shown
        return scene.under(inside(-below, pixel) * present, tone), None

    ridges = (jnp.arange(RIDGES), ridge_draws)
    return jax.lax.scan(add, scene, ridges)[0]


def desert_dunes(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Rounded dunes, each with a sunlit and a shaded side along a winding crest."""
    (place, height, turn), dune_draws, level_draws = dice(
        key, (3,), (DUNES, 2), (DUNES, 2, 2)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(turn < 0.5, -1.0, 1.0)
    scene = sky(canvas, direction, 0.3)
    centre = (-side * mix(0.2, 0.6, place), mix(-0.6, -0.3, height))
    scene = disc(scene, canvas, centre, 0.17 * direction.scale, 1.0, 0.4, 0.45)
    far = direction.ground + direction.rise
    shown = jnp.round(1 + 2 * direction.amount)

    def add(scene: Scene, dune: tuple[jax.Array, ...]) -> tuple[Scene, None]:
        index, (off, wind), swells = dune
        near = (index + 1) / DUNES
        alternate = 1 - 2 * (index % 2)
        top_x = side * 0.3 * alternate + 0.25 * (2 * off - 1)
        rise = (0.3 + 0.1 * near) * (0.5 + 0.5 * direction.unrest) * direction.scale
        swell = jnp.exp(-(((x - top_x) / 0.75) ** 2))
        level = 0.02 + 0.8 * near + 0.03 * waves(swells, x, None, 0.4)
        below = y - level + rise * swell
        bend = 0.16 * (sine(0.55 * below + wind) - sine(wind))
        edge = top_x + side * 0.5 * below + bend
        soft = 0.012 + 0.25 * ramp(below, 0.1, 0.9)
        shade = ramp(side * (x - edge), -0.012, soft)
        lit = mix(far, 0.62 + 0.25 * direction.ground, 0.4 + 0.6 * near)
        lit = lit - 0.12 * ramp(below, 0, 0.8)
        dark = mix(far, direction.shadow, 0.3 + 0.55 * near)
        tone = mix(mix(lit, dark, shade), far, direction.haze * 0.6 * (1 - near))
        present = DUNES - 1 - index < shown
        return scene.under(inside(-below, pixel) * present, tone), None

    dunes = (jnp.arange(DUNES), dune_draws, level_draws)
    return jax.lax.scan(add, scene, dunes)[0]
