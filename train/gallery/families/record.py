"""A vinyl record, seen from above."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, inside, mix, ramp
from train.gallery.scene import Scene, backdrop


def vinyl_rings(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A dark disc with a few grooves, two sheens of light and a coloured label."""
    right, down, size, sheen_turn, label_turn = jax.random.uniform(key, (5,))
    pixel = canvas.pixel
    off = 0.12 + 0.3 * direction.amount
    centre_x = off * (2 * right - 1)
    centre_y = off * (2 * down - 1)
    radius = direction.scale * mix(0.72, 0.86, size)
    x, y = canvas.x - centre_x, canvas.y - centre_y
    distance = jnp.hypot(x, y)
    corner = jnp.hypot(canvas.x + 0.7, canvas.y + 0.8)
    scene = backdrop(direction.ground + direction.rise * ramp(corner, 2.2, 0))
    shade = jnp.hypot(x - 0.04, y - 0.07) - radius
    scene = scene.under(0.55 * ramp(shade, 0.16, -0.06), direction.shadow * 0.6)

    black = mix(0.02, direction.shadow, 0.4)
    count = 5 + 4 * direction.amount
    groove = distance / radius * count
    edge = jnp.abs(groove - jnp.round(groove)) - 0.13
    ring = inside(edge * radius / count, pixel)
    angle = jnp.pi * sheen_turn
    along = (x * jnp.cos(angle) + y * jnp.sin(angle)) / jnp.maximum(distance, 1e-3)
    sheen = along**8 * ramp(distance / radius, 0.2, 0.6)
    tone = black + 0.1 * ring + (0.42 + 0.2 * ring) * sheen
    scene = scene.under(inside(distance - radius, pixel), tone)
    scene = scene.under(inside(jnp.abs(distance - radius) - 0.012, pixel), 0.3)

    label = 0.36 * radius
    turn = 2 * label_turn - 1
    half = ramp(x * jnp.sin(turn) + y * jnp.cos(turn), -0.01, 0.01)
    scene = scene.under(
        inside(distance - label, pixel), mix(0.85, 0.6, half), 0.9 * half
    )
    return scene.under(inside(distance - 0.07 * radius, pixel), direction.ground)
