"""Night outdoors: an empty road with light trails, a thunderstorm."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery.direction import Direction
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
from train.gallery.scene import STAR_CELLS, Scene, backdrop, sky, stars

TRAILS = 8
POLES = 8
BOLTS = 8  # the stroke and its branches
KINKS = 24  # in the table of a bolt's zigzag
CLOUDS = 4


def night_road(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A road to the vanishing point, light trails along it, lamps, a glowing sky."""
    (turn, off, level, curve, lamps), night, hill_draws, trail_draws, wet_draws = dice(
        key, (5,), (STAR_CELLS, 4), (2, 2, 4), (TRAILS, 3), (2, 3)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(turn < 0.5, -1.0, 1.0)
    horizon = mix(-0.12, 0.24, level)
    end_x = side * mix(0.0, 0.42, off)
    bend = mix(-0.16, 0.16, curve) * (0.5 + 0.5 * direction.unrest)
    dark = ramp(direction.ground, 0.6, 0.1)

    scene = sky(canvas, direction, horizon)
    shine = stars(night, canvas, 0.5) * ramp(y, horizon - 0.25, horizon - 0.8)
    scene = scene.lit(0.9 * shine * (direction.ground < 0.2))
    dx, above = x - end_x, horizon - y
    dawn = jnp.exp(-((dx / 0.75) ** 2)) * glow(above, 0.22)
    scene = scene.lit(0.75 * dawn, 0.25)
    air = direction.ground + 1.1 * direction.rise
    for near, draws in ((0.0, hill_draws[0]), (1.0, hill_draws[1])):
        swell = 0.12 + 0.07 * waves(draws, x + 3 * near, None, 0.55 - 0.15 * near)
        swell *= (1.1 - 0.35 * near) * (0.5 + 0.5 * direction.unrest)
        # Hills open a gap where the road leaves.
        swell *= mix(0.2, 1.0, ramp(jnp.abs(dx), 0.0, 0.75))
        tone = mix(mix(air, direction.shadow, 0.4 + 0.35 * near), air, 0.5 * dawn)
        scene = scene.under(inside(above - swell, pixel), tone)

    # Ground: `depth` is one over the distance, `across` the place beside the road.
    depth = jnp.maximum(y - horizon, 1e-3)

    def across(depth: Field) -> Field:
        return dx / depth - bend * (1 / (depth + 0.12) - 0.9)

    beside = across(depth)
    foot = pixel / depth
    land = mix(air, direction.shadow, ramp(depth, -0.15, 0.35))
    land += 0.25 * jnp.exp(-((dx / 0.6) ** 2)) * glow(depth, 0.12)
    ground = backdrop(0.8 * land)
    verge = waves(wet_draws, 3 * beside, 0.35 / (depth + 0.05), 0.5)
    asphalt = mix(1.05 * air, 1.2 * direction.shadow + 0.02, ramp(depth, -0.08, 0.6))
    sheen = jnp.exp(-((dx / (0.16 + 0.5 * depth)) ** 2)) * glow(depth, 0.5)
    asphalt += (0.34 + 0.03 * verge) * sheen * mix(0.7, 1.0, dark)
    ground = ground.under(inside(jnp.abs(beside) - 1.25, foot), asphalt)
    edge = inside(jnp.abs(jnp.abs(beside) - 1.12) - 0.03, foot)
    dash = 0.55 / (depth + 0.02)
    dash = ramp(jnp.abs(dash - jnp.round(dash)), 0.2, 0.25) * ramp(depth, 0.05, 0.12)
    line = inside(jnp.abs(beside) - 0.03, foot) * dash
    paint = jnp.maximum(edge, line) * ramp(depth, 0.0, 0.06)
    ground = ground.under(0.75 * paint, mix(0.5, 0.9, glow(depth, 0.6)))
    scene = scene.under(inside(-(y - horizon), pixel), ground.tone, ground.accent)

    def add_pole(scene: Scene, index: Scalar) -> tuple[Scene, None]:
        # From the farthest pole to the nearest, at even spaces.
        away = 0.55 + 0.75 * (POLES - 1 - index)
        near = 1 / (0.4 + away)
        place = side * -1.75 + bend * (1 / (near + 0.12) - 0.9)
        pole_x, base = end_x + place * near, horizon + near
        tall = 1.55 * near
        top = horizon - tall
        thick = jnp.maximum(0.03 * near, 0.55 * pixel)
        mast = jnp.maximum(jnp.abs(x - pole_x) - thick, jnp.maximum(top - y, y - base))
        arm_x = side * (x - pole_x) - 0.25 * near
        arm = jnp.maximum(jnp.abs(arm_x) - 0.25 * near, jnp.abs(y - top) - thick)
        ink = mix(air, direction.shadow, ramp(near, 0.0, 0.5))
        scene = scene.under(inside(jnp.minimum(mast, arm), pixel), ink)
        lamp = jnp.hypot(arm_x - 0.22 * near, (y - top - 0.03 * near) * 1.6)
        lamp -= 0.07 * near
        light = inside(lamp, pixel) + 0.6 * glow(lamp, 0.17 * near)
        pool_x = (x - pole_x - side * 0.45 * near) / (0.8 * near)
        pool = jnp.exp(-(pool_x**2) - ((y - base) / (0.13 * near)) ** 2)
        light += 0.2 * pool * (y > horizon)
        return scene.lit(jnp.minimum(light, 1) * mix(0.75, 1, dark), 0.25), None

    every = jnp.where(direction.amount < 0.2, 0.3, 0.8)
    lined = jax.lax.scan(add_pole, scene, jnp.arange(POLES) + 0.0)[0]
    scene = jax.tree.map(lambda a, b: jnp.where(lamps < every, a, b), lined, scene)

    def add_trail(scene: Scene, trail: tuple[jax.Array, ...]) -> tuple[Scene, None]:
        index, (place, height, strength) = trail
        coming = index % 2 == 0
        lane = jnp.where(coming, -1.0, 1.0) * mix(0.32, 0.82, place)
        lift = mix(0.1, 0.36, height)
        low = depth / (1 - lift)
        off = jnp.abs(across(low) - lane) * depth
        width = 0.012 + 0.03 * depth + 0.2 * pixel
        core = jnp.exp(-((off / width) ** 2))
        halo = 0.4 * glow(off, 0.03 + 0.09 * depth)
        light = (core + halo) * mix(0.5, 1.0, strength)
        light *= ramp(y, horizon, horizon + 0.03) * mix(1.0, 0.6, ramp(depth, 0.2, 1))
        light *= index < 2 + 6 * direction.amount
        scene = scene.lit(jnp.minimum(light, 1), jnp.where(coming, 0.05, 0.95))
        return scene, None

    trails = (jnp.arange(TRAILS), trail_draws)
    scene = jax.lax.scan(add_trail, scene, trails)[0]
    spark = glow(jnp.hypot(dx + 0.25 * bend, 1.6 * above), 0.07)
    return scene.lit(0.8 * spark * mix(0.7, 1.0, dark), 0.2)


def _zigzag(table: Float[Array, " kinks"], place: Field) -> Field:
    """A broken line through the numbers of a table, -1..1, one kink per unit."""
    cell = jnp.floor(place)
    index = jnp.mod(cell, KINKS).astype(jnp.int32)
    ahead = jnp.mod(cell + 1, KINKS).astype(jnp.int32)
    return 2 * mix(table[index], table[ahead], place - cell) - 1


def lightning_storm(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A forked bolt out of heavy clouds that it lights from inside, over dark land."""
    draws = dice(
        key, (5,), (BOLTS, 4), (BOLTS, 2, KINKS), (CLOUDS, 3, 2, 3), (2, 2, 3), (2, 2)
    )
    (turn, low, high, lean, spread), bolt_draws, kinks, cloud_draws = draws[:4]
    hill_draws, rain_draws = draws[4:]
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    horizon = mix(0.5, 0.68, low)
    base = mix(-0.42, -0.12, high)  # of the clouds
    source_x = mix(-0.5, 0.5, turn)
    slope = mix(-0.35, 0.35, lean) - 0.25 * source_x
    foot_x = source_x + slope * (horizon - base)
    dark = ramp(direction.ground, 0.6, 0.1)
    power = 0.7 + 0.3 * direction.scale

    # Pale air under the clouds, brightest about the stroke, veils of rain.
    air = direction.ground + mix(0.15, 0.8, dark) * direction.rise
    below = ramp(y, base - 0.4, horizon)
    scene = backdrop(mix(direction.ground, air, below))
    path_x = source_x + slope * (y - base)
    about = glow(jnp.abs(x - path_x), 0.33 * power) * ramp(y, -1.1, base + 0.1)
    scene = scene.lit(mix(0.2, 0.4, dark) * about)
    rain = waves(rain_draws, x + 0.22 * y, None, 2.2)
    scene = scene.under(0.1 * ramp(rain, -0.8, 2.0) * below, direction.shadow)

    def add_cloud(scene: Scene, cloud: tuple[jax.Array, ...]) -> tuple[Scene, None]:
        near, (first, second, third) = cloud
        zoom = mix(1.0, 0.62, near)
        warp = waves(first, x + near, y, 0.7 * zoom)
        fold_x, fold_y = x + 0.13 * warp, 1.5 * y - 0.13 * warp
        lumps = jnp.abs(waves(second, fold_x, fold_y, 0.75 * zoom)) - 0.3
        lumps += 0.4 * jnp.abs(waves(third, fold_x, fold_y, 1.9 * zoom))
        bottom = mix(base + 0.08, base - 0.62, near)
        hang = y - bottom - mix(0.14, 0.08, near) * direction.unrest * (lumps - 0.4)
        # Light from the stroke within and below, strongest on the lumps near it.
        reach = jnp.hypot(x - source_x, 1.2 * (y - base))
        inner = glow(reach, 0.36 * power) * mix(1.0, 0.35, near)
        body = mix(air, direction.shadow, 0.45 + 0.45 * near)
        body += 0.12 * lumps * (0.35 + direction.ground)
        tone = body + inner * (0.25 + 0.5 * jnp.clip(lumps, -0.3, 1.3))
        tone += 0.14 * ramp(hang, -0.16, 0.0) * (inner + 0.2)
        cover = ramp(hang, 0.035, -0.05)
        return scene.under(cover, jnp.clip(tone, 0, 1), 0.25 * inner), None

    clouds = (jnp.linspace(0, 1, CLOUDS), cloud_draws)
    far = jax.tree.map(lambda part: part[:2], clouds)
    scene = jax.lax.scan(add_cloud, scene, far)[0]

    def jag(tables: Float[Array, "2 kinks"], drop: Field, size: Scalar) -> Field:
        coarse = _zigzag(tables[0], 6.5 * drop)
        return size * (coarse + 0.42 * _zigzag(tables[1], 21 * drop))

    wild = 0.075 * (0.6 + 0.4 * direction.unrest)
    top = base - 0.12

    def trunk(y: Field) -> Field:
        drop = y - top
        return source_x + slope * drop + jag(kinks[0], drop, wild) * ramp(drop, 0, 0.1)

    def add_bolt(light: Field, bolt: tuple[jax.Array, ...]) -> tuple[Field, None]:
        index, (start, way, steep, length), tables = bolt
        lead = index == 0
        begin = jnp.where(lead, top, mix(base, mix(base, horizon, 0.75), start))
        drop = y - begin
        left = jnp.where((way < 0.5) ^ (index % 2 == 0), -1.0, 1.0)
        away = left * mix(0.35, 1.3, steep) * (0.7 + 0.6 * spread)
        bent = trunk(jnp.full_like(y, begin)) + away * drop + jag(tables, drop, wild)
        centre = jnp.where(lead, trunk(y), bent)
        end = jnp.where(lead, horizon + 0.05, begin + mix(0.16, 0.5, length))
        along = drop / (end - begin)
        off = 0.75 * jnp.abs(x - centre)
        thin = mix(1.0, 0.15, jnp.clip(along, 0, 1))
        width = jnp.where(lead, 0.017, 0.013 * thin) * power
        shown = (drop > 0) & (along < 1) & (index < 2.5 + 5.5 * direction.amount)
        core = ramp(off, width + 0.7 * pixel, 0.25 * width)
        # The glow is broader than the kinks, or it would show them as streaks.
        plain = jnp.abs(x - centre) + 0.02
        halo = 0.5 * glow(plain, 0.045 * power) + 0.13 * glow(plain, 0.16)
        dying = mix(0.95, 0.3, jnp.clip(along, 0, 1))
        fade = jnp.where(lead, ramp(drop, 0, 0.2), dying)
        light = jnp.maximum(light, shown * fade * (core + halo))
        return light, None

    bolts = (jnp.arange(BOLTS), bolt_draws, kinks)
    light = jax.lax.scan(add_bolt, jnp.zeros_like(x), bolts)[0]
    light = jnp.minimum(light, 1)
    scene = scene.lit(light, 0.0)
    cool = 0.75 * light * ramp(light, 0.95, 0.5)
    scene = Scene(tone=scene.tone, accent=jnp.maximum(scene.accent, cool))
    near = jax.tree.map(lambda part: part[2:], clouds)
    scene = jax.lax.scan(add_cloud, scene, near)[0]

    # Two planes of land; the stroke lights the mist where it lands.
    for plane in (0, 1):
        swell = waves(hill_draws[plane], x, None, 0.5 + 0.3 * plane)
        crest = horizon + 0.16 * plane - 0.03 * direction.unrest * swell
        lit = glow(jnp.hypot(x - foot_x, 2.2 * (y - horizon)), 0.3) * (1 - 0.6 * plane)
        clear = mix(air, direction.shadow, 0.72 + 0.28 * plane)
        mist = direction.haze * ramp(y, crest + 0.02, crest + 0.25) * (1 - plane)
        tone = mix(clear, air, 0.6 * mist) + 0.4 * lit
        scene = scene.under(inside(crest - y, pixel), tone, 0.2 * lit)
    return scene
