"""Outer space: a nebula and a planet."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, glow, inside, mix, ramp, sine, waves
from train.gallery.scene import STAR_CELLS, Scene, backdrop, stars


def nebula_and_planet(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A band of glowing gas, a few stars, and a shaded planet, often with a ring."""
    (place, lean, size, reach, ring), night, draws = dice(
        key, (5,), (STAR_CELLS, 4), (5, 2, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place < 0.5, -1.0, 1.0)
    slant = side * mix(0.3, 0.9, lean)

    warp_x, warp_y = (waves(some, x, y, 0.4) for some in draws[:2])
    bend = 0.2 * direction.unrest
    gas = waves(draws[2], x + bend * warp_x, y + bend * warp_y, 0.55)
    across = (y - slant * x * 0.8 + 0.18 * warp_y + 0.08 * warp_x) / jnp.hypot(
        1.0, slant
    )
    width = 0.32 + 0.4 * direction.amount
    density = ramp(gas, -1.1, 1.7) * jnp.exp(-((across / width) ** 2))
    scene = backdrop(direction.ground + 0.0 * x)
    scene = scene.lit(stars(night, canvas, 0.25 + 0.35 * direction.amount))
    scene = scene.lit(0.8 * density)
    coloured = ramp(waves(draws[3], x + bend * warp_y, y, 0.45), 0.3, 1.3) * density
    scene = Scene(tone=scene.tone, accent=0.55 * coloured)

    radius = direction.scale * (0.28 + 0.12 * size)
    centre_x, centre_y = side * (0.2 + 0.25 * reach), -0.12 + 0.3 * (size - 0.5)
    dx, dy = (x - centre_x) / radius, (y - centre_y) / radius
    rho = jnp.hypot(dx, dy)
    upright = jnp.sqrt(jnp.maximum(1 - rho**2, 0))
    facing = jnp.clip(-0.62 * side * dx - 0.5 * dy + 0.6 * upright, 0, 1)
    turn = 0.5 * slant
    latitude = dy - turn * dx
    bands = sine(1.1 * latitude + 0.06 * waves(draws[4], dx, dy, 0.5))
    surface = mix(direction.shadow * 0.7, 0.72 + 0.14 * bands, facing)
    scene = scene.lit(0.35 * glow((rho - 1) * radius, 0.16))

    along, over = dx + turn * dy, latitude * 3.6
    orbit = jnp.hypot(along, over)
    band = (jnp.abs(orbit - 1.65) - 0.2) * radius * 0.45
    ringed = inside(band, pixel) * (ring < 0.7)
    scene = scene.under(0.9 * ringed * (over < 0), 0.75, 0.85)
    scene = scene.under(inside((rho - 1) * radius, pixel), surface)
    return scene.under(0.9 * ringed * (over >= 0), 0.8, 0.85)
