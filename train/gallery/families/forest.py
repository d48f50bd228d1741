"""Pines that fade into fog."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery.direction import Direction
from train.gallery.families.land import lit_sky
from train.gallery.fields import (
    Canvas,
    Field,
    Scalar,
    dice,
    glow,
    inside,
    mix,
    ramp,
    waves,
)
from train.gallery.scene import Scene

ROWS = 6
KINDS = 16  # different trees in a row


def forest_in_fog(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Rows of pines on misty slopes, each darker and larger, before a veiled sun."""
    place, fog_draws, tree_draws, soil_draws = dice(
        key, (5,), (3, 2, 4), (ROWS, KINDS, 3), (ROWS, 3, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place[0] < 0.5, -1.0, 1.0)
    sun_x, sun_y = -side * mix(0.05, 0.5, place[1]), mix(-0.5, -0.12, place[2])
    radius = 0.14 * mix(0.8, 1.2, place[3]) * direction.scale**0.5
    scene = lit_sky(canvas, direction, 0.4, (sun_x, sun_y), radius)
    air = scene.tone + 0.05 * direction.rise
    away = jnp.hypot(x - sun_x, y - sun_y)
    scene = scene.under(
        ramp(away, radius + 0.015, radius - 0.015), mix(air, 1.0, 0.8), 0.25
    )
    turns = jnp.arctan2(x - sun_x, y - sun_y)  # 0 straight down
    rays = ramp(waves(fog_draws[2], turns, None, 0.9), -0.4, 1.6)
    rays *= ramp(jnp.cos(turns), -0.1, 0.8) * glow(away - radius, 0.75)
    rays *= 0.4 * (1 - direction.ground) * ramp(away, 0.9 * radius, 2 * radius)
    shown = jnp.where(direction.amount < 0.2, 4.0, 6.0)

    def add_row(scene: Scene, row: tuple[Array, ...]) -> tuple[Scene, None]:
        index, trees, (tilt, swell, drift) = row
        near = (index + 1) / ROWS
        tall = (0.16 + 1.15 * near**2.1) * mix(0.8, 1.0, direction.scale)
        cell = tall * mix(0.34, 0.2, direction.amount)
        hand = jnp.where(index % 2 == 0, 1.0, -1.0)
        slope = hand * (0.06 + 0.2 * tilt[0, 0]) * (0.4 + 0.6 * direction.unrest)
        foot = 0.02 + 0.2 * ROWS * near**1.5 / 1.5 - slope * x * side
        foot += 0.05 * waves(swell, x, None, 0.55)

        # The nearest stand at one edge of the picture and frame it.
        def share(middle: Field) -> Field:
            edge = (side * middle > 0.2) | (near < 0.9)
            return edge * mix(0.34, 0.95, direction.amount) + 0.1 * (near - 1)

        tops = spruces(x, y, foot, trees, cell, tall, share)
        distance = jnp.minimum(tops, foot - y)
        clear = mix(air, direction.shadow, 0.1 + 0.9 * near**1.2)
        mist = ramp(y, foot - 0.7 * tall, foot + 0.12)
        mist *= 0.8 + 0.2 * waves(drift, 0.5 * x, 2 * y, 0.6)
        mist *= (0.75 + 0.4 * direction.haze) * (1 - near**3)
        tone = mix(clear, air, jnp.clip(mist, 0, 0.95))
        present = ROWS - index <= shown
        scene = scene.under(inside(distance, pixel) * present, tone)
        return scene.lit(0.45 * rays * (1 - near)), None

    rows = (jnp.arange(ROWS), tree_draws, soil_draws[:, :, None].repeat(2, 2))
    return jax.lax.scan(add_row, scene, rows)[0]


def spruces(
    x: Field,
    y: Field,
    foot: Field,
    draws: Float[Array, "kinds 3"],
    cell: Scalar | float,
    tall: Scalar | float,
    share: Callable[[Field], Field | Scalar],
) -> Field:
    """Distance to a row of ragged conifers, about one every `cell`, up to `tall`.

    Args:
        x: Position along the row.
        y: Position downwards.
        foot: Where the ground is.
        draws: Random numbers in 0..1: place, height, and whether it is there.
        cell: Distance between two trees.
        tall: Height of the tallest.
        share: How many of them are there, 0..1, about a place.
    """
    nearest = jnp.full_like(x, 9.0)
    for shift in (-1, 0, 1):
        column = jnp.floor(x / cell) + shift
        place, height, rank = jnp.moveaxis(
            draws[jnp.mod(column, len(draws)).astype(jnp.int32)], -1, 0
        )
        middle = (column + 0.15 + 0.7 * place) * cell
        side = x - middle
        length = tall * mix(0.5, 1.0, height)
        # Branches hang: a tier is lower at its tips, and not level left and right.
        hung = y - foot + length - 0.4 * jnp.abs(side)
        down = hung / length
        tier = mix(9.0, 13.0, rank) * down + 0.45 * (side > 0) + 7 * place
        part = tier - jnp.floor(tier)
        ragged = 0.42 + 0.58 * part
        half = length * (0.012 + 0.2 * jnp.clip(down, 0, 1) ** 0.85 * ragged)
        distance = jnp.maximum(0.8 * (jnp.abs(side) - half), -hung)
        nearest = jnp.where(
            rank < share(middle), jnp.minimum(nearest, distance), nearest
        )
    return nearest
