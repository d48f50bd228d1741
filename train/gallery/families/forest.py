"""Pines that fade into fog."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Field, inside, mix, ramp, waves
from train.gallery.scene import Scene, backdrop, disc

LAYERS = 3
TREES = 7
TIERS = 5


def forest_in_fog(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Three rows of pines, paler with distance, mist at their feet, a veiled light."""
    place, height, *layer_keys = jax.random.split(key, 2 + LAYERS)
    x, y = canvas.x, canvas.y
    mist = direction.ground + 0.75 * direction.rise + 0.06
    scene = backdrop(mix(direction.ground, mist, ramp(y, -1.2, 0.5)))
    sun_x = jax.random.uniform(place, minval=-0.45, maxval=0.45)
    sun_y = jax.random.uniform(height, minval=-0.55, maxval=-0.25)
    veiled = jnp.minimum(mist + 0.4, 1)
    radius = 0.17 * direction.scale
    scene = disc(scene, canvas, (sun_x, sun_y), radius, veiled, 0.15, 0.45)
    for index, layer_key in enumerate(layer_keys):
        near = (index + 1) / LAYERS
        scene = _row(layer_key, canvas, direction, scene, near, mist)
    return scene


def _row(
    key: jax.Array,
    canvas: Canvas,
    direction: Direction,
    scene: Scene,
    near: float,
    mist: jax.Array,
) -> Scene:
    """One row of pines at nearness 0..1, and the mist before it."""
    spots, heights, ground_key, order_key = jax.random.split(key, 4)
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    soil = 0.42 + 0.42 * near + 0.04 * waves(ground_key, x, None, 0.4, 2)
    jitter = jax.random.uniform(spots, (TREES,), minval=-0.12, maxval=0.12)
    tall = jax.random.uniform(heights, (TREES,), minval=0.7, maxval=1.15)
    rank = jax.random.permutation(order_key, TREES)
    shown = jnp.where(
        direction.amount < 0.2, 3.0 * near - 0.7, 2.5 + 3.0 * direction.amount + 2 * (1 - near)
    )
    size = (0.55 + 0.75 * near) * (0.75 + 0.25 * direction.scale)

    def add(nearest: Field, tree: tuple[jax.Array, ...]) -> tuple[Field, None]:
        middle, height, place = tree
        length = size * height
        down = (y - (0.46 + 0.42 * near - length)) / length
        tier = TIERS * down
        ragged = 0.62 + 0.38 * (tier - jnp.floor(tier))
        half = 0.27 * length * jnp.clip(down, 0, 1) * ragged
        distance = jnp.maximum(jnp.abs(x - middle) - half, -down * length)
        return jnp.minimum(nearest, jnp.where(place < shown, distance, 9.0)), None

    middles = jnp.linspace(-1.15, 1.15, TREES) + jitter
    nearest = jax.lax.scan(add, soil - y, (middles, tall, rank))[0]
    clear = mix(mix(mist, direction.shadow, 0.25), direction.shadow, near**1.2)
    feet = ramp(y, soil - 0.75 * size, soil + 0.15)
    veil = feet * (0.75 + 0.5 * direction.haze) * (1 - 0.7 * near)
    tone = mix(clear, mist, jnp.clip(veil, 0, 1))
    return scene.under(inside(nearest, pixel), tone)
