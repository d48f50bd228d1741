"""Liquid marble: colours that flow into one another."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, mix, ramp, sine, waves
from train.gallery.scene import Scene


def liquid_marble(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Broad folded bands with a lit edge and a thin accent vein."""
    first, second, band_key, mask_key, slope_key = jax.random.split(key, 5)
    zoom = 0.45 + 0.4 * direction.amount
    x, y = canvas.x * zoom, canvas.y * zoom
    bend = 0.34 * (0.55 + 0.45 * direction.unrest)
    for warp_key in (first, second):
        key_x, key_y = jax.random.split(warp_key)
        x, y = (
            x + bend * waves(key_x, x, y, 0.5, 3),
            y + bend * waves(key_y, x, y, 0.5, 3),
        )
    angle = jax.random.uniform(slope_key, maxval=2 * jnp.pi)
    along = jnp.cos(angle) * x + jnp.sin(angle) * y
    depth = along + 0.25 * waves(band_key, x, y, 0.5, 3)
    fold = sine(0.8 * depth)
    gleam = ramp(sine(0.8 * depth + 0.13), 0.5, 1.0) ** 2
    low, high = direction.shadow, jnp.minimum(direction.ground + 0.5, 0.97)
    tone = mix(low, high, ramp(fold, -1.1, 1.1)) + 0.25 * gleam * (fold > -2)
    vein = ramp(jnp.abs(fold + 0.25), 0.26, 0.1)
    scene = Scene(tone=jnp.minimum(tone, 1), accent=0.9 * vein)
    scene = scene.under(0.9 * vein, jnp.maximum(tone, 0.72), 0.9)

    rest = canvas.y - 0.9 * sine(0.12 * canvas.x + jax.random.uniform(mask_key)) * 0.6
    empty = ramp(jnp.abs(rest + 0.15 * waves(mask_key, x, y, 0.5, 2)), 0.2, 0.42)
    return scene.under(empty * (direction.amount < 0.2), direction.ground)
