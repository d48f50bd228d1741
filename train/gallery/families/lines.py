"""Ridgelines: white strokes that hide one another, like stacked pulses."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, inside, ramp, waves
from train.gallery.scene import Scene, backdrop

LINES = 13


def ridgelines(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Strokes from back to front, flat at the sides, mountainous in the middle."""
    place, *line_keys = jax.random.split(key, 1 + LINES)
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    count = jnp.round(5 + 4 * direction.amount + 4 * (direction.amount > 0.7))
    ground = direction.ground
    ink = jnp.where(ground > 0.5, 0.04, jnp.where(ground > 0.2, 0.97, 0.9))
    centre = jax.random.uniform(place, minval=-0.15, maxval=0.15)
    half_width = 0.55 + 0.27 * direction.scale
    half_height = 0.3 + 0.3 * direction.scale
    gap = 2 * half_height / (count - 1)
    hump = jnp.exp(-(((x - centre) / (0.42 * half_width)) ** 2))
    reach = direction.unrest * (0.1 + 0.8 * gap)
    stroke = 0.03 - 0.008 * direction.amount
    scene = backdrop(ground + 0.0 * x)
    for index, line_key in enumerate(line_keys):
        level = 0.1 + half_height * (2 * index / (count - 1) - 1)
        bumps = jnp.abs(waves(line_key, x, None, 1.3, 3))
        crest = level - reach * hump * (0.25 + 0.75 * bumps)
        slope = jnp.gradient(crest, pixel, axis=1)
        drop = (y - crest) / jnp.sqrt(1 + slope**2)
        width = inside(jnp.abs(x) - half_width, pixel) * (index < count)
        scene = scene.under(width * inside(-drop, pixel) * ramp(y, level + 0.2, level), ground)
        accent = 0.9 * (index == (count + 1) // 2)
        scene = scene.under(width * inside(jnp.abs(drop) - stroke / 2, pixel), ink, accent)
    return scene
