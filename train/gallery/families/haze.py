"""Haze of colour: huge orbs out of focus."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Scalar, dice, mix, ramp
from train.gallery.scene import Scene, backdrop

ORBS = 7


def colour_haze(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Big blurred orbs that melt into one another about a single glowing core."""
    (start, right, down, size), draws = dice(key, (4,), (ORBS, 5))
    core_x, core_y = 0.35 * (2 * right - 1), 0.35 * (2 * down - 1)
    count = jnp.round(3 + 2 * direction.amount + 2 * (direction.amount > 0.7))
    scale = 0.35 + 0.65 * direction.scale
    away = jnp.hypot(canvas.x - core_x, canvas.y - core_y)
    around = jnp.exp(-((away / 1.1) ** 2))
    scene = backdrop(direction.ground + direction.rise * (around - 0.4))

    def add(scene: Scene, orb: tuple[Scalar, Array]) -> tuple[Scene, None]:
        index, (girth, reach, strength, tint, soft) = orb
        # The golden angle keeps neighbours apart.
        bearing = 2 * jnp.pi * start + 2.4 * index
        radius = scale * mix(0.42, 0.66, girth)
        apart = scale * mix(0.45, 0.85, reach)
        dx = (canvas.x - core_x - apart * jnp.cos(bearing)) / radius
        dy = (canvas.y - core_y - apart * jnp.sin(bearing)) / radius
        # The more air there is, the further an orb melts into its neighbours.
        power = mix(9.0, 4.0, soft) - 2.5 * direction.haze
        orb_cover = jnp.exp(-(jnp.hypot(dx, dy) ** power)) * (index < count)
        # Each orb is lighter where it faces the core, and fades out behind.
        facing = -jnp.cos(bearing) * dx - jnp.sin(bearing) * dy
        lit = orb_cover * mix(0.12, 1.0, ramp(facing, -1.2, 1.1))
        lit *= mix(0.42, 0.65, strength) * (1.08 - 0.35 * direction.amount)
        # The first ones are shade, the others light upon it.
        deep = index < 0.4 * count
        shade = orb_cover * ramp(facing, 1.1, -0.9) * deep
        scene = scene.under(0.8 * shade, 0.4 * direction.shadow)
        return scene.lit(lit * (1 - deep), 1.2 * (tint < 0.35)), None

    orbs = (jnp.arange(ORBS, dtype=jnp.float32), draws)
    scene = jax.lax.scan(add, scene, orbs)[0]
    core = scale * mix(0.18, 0.28, size)
    scene = scene.lit(0.5 * jnp.exp(-((away / (1.9 * core)) ** 2)))
    return scene.under(ramp(away, 1.5 * core, 0.1 * core), 1.0)
