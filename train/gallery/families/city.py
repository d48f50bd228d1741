"""A city at the water: chunky towers, lit windows, a reflection."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, inside, mix, ramp, waves
from train.gallery.scene import Scene, disc, sky

TOWERS = 9
STOREY, BAY = 0.11, 0.1  # height and width of a room


def city_skyline(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Two rows of towers before a large low sun, mirrored in still water."""
    (place, size), ripple_draws, (far_towers, near_towers), lamps = dice(
        key, (2,), (2, 3), (2, TOWERS, 3), (TOWERS * 64,)
    )
    pixel = canvas.pixel
    shore = 0.5
    ripple = waves(ripple_draws, canvas.x, canvas.y * 8, 0.5)
    ripple *= 0.02 * direction.unrest
    wet = canvas.y > shore
    x = jnp.where(wet, canvas.x + ripple, canvas.x)
    y = jnp.where(wet, 2 * shore - canvas.y, canvas.y)
    mirrored = Canvas(x=x, y=y, pixel=pixel)

    scene = sky(mirrored, direction, shore)
    sun_x = mix(-0.4, 0.4, place)
    radius = direction.scale * mix(0.3, 0.42, size)
    scene = disc(scene, mirrored, (sun_x, jnp.float32(-0.1)), radius, 0.95, 0.35, 0.4)

    far = mix(direction.ground + direction.rise, direction.shadow, 0.45)
    scene = _towers(far_towers, mirrored, direction, scene, far, 0.95, shore, None)
    near = direction.shadow
    scene = _towers(near_towers, mirrored, direction, scene, near, 0.75, shore, lamps)
    depth = canvas.y - shore
    water = mix(scene.tone, direction.shadow, 0.35 + 0.4 * ramp(depth, 0, 0.5))
    bank = inside(jnp.abs(depth) - 0.014, pixel)
    flat = Scene(
        tone=jnp.where(wet, water, scene.tone),
        accent=jnp.where(wet, 0.6 * scene.accent, scene.accent),
    )
    return flat.under(bank, mix(direction.ground, 0.8, 0.35))


def _towers(
    towers: Float[Array, "towers 3"],
    canvas: Canvas,
    direction: Direction,
    scene: Scene,
    tone: jax.Array,
    tallest: float,
    shore: float,
    lamps: Float[Array, " rooms"] | None,
) -> Scene:
    """One row of towers from left to right; with few, most of them stay low."""
    x, y, pixel = canvas.x, canvas.y, canvas.pixel

    def add(scene: Scene, tower: tuple[jax.Array, jax.Array]) -> tuple[Scene, None]:
        index, draws = tower
        middle = -1.12 + 2.24 * index / (TOWERS - 1) + 0.12 * (draws[0] - 0.5)
        half = mix(0.11, 0.2, draws[1]) * (0.75 + 0.3 * direction.amount)
        kept = jnp.where(index % 3 == 1, 1.0, 0.22)
        kept = mix(kept, 1.0, jnp.clip(2 * direction.amount, 0, 1))
        height = tallest * mix(0.25, 1.0, draws[2]) * kept
        top = shore - height * (0.7 + 0.3 * direction.scale)
        side = jnp.abs(x - middle) - half
        scene = scene.under(inside(jnp.maximum(side, top - y), pixel), tone)
        if lamps is None:
            return scene, None
        across, down = (x - middle) / BAY, (y - top) / STOREY - 0.35
        column, row = jnp.floor(across), jnp.floor(down)
        room = index * 64 + (column + 4) * 8 + jnp.mod(row, 8)
        lamp = lamps[jnp.clip(room, 0, TOWERS * 64 - 1).astype(jnp.int32)]
        pane = jnp.maximum(
            (jnp.abs(across - column - 0.5) - 0.27) * BAY,
            (jnp.abs(down - row - 0.5) - 0.3) * STOREY,
        )
        glass = jnp.maximum(pane, jnp.maximum(side + 0.03, -down * STOREY))
        lit = inside(glass, pixel) * (lamp < 0.24 + 0.24 * direction.amount)
        return scene.under(lit, 0.85, 0.75 * (lamp < 0.22)), None

    return jax.lax.scan(add, scene, (jnp.arange(TOWERS), towers))[0]
