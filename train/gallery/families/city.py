"""A city at the water: chunky towers, lit windows, a reflection."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, inside, mix, ramp, waves
from train.gallery.scene import Scene, disc, sky

TOWERS = 9


def city_skyline(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Two rows of towers before a large low sun, mirrored in still water."""
    place, size, far_key, near_key, ripple_key = jax.random.split(key, 5)
    pixel = canvas.pixel
    shore = 0.5
    ripple = 0.02 * direction.unrest * waves(ripple_key, canvas.x, canvas.y * 8, 0.5, 3)
    wet = canvas.y > shore
    x = jnp.where(wet, canvas.x + ripple, canvas.x)
    y = jnp.where(wet, 2 * shore - canvas.y, canvas.y)
    mirrored = Canvas(x=x, y=y, pixel=pixel)

    scene = sky(mirrored, direction, shore)
    sun_x = jax.random.uniform(place, minval=-0.4, maxval=0.4)
    radius = direction.scale * jax.random.uniform(size, minval=0.3, maxval=0.42)
    scene = disc(scene, mirrored, (sun_x, jnp.float32(-0.1)), radius, 0.95, 0.35, 0.4)

    far = mix(direction.ground + direction.rise, direction.shadow, 0.45)
    scene = _towers(far_key, mirrored, direction, scene, far, 0.95, shore, False)
    near = direction.shadow
    scene = _towers(near_key, mirrored, direction, scene, near, 0.75, shore, True)
    water = 0.72 * scene.tone + 0.1 * direction.ground
    dim = ramp(canvas.y, shore - 0.001, shore + 0.001)
    return Scene(
        tone=mix(scene.tone, water, dim), accent=scene.accent * (1 - 0.3 * dim)
    )


def _towers(
    key: jax.Array,
    canvas: Canvas,
    direction: Direction,
    scene: Scene,
    tone: jax.Array,
    tallest: float,
    shore: float,
    windows: bool,
) -> Scene:
    """One row of towers from left to right, every other one tall."""
    heights, widths, shifts, lamp_key = jax.random.split(key, 4)
    height = jax.random.uniform(heights, (TOWERS,), minval=0.25, maxval=1.0)
    width = jax.random.uniform(widths, (TOWERS,), minval=0.11, maxval=0.2)
    shift = jax.random.uniform(shifts, (TOWERS,), minval=-0.06, maxval=0.06)
    lamps = jax.random.uniform(lamp_key, (TOWERS * 64,))
    floor_height, bay_width = 0.11, 0.1
    for index in range(TOWERS):
        middle = -1.12 + 2.24 * index / (TOWERS - 1) + shift[index]
        half = width[index] * (0.75 + 0.3 * direction.amount)
        sparse = jnp.where(index % 3 == 1, 1.0, 0.22)
        share = mix(sparse, 1.0, jnp.clip(2 * direction.amount, 0, 1))
        top = shore - tallest * height[index] * share * (0.7 + 0.3 * direction.scale)
        side = jnp.abs(canvas.x - middle) - half
        body = inside(jnp.maximum(side, top - canvas.y), canvas.pixel)
        scene = scene.under(body, tone)
        if not windows:
            continue
        across = (canvas.x - middle) / bay_width
        down = (canvas.y - top) / floor_height - 0.35
        column, row = jnp.floor(across), jnp.floor(down)
        cell = index * 64 + (column + 4) * 8 + jnp.mod(row, 8)
        lit = lamps[jnp.clip(cell, 0, TOWERS * 64 - 1).astype(jnp.int32)]
        pane = jnp.maximum(
            (jnp.abs(across - column - 0.5) - 0.27) * bay_width,
            (jnp.abs(down - row - 0.5) - 0.3) * floor_height,
        )
        room = jnp.maximum(side + 0.03, jnp.maximum(pane, -down * floor_height))
        glass = inside(room, canvas.pixel) * (lit < 0.16 + 0.3 * direction.amount)
        scene = scene.under(glass, 0.85, 0.75 * (lit < 0.22))
    return scene
