"""Light itself: bokeh, and rays that burst from a sun."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, glow, inside, mix, ramp
from train.gallery.scene import Scene, backdrop

DISCS = 18


def bokeh_lights(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Large see-through discs with a brighter rim, gathered about a slanting line."""
    lean_key, *disc_keys = jax.random.split(key, 1 + DISCS)
    x, y = canvas.x, canvas.y
    lean = jax.random.uniform(lean_key, minval=-0.7, maxval=0.7)
    band = jnp.exp(-(((y - lean * x) / 0.7) ** 2))
    scene = backdrop(direction.ground + 0.5 * direction.rise * band)
    count = jnp.round(4 + 7 * direction.amount + 7 * (direction.amount > 0.7))
    for index, disc_key in enumerate(disc_keys):
        u, v, s, t, a = jax.random.uniform(disc_key, (5,))
        centre_x = 2 * u - 1
        centre_y = lean * centre_x + (2 * v - 1) * (0.35 + 0.4 * direction.amount)
        radius = (0.1 + 0.17 * s) * (0.8 + 0.2 * direction.scale)
        distance = jnp.hypot(x - centre_x, y - centre_y) - radius
        soft = 0.02 + 0.03 * t
        body = ramp(distance, soft, -soft)
        rim = body * ramp(distance, -0.06, -0.01)
        shown = (0.3 + 0.3 * t + 0.18 * rim) * body * (index < count)
        scene = scene.lit(shown + 0.12 * glow(distance, 0.12) * (index < count))
        scene = scene.under(shown * (a < 0.3), jnp.maximum(scene.tone, 0.75), 0.9)
    return scene


def sunburst_rays(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Wedges of light and shade around a plain disc."""
    x_key, y_key, turn_key = jax.random.split(key, 3)
    pixel = canvas.pixel
    centre_x = 0.25 * jax.random.uniform(x_key, minval=-1)
    centre_y = jax.random.uniform(y_key, minval=0.0, maxval=0.55)
    dx, dy = canvas.x - centre_x, canvas.y - centre_y
    distance = jnp.hypot(dx, dy)
    rays = jnp.round(8 + 6 * direction.amount + 4 * (direction.amount > 0.7))
    turns = jnp.arctan2(dy, dx) / (2 * jnp.pi) * rays + jax.random.uniform(turn_key)
    off = jnp.abs(turns - jnp.round(turns)) - 0.25
    wedge = inside(off * distance * 2 * jnp.pi / rays, pixel)
    reach = ramp(distance, 2.0, 0.2)
    fall = jnp.where(direction.amount < 0.2, ramp(distance, 1.0, 0.35), 0.35 + 0.65 * reach)
    shade = mix(direction.ground, direction.shadow, 0.45 - 0.3 * (direction.scale < 0.8))
    tone = mix(shade, jnp.minimum(direction.ground + 0.38, 0.92), wedge * fall)
    scene = backdrop(tone)
    radius = direction.scale * 0.32
    scene = scene.lit(0.45 * glow(distance - radius, 0.22))
    scene = scene.under(inside(distance - 1.18 * radius, pixel), shade)
    return scene.under(inside(distance - radius, pixel), 0.96, 0.7)
