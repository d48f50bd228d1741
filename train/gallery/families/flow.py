"""Liquid marble: colours that flow into one another."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, mix, ramp, sine, waves
from train.gallery.scene import Scene


def liquid_marble(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Broad folded bands with a lit edge and a thin accent vein."""
    (turn, drift), draws = dice(key, (2,), (6, 2, 3))
    zoom = 0.45 + 0.4 * direction.amount
    x, y = canvas.x * zoom, canvas.y * zoom
    bend = 0.34 * (0.55 + 0.45 * direction.unrest)
    for across, down in (draws[:2], draws[2:4]):
        x, y = x + bend * waves(across, x, y, 0.5), y + bend * waves(down, x, y, 0.5)
    angle = 2 * jnp.pi * turn
    along = jnp.cos(angle) * x + jnp.sin(angle) * y
    depth = along + 0.25 * waves(draws[4], x, y, 0.5)
    fold = sine(0.8 * depth)
    gleam = ramp(sine(0.8 * depth + 0.13), 0.5, 1.0) ** 2
    low = mix(direction.shadow, direction.ground, 0.45)
    high = jnp.minimum(direction.ground + 0.46, 0.98)
    tone = mix(low, high, ramp(fold, -1.1, 1.1)) + 0.25 * gleam * (fold > -2)
    vein = ramp(jnp.abs(fold + 0.25), 0.26, 0.1)
    scene = Scene(tone=jnp.minimum(tone, 1), accent=0.9 * vein)
    scene = scene.under(0.9 * vein, jnp.maximum(tone, 0.72), 0.9)

    stream = canvas.y - 0.54 * sine(0.12 * canvas.x + drift)
    empty = ramp(jnp.abs(stream + 0.15 * waves(draws[5], x, y, 0.5)), 0.2, 0.42)
    return scene.under(empty * (direction.amount < 0.2), direction.ground)
