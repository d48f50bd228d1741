"""Pines that fade into fog."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Field, dice, inside, mix, ramp, waves
from train.gallery.scene import Scene, backdrop, disc

ROWS = 3
TREES = 7
TIERS = 5


def forest_in_fog(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Three rows of pines, paler with distance, mist at their feet, a veiled light."""
    (place, height), tree_draws, soil_draws, order_draws = dice(
        key, (2,), (ROWS, TREES, 2), (ROWS, 2, 2), (ROWS, TREES)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    mist = direction.ground + 0.75 * direction.rise + 0.06
    scene = backdrop(mix(direction.ground, mist, ramp(y, -1.2, 0.5)))
    centre = (mix(-0.45, 0.45, place), mix(-0.55, -0.25, height))
    veiled = jnp.minimum(mist + 0.4, 1)
    scene = disc(scene, canvas, centre, 0.17 * direction.scale, veiled, 0.15, 0.45)
    few = direction.amount < 0.2

    def add_row(scene: Scene, row: tuple[jax.Array, ...]) -> tuple[Scene, None]:
        near, trees, soil_draws, order = row
        foot = 0.42 + 0.42 * near
        soil = foot + 0.04 * waves(soil_draws, x, None, 0.4)
        size = (0.55 + 0.75 * near) * (0.75 + 0.25 * direction.scale)
        usual = 4.5 + 3.0 * direction.amount - 2 * near
        shown = jnp.where(few, 3.0 * near - 0.7, usual)

        def add_tree(nearest: Field, tree: tuple[jax.Array, ...]) -> tuple[Field, None]:
            middle, draws, place = tree
            length = size * mix(0.7, 1.15, draws[0])
            down = (y - (foot + 0.04 - length)) / length
            tier = TIERS * down
            ragged = 0.62 + 0.38 * (tier - jnp.floor(tier))
            half = 0.27 * length * jnp.clip(down, 0, 1) * ragged
            side = jnp.abs(x - middle - 0.24 * (draws[1] - 0.5)) - half
            distance = jnp.maximum(side, -down * length)
            return jnp.minimum(nearest, jnp.where(place < shown, distance, 9.0)), None

        spots = jnp.linspace(-1.15, 1.15, TREES)
        nearest = jax.lax.scan(add_tree, soil - y, (spots, trees, order))[0]
        clear = mix(mix(mist, direction.shadow, 0.25), direction.shadow, near**1.2)
        feet = ramp(y, soil - 0.75 * size, soil + 0.15)
        veil = feet * (0.75 + 0.5 * direction.haze) * (1 - 0.7 * near)
        tone = mix(clear, mist, jnp.minimum(veil, 1))
        return scene.under(inside(nearest, pixel), tone), None

    nearness = (jnp.arange(ROWS) + 1) / ROWS
    rows = (nearness, tree_draws, soil_draws, jnp.argsort(order_draws))
    return jax.lax.scan(add_row, scene, rows)[0]
