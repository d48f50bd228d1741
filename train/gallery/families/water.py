"""Pictures with a level horizon: the retrowave sun, the moon over the sea."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.families.land import jagged, lit_sky
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
from train.gallery.scene import STAR_CELLS, Scene, backdrop, stars


def retrowave_sun(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A huge slitted sun that sinks between peaks behind a glowing perspective grid."""
    place, night, hill_draws = dice(key, (6,), (STAR_CELLS, 4), (2, 2, 8))
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    horizon = mix(0.14, 0.36, place[0])
    sun_x = mix(-0.3, 0.3, place[1])
    radius = direction.scale * mix(0.46, 0.62, place[2])
    sun_y = horizon - mix(0.45, 0.75, place[3]) * radius

    scene = lit_sky(canvas, direction, horizon, (sun_x, sun_y), radius)
    starlight = stars(night, canvas, 0.3 + 0.5 * direction.amount)
    scene = scene.lit(starlight * ramp(y, 0, -0.6) * (direction.ground < 0.45))
    behind = scene.tone
    down = (y - sun_y) / radius
    stripe = mix(3.5, 5.0, place[4]) * jnp.maximum(down + 0.15, 0)
    gap = 0.1 + 0.42 * jnp.clip(down, 0, 1)
    off = jnp.abs(stripe - jnp.round(stripe)) - 0.5 * gap
    slit = inside(off * radius / 4, pixel) * (stripe > 0.5)
    distance = jnp.hypot(x - sun_x, y - sun_y) - radius
    sun = inside(distance, pixel)
    low = ramp(down, -0.9, 0.9)
    # So big a sun would light up a dark picture all over.
    peak = mix(0.8, 1.0, ramp(direction.ground, 0.1, 0.3))
    scene = scene.under(sun, peak * (1 - 0.32 * low), 0.65 * low)
    scene = scene.under(sun * slit, behind + 0.06)
    haze = jnp.exp(-((y - horizon) ** 2) / 0.006) * (0.25 + 0.3 * direction.haze)
    scene = scene.lit(haze * glow(jnp.abs(x - sun_x) - radius, 0.5), 0.5)

    # Peaks at both sides leave the sun free; the near ones are darker.
    for index, draws in enumerate(hill_draws):
        clear_of = jnp.abs(x - sun_x) - radius * (0.35 + 0.35 * index)
        tall = ramp(clear_of, 0.0, 0.7) * (0.2 - 0.06 * index) * direction.unrest**0.5
        tall *= ramp(direction.amount, 0.1, 0.9 - 0.3 * index)
        crest = horizon - tall * (0.85 + 0.6 * jagged(draws, x, 0.9))
        lean = jnp.sign(x - sun_x)
        facet = jagged(draws, x - 0.3 * lean * (y - crest), 0.9)
        shine = 0.3 * ramp(facet - jagged(draws, x + 0.04 * lean, 0.9), -0.1, 0.4)
        tone = mix(behind, direction.shadow, 0.6 + 0.3 * index)
        tone += shine * (0.2 + behind) * glow(clear_of, 0.5)
        rim = 0.5 * glow(jnp.abs(y - crest), 0.012) * glow(clear_of, 0.7)
        hill = inside(jnp.maximum(crest - y, y - horizon), pixel) * (tall > 0.004)
        scene = scene.under(hill, tone + rim * (1 - tone), 0.8 * rim)

    depth = jnp.maximum(y - horizon, 1e-3)
    lines = 0.7 + 0.5 * direction.amount
    across, away = 1.5 * lines * (x - sun_x) / depth, 0.75 * lines / (depth + 0.1)
    away = away + place[5]
    step_across, step_away = 1.5 * lines / depth, 0.75 * lines / (depth + 0.1) ** 2

    # Lines to the side lie almost flat: `slant` makes their distance upright.
    slant = jnp.hypot(1, (x - sun_x) / depth)

    def line(turns: Field, per_length: Field) -> tuple[Field, Field]:
        off = jnp.abs(turns - jnp.round(turns)) / per_length
        shown = ramp(per_length, 26, 9)
        core = inside(off - 0.007 - 0.014 * depth, 2 * pixel)
        return core * shown, glow(off, 0.02 + 0.06 * depth) * shown

    (core_a, halo_a), (core_b, halo_b) = (
        line(across, slant * step_across),
        line(away, step_away),
    )
    grid, halo = jnp.maximum(core_a, core_b), jnp.maximum(halo_a, halo_b)
    floor = mix(direction.shadow, 0.85 * behind, 0.15 + 0.5 * glow(depth, 0.2))
    pool = jnp.exp(-(((x - sun_x) / (radius * (0.8 + 0.6 * depth))) ** 2))
    water = backdrop(floor).lit(0.4 * pool * glow(depth, 0.22), 0.7)
    water = water.lit(0.28 * halo, 0.8).lit(0.5 * glow(depth, 0.03), 0.5)
    bright = jnp.where(direction.ground > 0.5, 0.42, 0.85)
    fade = ramp(jnp.abs(x - sun_x), 2.2, 0.2) * mix(0.55, 1.0, glow(depth, 0.6))
    water = water.under(0.95 * grid * fade, bright, 0.9)
    return scene.under(inside(horizon - y, pixel), water.tone, water.accent)


def moon_over_the_sea(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A great moon among thin clouds above the sea, its light broken on the waves."""
    place, night, moon_draws, sea_draws, cloud_draws, capes = dice(
        key, (7,), (STAR_CELLS, 4), (2, 5), (2, 2, 5), (2, 2, 5), (2, 2, 8)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place[0] < 0.5, -1.0, 1.0)
    horizon = mix(0.08, 0.36, place[1])
    moon_x = side * mix(0.0, 0.45, place[2])
    radius = direction.scale * mix(0.2, 0.4, place[3] ** 1.5)
    moon_y = horizon - mix(0.12 + 1.2 * radius, 0.7, place[4])
    # Some moons are just rising.
    moon_y = jnp.where(place[5] < 0.3, horizon - 0.45 * radius, moon_y)

    scene = lit_sky(canvas, direction, horizon, (moon_x, moon_y), radius)
    air = scene.tone
    starlight = stars(night, canvas, 0.2 + 0.6 * direction.amount)
    scene = scene.lit(starlight * ramp(y, 0.1, -0.4) * (direction.ground < 0.45))
    u, v = (x - moon_x) / radius, (y - moon_y) / radius
    far = jnp.hypot(u, v)
    maria = ramp(waves(moon_draws, u, v, 0.55), 0.2, 1.2)
    craters = 0.014 * waves(moon_draws[:, ::-1], u, v, 2.2)
    face = 1 - 0.15 * maria - 0.1 * jnp.clip(far, 0, 1) ** 4 + craters
    moon = inside((far - 1) * radius, pixel)
    scene = scene.under(moon, face, 0.08 + 0.12 * maria)
    # Clouds are dark but for the parts that the moon shines through.
    cloud = waves(cloud_draws[0], 0.45 * x, 2.6 * y, 0.6)
    cloud += 0.5 * waves(cloud_draws[1], x, 5 * y, 1.3)
    body = ramp(cloud, 0.35, 1.7) * ramp(y, -1.0, horizon - 0.1)
    body *= 0.55 + 0.35 * direction.amount
    body *= 1 - 0.8 * ramp(far, 1.3, 0.8)  # the moon stays plain to see
    lining = glow(jnp.abs((far - 1) * radius), 0.16) * ramp(cloud, 1.9, 0.5)
    scene = scene.under(0.85 * body, 0.72 * air + 0.45 * lining * (1 - air))

    for index, draws in enumerate(capes):
        hand = side if index else -side
        reach = ramp(hand * x, mix(0.1, 0.7, place[6]) - 0.3 * index, 1.3)
        tall = (0.14 + 0.08 * index) * reach * direction.unrest**0.5
        crest = horizon - tall * (1.1 + 0.4 * jagged(draws, x, 0.8))
        cape = inside(jnp.maximum(crest - y, y - horizon), pixel) * (reach > 0.01)
        tone = mix(air, direction.shadow, 0.5 - 0.3 * direction.haze + 0.3 * index)
        tone = mix(tone, air, 0.5 * ramp(y, horizon - 0.12, horizon))
        scene = scene.under(cape * (direction.amount > 0.2 + 0.4 * index), tone)
    water = _moonlit(sea_draws, canvas, direction, air, horizon, moon_x, radius)
    return scene.under(inside(horizon - y, pixel), water.tone, water.accent)


def _moonlit(
    draws: Array,
    canvas: Canvas,
    direction: Direction,
    air: Field,
    horizon: Scalar,
    moon_x: Scalar,
    radius: Scalar,
) -> Scene:
    """The sea: swell that grows towards the viewer, and a path of glints."""
    x, y = canvas.x, canvas.y
    depth = jnp.maximum(y - horizon, 0)
    rows = 1 / (depth + 0.11)
    rough = 0.4 + 0.6 * direction.unrest
    # Waves too fine for the pixels fade towards the horizon.
    tight = rows * rows * canvas.pixel
    swell = waves(draws[0], 0.3 * x * rows, 1.5 * rows, 0.75) * ramp(tight, 0.4, 0.1)
    chop = waves(draws[1], 0.9 * x * rows, 4.0 * rows, 1.0) * ramp(tight, 0.12, 0.03)
    deep = ramp(depth, -0.08, 0.75)
    sea = mix(0.75 * air, direction.shadow, 0.9 * deep)
    height = rough * (0.7 * swell + 0.4 * chop)
    sea += (0.03 + 0.05 * (1 - deep)) * height * (0.35 + 1.3 * air)
    width = radius * (0.5 + 0.9 * depth) + 0.05 + 0.12 * depth * rough
    path = jnp.exp(-(((x - moon_x) / width) ** 2))
    level = mix(-0.6, 0.75, ramp(depth, 0.0, 0.5)) - 0.9 * path
    glints = ramp(height, level, level + 0.55) * path * ramp(depth, 0, 0.02)
    sheen = 0.22 * jnp.exp(-(((x - moon_x) / (2.5 * width)) ** 2)) * (1 - 0.6 * deep)
    sea = backdrop(sea).lit(sheen + 0.25 * glow(depth, 0.03) * (1 - air))
    glitter = mix(0.74, 0.9, ramp(direction.ground, 0.1, 0.3)) * glints
    glitter = glitter * mix(1.0, 0.7, deep)
    return Scene(tone=sea.lit(glitter).tone, accent=0.35 * glints)
