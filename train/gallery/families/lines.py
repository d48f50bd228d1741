"""Ridgelines: strokes that hide one another, like stacked pulses."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, inside, ramp, waves
from train.gallery.scene import Scene, backdrop

LINES = 11


def ridgelines(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Strokes from back to front, flat at the sides, mountainous in the middle."""
    place, line_draws = dice(key, (), (LINES, 2, 3))
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    count = jnp.round(5 + 4 * direction.amount + 2 * (direction.amount > 0.7))
    ground = direction.ground
    ink = jnp.where(ground > 0.5, 0.04, jnp.where(ground > 0.2, 0.97, 0.9))
    centre = 0.15 * (2 * place - 1)
    half_width = 0.55 + 0.27 * direction.scale
    half_height = 0.3 + 0.3 * direction.scale
    gap = 2 * half_height / (count - 1)
    hump = jnp.exp(-(((x - centre) / (0.45 * half_width)) ** 2))
    reach = direction.unrest * (0.1 + 0.8 * gap)
    stroke = 0.034 - 0.01 * direction.amount
    beside = inside(jnp.abs(x) - half_width, pixel)

    def add(scene: Scene, line: tuple[jax.Array, jax.Array]) -> tuple[Scene, None]:
        index, bump_draws = line
        level = 0.14 + half_height * (2 * index / (count - 1) - 1)
        bumps = jnp.abs(waves(bump_draws, x, None, 1.1))
        crest = level - reach * hump * (0.2 + 1.2 * bumps / (1 + 0.5 * bumps))
        slope = jnp.asarray(jnp.gradient(crest, pixel, axis=1))
        drop = (y - crest) * jax.lax.rsqrt(1 + slope**2)
        shown = beside * (index < count)
        hidden = inside(-drop, pixel) * ramp(y, level + 0.2, level)
        scene = scene.under(shown * hidden, ground)
        chosen = index == (count + 1) // 2
        drawn = shown * inside(jnp.abs(drop) - stroke / 2, pixel)
        return scene.under(drawn, jnp.where(chosen, 0.85, ink), 0.95 * chosen), None

    lines = (jnp.arange(LINES), line_draws)
    return jax.lax.scan(add, backdrop(ground + 0.0 * x), lines)[0]
