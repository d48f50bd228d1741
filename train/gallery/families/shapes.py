"""Flat geometry: bauhaus shapes on plain ground."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, inside
from train.gallery.scene import Scene, backdrop

SHAPES = 9
TONES = (0.03, 0.3, 0.55, 0.95)


def geometric_shapes(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """One large disc, then smaller shapes about it; the last is the accent."""
    pixel = canvas.pixel
    ground = direction.ground + 0.06 * (direction.ground < 0.2)
    scene = backdrop(ground + 0.0 * canvas.x)
    count = jnp.round(3 + 3 * direction.amount + 3 * (direction.amount > 0.7))
    for index, shape_key in enumerate(jax.random.split(key, SHAPES)):
        kind_key, spot_key, size_key, turn_key, tone_key = jax.random.split(shape_key, 5)
        large = index == 0
        limits = (0.5, 0.62) if large else (0.17, 0.36)
        size = jax.random.uniform(size_key, minval=limits[0], maxval=limits[1])
        size *= direction.scale
        reach = 0.25 if large else 0.62 + 0.15 * direction.amount
        spot = reach * jax.random.uniform(spot_key, (2,), minval=-1)
        turn = jax.random.randint(turn_key, (), 0, 8) * jnp.pi / 4
        cos, sin = jnp.cos(turn), jnp.sin(turn)
        dx, dy = canvas.x - spot[0], canvas.y - spot[1]
        u, v = cos * dx + sin * dy, cos * dy - sin * dx

        disc = jnp.hypot(u, v) - size
        outlines = jnp.stack(
            [
                disc,
                jnp.maximum(disc, v),
                jnp.maximum(jnp.hypot(u - size / 2, v - size / 2) - 1.3 * size,
                            jnp.maximum(-(u + size / 2), -(v + size / 2))),
                jnp.maximum(0.87 * jnp.abs(u) + 0.5 * v - 0.6 * size, -v - 0.6 * size),
                jnp.maximum(jnp.abs(u) - 1.9 * size, jnp.abs(v) - 0.16 * size),
                jnp.abs(disc + 0.2 * size) - 0.13 * size,
            ]
        )
        kind = jax.random.randint(kind_key, (), 0, len(outlines))
        kind = jnp.where(large, 0, kind)
        distance = outlines[kind]
        tones = jnp.asarray(TONES)
        contrast = jnp.abs(tones - ground) > 0.2
        tone = jax.random.choice(tone_key, tones, p=contrast / contrast.sum())
        is_accent = index == count - 1
        tone = jnp.where(is_accent, 0.75, tone)
        shown = inside(distance, pixel) * (index < count)
        scene = scene.under(shown, tone, 1.0 * is_accent)
    return scene
