"""Light itself: bokeh, and rays that burst from a sun."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, glow, inside, mix, ramp
from train.gallery.scene import Scene, backdrop

DISCS = 16


def bokeh_lights(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Large see-through discs with a brighter rim, gathered about a slanting line."""
    slope, draws = dice(key, (), (DISCS, 5))
    x, y = canvas.x, canvas.y
    lean = 0.7 * (2 * slope - 1)
    band = jnp.exp(-(((y - lean * x) / 0.7) ** 2))
    scene = backdrop(0.8 * direction.ground + 0.5 * direction.rise * band)
    count = jnp.round(4 + 6 * direction.amount + 6 * (direction.amount > 0.7))

    def add(scene: Scene, disc: tuple[jax.Array, jax.Array]) -> tuple[Scene, None]:
        index, (across, down, size, strength, hue) = disc
        centre_x = 2 * across - 1
        spread = 0.35 + 0.4 * direction.amount
        centre_y = lean * centre_x + (2 * down - 1) * spread
        radius = (0.13 + 0.2 * size) * (0.8 + 0.2 * direction.scale)
        distance = jnp.hypot(x - centre_x, y - centre_y) - radius
        rim = 0.2 * ramp(distance, -0.07, -0.01)
        shown = ramp(distance, 0.025, -0.025) * (0.32 + 0.3 * strength + rim)
        shown *= index < count
        coloured = shown * (hue < 0.35)
        scene = scene.lit(shown)
        return scene.under(coloured, jnp.maximum(scene.tone, 0.75), 0.9), None

    return jax.lax.scan(add, scene, (jnp.arange(DISCS), draws))[0]


def sunburst_rays(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Wedges of light and shade around a plain disc."""
    right, down, turn = jax.random.uniform(key, (3,))
    pixel = canvas.pixel
    centre_x = 0.25 * (2 * right - 1)
    centre_y = 0.5 * down
    dx, dy = canvas.x - centre_x, canvas.y - centre_y
    distance = jnp.hypot(dx, dy)
    rays = jnp.round(8 + 6 * direction.amount + 4 * (direction.amount > 0.7))
    turns = jnp.arctan2(dy, dx) / (2 * jnp.pi) * rays + turn
    off = jnp.abs(turns - jnp.round(turns)) - 0.25
    wedge = inside(off * distance * 2 * jnp.pi / rays, pixel)
    minimal = direction.amount < 0.2
    fall = mix(0.35, 1.0, ramp(distance, 2.0, 0.2))
    fall = jnp.where(minimal, ramp(distance, 1.0, 0.35), fall)
    shade = mix(direction.ground, direction.shadow, jnp.where(minimal, 0.15, 0.45))
    tone = mix(shade, jnp.minimum(direction.ground + 0.38, 0.92), wedge * fall)
    scene = backdrop(tone)
    radius = 0.32 * direction.scale
    scene = scene.lit((0.5 - 0.4 * direction.ground) * glow(distance - radius, 0.22))
    scene = scene.under(inside(distance - 1.2 * radius, pixel), shade)
    return scene.under(inside(distance - radius, pixel), 0.96, 0.75)
