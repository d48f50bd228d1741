"""Land in planes: layered mountains, desert dunes."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, inside, mix, ramp, sine, waves
from train.gallery.scene import Scene, disc, sky, stars

LAYERS = 5
DUNES = 3


def _peaks(key: jax.Array, x: jax.Array, frequency: jax.Array | float) -> jax.Array:
    """A jagged crest: folded waves make sharp tops and wide valleys, about -1..1."""
    coarse, fine = jax.random.split(key)
    folded = 1 - 2 * jnp.abs(waves(coarse, x, None, frequency, 2)) / 1.6
    return folded + 0.15 * waves(fine, x, None, 3.3 * frequency, 3)


def layered_mountains(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Ridges behind ridges, paler with distance, before a low sun or moon."""
    place, height, size, star_key, *ridge_keys = jax.random.split(key, 4 + LAYERS)
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    horizon = 0.15
    scene = sky(canvas, direction, horizon + 0.2)
    dark = direction.ground < 0.2
    scene = scene.lit(stars(star_key, canvas, 0.45) * ramp(y, 0, -0.6) * dark)
    sun_x = jax.random.uniform(place, minval=-0.5, maxval=0.5)
    sun_y = jax.random.uniform(height, minval=-0.5, maxval=-0.15)
    radius = direction.scale * jax.random.uniform(size, minval=0.15, maxval=0.24)
    scene = disc(scene, canvas, (sun_x, sun_y), radius, 1.0, 0.5, 0.5)

    shown = 2 + 3 * direction.amount
    far = direction.ground + 0.8 * direction.rise
    for index, ridge_key in enumerate(ridge_keys):
        near = (index + 1) / LAYERS
        level = horizon - 0.16 + 0.95 * near**1.3
        steep = direction.unrest * (0.21 - 0.05 * near) * (0.55 + 0.45 * direction.scale)
        crest = level - steep * _peaks(ridge_key, x, 0.42 + 0.16 * (1 - near))
        below = y - crest
        air = ramp(below, -0.05, 0.5) * (0.25 + 0.6 * direction.haze) * (1 - near)
        tone = mix(mix(far, direction.shadow, near**0.8), far, air)
        present = jnp.clip(shown - (LAYERS - 1 - index), 0, 1)
        scene = scene.under(inside(-below, pixel) * (present >= 0.5), tone)
    return scene


def desert_dunes(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Rounded dunes, each with a sunlit side and a shaded side along a winding crest."""
    place, height, side_key, *dune_keys = jax.random.split(key, 3 + DUNES)
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(jax.random.bernoulli(side_key), 1.0, -1.0)
    scene = sky(canvas, direction, 0.3)
    sun_x = -side * jax.random.uniform(place, minval=0.2, maxval=0.6)
    sun_y = jax.random.uniform(height, minval=-0.6, maxval=-0.3)
    radius = 0.17 * direction.scale
    scene = disc(scene, canvas, (sun_x, sun_y), radius, 1.0, 0.4, 0.45)
    far = direction.ground + direction.rise
    shown = 1 + 2 * direction.amount
    for index, dune_key in enumerate(dune_keys):
        near = (index + 1) / DUNES
        top_key, phase_key, wind_key = jax.random.split(dune_key, 3)
        present = (DUNES - 1 - index) < jnp.round(shown)
        top_x = side * 0.3 * (-1.0) ** index + 0.25 * jax.random.uniform(
            top_key, minval=-1
        )
        rise = (0.3 + 0.1 * near) * (0.5 + 0.5 * direction.unrest) * direction.scale
        swell = jnp.exp(-(((x - top_x) / 0.75) ** 2))
        level = -0.1 + 0.8 * near + 0.03 * waves(phase_key, x, None, 0.4, 2)
        crest = level + 0.12 - rise * swell
        below = y - crest
        wind = jax.random.uniform(wind_key)
        bend = 0.16 * sine(0.55 * below + wind) - 0.16 * sine(wind)
        edge = top_x + side * 0.5 * below + bend
        shade = ramp(side * (x - edge), -0.012, 0.012 + 0.25 * ramp(below, 0.1, 0.9))
        lit = mix(far, 0.62 + 0.25 * direction.ground, 0.4 + 0.6 * near)
        lit = lit - 0.12 * ramp(below, 0, 0.8)
        dark = mix(far, direction.shadow, 0.3 + 0.55 * near)
        tone = mix(mix(lit, dark, shade), far, direction.haze * 0.6 * (1 - near))
        scene = scene.under(inside(-below, pixel) * present, tone)
    return scene
