"""A city at the water: chunky towers, lit windows, a reflection."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, inside, mix, ramp, waves
from train.gallery.scene import Scene, disc, sky

TOWERS = 9
STOREY, BAY = 0.11, 0.1  # height and width of a room


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
    depth = canvas.y - shore
    water = mix(scene.tone, direction.shadow, 0.35 + 0.4 * ramp(depth, 0, 0.5))
    bank = inside(jnp.abs(depth) - 0.014, pixel)
    flat = Scene(
        tone=jnp.where(wet, water, scene.tone),
        accent=jnp.where(wet, 0.6 * scene.accent, scene.accent),
    )
    return flat.under(bank, mix(direction.ground, 0.8, 0.35))


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
    """One row of towers from left to right; with few, most of them stay low."""
    tower_key, lamp_key = jax.random.split(key)
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    lamps = jax.random.uniform(lamp_key, (TOWERS * 64,))

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
        if not windows:
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
        lit = inside(glass, pixel) * (lamp < 0.16 + 0.3 * direction.amount)
        return scene.under(lit, 0.85, 0.75 * (lamp < 0.22)), None

    draws = jax.random.uniform(tower_key, (TOWERS, 3))
    return jax.lax.scan(add, scene, (jnp.arange(TOWERS), draws))[0]
