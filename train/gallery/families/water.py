"""Pictures with a level horizon: the retrowave sun, the moon over the sea."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, glow, inside, mix, ramp, sine, waves
from train.gallery.scene import STAR_CELLS, Scene, disc, sky, stars


def retrowave_sun(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A slitted sun that sinks behind a glowing perspective grid."""
    (place, size), night, hill_draws = dice(key, (2,), (STAR_CELLS, 4), (2, 4))
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    horizon = 0.26
    sun_x = mix(-0.25, 0.25, place)
    radius = direction.scale * mix(0.46, 0.58, size)
    sun_y = horizon - 0.62 * radius

    scene = sky(canvas, direction, horizon)
    scene = scene.lit(stars(night, canvas, 0.5 * direction.amount) * ramp(y, 0, -0.5))
    down = (y - sun_y) / radius
    stripe = 4 * jnp.maximum(down + 0.12, 0)
    gap = 0.16 + 0.34 * jnp.clip(down, 0, 1)
    off = jnp.abs(stripe - jnp.round(stripe)) - 0.5 * gap
    slit = inside(off * radius / 4, pixel) * (down > 0)
    distance = jnp.hypot(x - sun_x, y - sun_y) - radius
    scene = scene.lit(
        (0.6 - 0.5 * direction.ground) * glow(distance, 0.2 + 0.5 * radius)
    )
    sun = inside(distance, pixel)
    peak = jnp.minimum(direction.ground + 0.77, 1)
    fading = peak * mix(1.0, 0.78, ramp(down, -1, 1))
    scene = scene.under(sun, fading, 0.6 * ramp(down, 0, 1))
    scene = scene.under(sun * slit, direction.ground + 0.5 * direction.rise)

    hills = 0.16 * direction.amount * direction.unrest
    bumps = waves(hill_draws, x, None, 1.1)
    crest = horizon - hills * (0.5 + 0.4 * bumps)
    hill = inside(jnp.maximum(crest - y, y - horizon), pixel) * (direction.amount > 0.7)
    scene = scene.under(hill, direction.shadow)

    depth = jnp.maximum(y - horizon, 1e-3)
    lines = 0.7 + 0.6 * direction.amount
    across, away = 1.5 * lines * (x - sun_x) / depth, 0.75 * lines / (depth + 0.1)
    step_across, step_away = 1.5 * lines / depth, 0.75 * lines / (depth + 0.1) ** 2

    def line(turns: jax.Array, per_length: jax.Array) -> jax.Array:
        off = jnp.abs(turns - jnp.round(turns)) / per_length
        return inside(off - 0.012 - 0.02 * depth, 2 * pixel) * ramp(per_length, 28, 12)

    grid = jnp.maximum(line(across, step_across), line(away, step_away))
    floor = mix(direction.shadow, direction.ground, 0.35) + 0.4 * glow(depth, 0.12)
    floor += 0.12 * jnp.exp(-(((x - sun_x) / radius) ** 2))
    ground = Scene(tone=floor, accent=jnp.zeros_like(floor))
    bright = jnp.where(direction.ground > 0.5, 0.5, 0.8)
    ground = ground.under(0.9 * grid, bright, 0.9)
    return scene.under(inside(horizon - y, pixel), ground.tone, ground.accent)


def moon_over_the_sea(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A moon above a level sea, and its broken reflection."""
    (place, size, height), night, moon_draws, sea_draws = dice(
        key, (3,), (STAR_CELLS, 4), (2, 4), (2, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    horizon = 0.22
    moon_x = mix(-0.4, 0.4, place)
    radius = direction.scale * mix(0.22, 0.3, size)
    moon_y = horizon - radius * mix(1.5, 2.3, height)

    scene = sky(canvas, direction, horizon)
    scene = scene.lit(stars(night, canvas, 0.6 * direction.amount) * ramp(y, 0.1, -0.4))
    mottled = 0.95 + 0.04 * waves(moon_draws, x / radius, y / radius, 0.5)
    scene = disc(scene, canvas, (moon_x, moon_y), radius, mottled, 0.0, 0.55)

    depth = jnp.maximum(y - horizon, 0)
    sea = mix(
        direction.ground + direction.rise, direction.shadow, ramp(depth, -0.1, 0.7)
    )
    rows = 1 / (depth + 0.16)
    swell = waves(sea_draws, x * rows * 0.35, rows * 1.6, 0.9)
    crests = 0.5 * direction.unrest * (0.6 + direction.amount)
    tone = sea * 0.75 + 0.075 * crests * swell
    width = radius * (0.45 + 1.1 * depth)
    path = jnp.exp(-(((x - moon_x) / width) ** 2))
    broken = ramp(sine(2.6 * rows + 0.16 * swell) + 0.5 * swell, -0.5, 0.6)
    glitter = path * broken * ramp(depth, 0.0, 0.03)
    water = Scene(tone=tone, accent=jnp.zeros_like(tone)).lit(0.9 * glitter)
    water = Scene(tone=water.tone, accent=0.35 * glitter)
    return scene.under(inside(horizon - y, pixel), water.tone, water.accent)
