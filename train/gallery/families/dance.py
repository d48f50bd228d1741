"""The dance floor: a mirror ball, the bars of an equaliser."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, glow, inside, mix, ramp, sine, waves
from train.gallery.scene import Scene, backdrop

ROWS = 15  # of tiles, from pole to pole
TILES = 30  # around the equator
BEAMS = 9
GLINTS = 5
BARS = 25


def mirror_ball(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A hanging ball of mirror tiles that throws beams and spots across a hazy room."""
    draws = dice(key, (6,), (BEAMS, 3), (GLINTS, 3), (ROWS * TILES,), (256, 3), (2, 3))
    (place, height, size, lean, spin, shine), beam_draws, glint_draws = draws[:3]
    tile_draws, spot_draws, smoke_draws = draws[3:]
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place < 0.5, -1.0, 1.0)
    radius = mix(0.4, 0.56, size) * (0.3 + 0.7 * direction.scale)
    centre_x = side * mix(0.04, 0.36, jnp.abs(2 * place - 1))
    centre_y = mix(-0.35, 0.12, height)
    dx, dy = (x - centre_x) / radius, (y - centre_y) / radius
    rho = jnp.hypot(dx, dy)
    dark = ramp(direction.ground, 0.6, 0.1)

    # The room: a wall that darkens away from the ball, smoke in the air.
    smoke = waves(smoke_draws, x, y, 0.5)
    around = glow((rho - 0.6) * radius, 0.7)
    scene = backdrop(direction.ground * 0.85 + direction.rise * around)

    # Thrown spots lie on rings about the ball, wider and softer with distance.
    turns = jnp.arctan2(dy, dx) / (2 * jnp.pi)
    rings = jnp.log2(jnp.maximum(rho, 0.2)) / 0.42
    ring = jnp.floor(rings)
    around_ring = (turns + 0.31 * ring) * 15
    cell = jnp.floor(around_ring)
    index = jnp.mod(jnp.mod(cell, 15) + 15 * ring, 256).astype(jnp.int32)
    spot = spot_draws[index]
    away = jnp.hypot(
        (around_ring - cell - 0.35 - 0.3 * spot[..., 0]) / 0.26,
        (rings - ring - 0.35 - 0.3 * spot[..., 1]) / 0.2,
    )
    share = 0.25 + 0.5 * direction.amount
    thrown = ramp(away, 1.15, 0.55) * (spot[..., 2] < share) * ramp(rho, 1.1, 1.7)
    thrown *= 0.22 + 0.4 * spot[..., 0]
    scene = scene.lit(thrown * mix(0.55, 1.0, dark), 0.7 * (spot[..., 1] < 0.4))

    def add_beam(scene: Scene, beam: tuple[jax.Array, jax.Array]) -> tuple[Scene, None]:
        index, (turn, width, strength) = beam
        angle = 2 * jnp.pi * (index + 0.8 * turn) / BEAMS
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        along, across = cos * dx + sin * dy, cos * dy - sin * dx
        spread = 0.08 + mix(0.05, 0.13, width) * jnp.maximum(along, 0)
        light = jnp.exp(-((across / spread) ** 2)) * ramp(along, 0.2, 1.0)
        light *= mix(0.18, 0.5, strength) * glow((along - 1) * radius, 1.1)
        light *= (1 + 0.18 * smoke) * (0.6 + 0.5 * direction.haze)
        shown = strength < 0.45 + 0.6 * direction.amount
        return scene.lit(light * shown, 0.35 * (turn < 0.4)), None

    beams = (jnp.arange(BEAMS), beam_draws)
    scene = jax.lax.scan(add_beam, scene, beams)[0]
    scene = scene.lit(0.3 * mix(0.5, 1.0, dark) * glow((rho - 1) * radius, 0.14))
    cord = jnp.maximum(jnp.abs(x - centre_x) - 0.012, y - centre_y + radius)
    ink = mix(direction.shadow, 0.5, 0.35 * dark)
    scene = scene.under(inside(cord, pixel), ink)
    cap = jnp.maximum(jnp.abs(dx) - 0.13, jnp.abs(dy + 1.02) - 0.07) * radius

    # The ball, turned a little towards us: rows of flat tiles.
    nod = mix(-0.35, 0.35, lean)
    cos, sin = jnp.cos(nod), jnp.sin(nod)
    front = jnp.sqrt(jnp.maximum(1 - rho**2, 0))
    pole, front = cos * dy - sin * front, sin * dy + cos * front
    rows = (jnp.arcsin(jnp.clip(pole, -1, 1)) / jnp.pi + 0.5) * ROWS
    row = jnp.clip(jnp.floor(rows), 0, ROWS - 1)
    latitude = ((row + 0.5) / ROWS - 0.5) * jnp.pi
    count = jnp.maximum(jnp.round(TILES * jnp.cos(latitude)), 5)
    columns = (jnp.arctan2(dx, front) / (2 * jnp.pi) + spin) * count
    column = jnp.floor(columns)
    tile = (row * TILES + jnp.mod(column, count)).astype(jnp.int32)
    luck = tile_draws[jnp.clip(tile, 0, ROWS * TILES - 1)]
    longitude = ((column + 0.5) / count - spin) * 2 * jnp.pi

    # Each tile mirrors one place of the room: a lamp, the bright side, or the dark.
    lamp_x, lamp_y = side * mix(-0.75, -0.3, shine), -0.55
    flat_x = jnp.cos(latitude) * jnp.sin(longitude)
    flat_y = jnp.sin(latitude) * cos + jnp.cos(latitude) * jnp.cos(longitude) * sin
    facing = jnp.exp(
        -((flat_x - lamp_x * 0.7) ** 2 + (flat_y - lamp_y * 0.7) ** 2) / 0.3
    )
    shade = 0.16 + 0.5 * facing + 0.22 * sine(0.7 * flat_x - 0.9 * flat_y + 2.3 * luck)
    shade += 0.75 * (luck > 0.86) - 0.12 * (luck < 0.3)
    slope = 0.12 * (columns - column - rows + row) * (1 - 2 * (luck > 0.5))
    tone = jnp.clip(shade + slope, 0.02, 1.0) * ramp(rho, 1.12, 0.72)
    tone = mix(direction.shadow, 1.0, jnp.clip(tone, 0, 1)) + 0.1 * (1 - dark)
    tone += 0.25 * ramp(rho, 0.85, 1.0) * ramp(dx * side, -0.2, 0.9)
    width = 2 * jnp.pi * jnp.cos(latitude) / count * radius * jnp.maximum(front, 0.1)
    groove = jnp.minimum(
        (0.5 - jnp.abs(columns - column - 0.5)) * width,
        (0.5 - jnp.abs(rows - row - 0.5)) * jnp.pi / ROWS * radius,
    )
    grout = ramp(groove, 0.1 * radius / ROWS + pixel, 0.0) * 0.75
    tone = mix(tone, 0.6 * direction.shadow, grout)
    coloured = 0.8 * (jnp.mod(13 * luck, 1) < 0.22) * (1 - grout)
    scene = scene.under(inside(cap, pixel), ink)
    ball = inside((rho - 1) * radius, pixel)
    scene = scene.under(ball, jnp.minimum(tone, 1), coloured)

    def add_glint(
        scene: Scene, glint: tuple[jax.Array, jax.Array]
    ) -> tuple[Scene, None]:
        index, (across, down, strength) = glint
        lead = index == 0
        reach = radius * jnp.where(lead, 0.55, mix(0.12, 0.34, strength))
        u = dx - lamp_x * 0.62 - (1 - lead) * 1.3 * (across - 0.35 - 0.3 * (side < 0))
        v = dy - lamp_y * 0.62 - (1 - lead) * 1.1 * (down - 0.2)
        u, v = u * radius, v * radius
        core = jnp.exp(-(u**2 + v**2) / (0.16 * reach) ** 2)
        thin = 0.035 * reach + 0.5 * pixel
        flare = jnp.exp(-jnp.abs(u) / (0.35 * reach) - (v / thin) ** 2)
        flare += jnp.exp(-jnp.abs(v) / (0.35 * reach) - (u / thin) ** 2)
        halo = 0.35 * glow(jnp.hypot(u, v), 0.3 * reach)
        return scene.lit(jnp.minimum(core + flare + halo, 1)), None

    glints = (jnp.arange(GLINTS), glint_draws)
    return jax.lax.scan(add_glint, scene, glints)[0]


def equaliser_bars(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Glowing spectrum bars that recede along a wet floor which mirrors them."""
    (turn, place, level, size), heights, wave_draws, ripple_draws = dice(
        key, (4,), (2, 64), (2, 3), (2, 3)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(turn < 0.5, -1.0, 1.0)
    yaw = side * mix(0.1, 0.85, jnp.abs(2 * turn - 1))
    cos, sin = jnp.cos(yaw), jnp.sin(yaw)
    floor = mix(0.28, 0.5, level)
    dark = ramp(direction.ground, 0.6, 0.1)
    drop = y - floor
    ripple = waves(ripple_draws, 2 * x, 9 * drop, 0.6) * direction.unrest
    pace = mix(0.19, 0.15, direction.amount)  # from bar to bar
    half_row = jnp.where(direction.amount < 0.2, 0.62, 3.0)
    tall = mix(0.85, 1.1, size) * (0.55 + 0.45 * direction.scale)

    spread = glow(jnp.abs(drop), 0.45)
    scene = backdrop(direction.ground * 0.75 + direction.rise * spread)

    def add_row(scene: Scene, row: jax.Array) -> tuple[Scene, None]:
        # The wall of bars stands `behind` the floor's edge, turned by `yaw`.
        behind, heights, near = row[0], row[2:], row[1]
        shift = mix(-0.2, 0.2, place)
        u = (x - shift) * (1 + behind) / (cos - 0.75 * sin * (x - shift))
        depth = 1 + behind + 0.75 * sin * u
        depth = jnp.where((depth > 0.15) & (depth < 9), depth, 9.0)
        lean = ripple * 0.014 * ramp(drop, 0.0, 0.3)
        u = u + lean * depth
        # The camera looks from a little above the floor.
        base = 0.16 * (1 / depth - 1)
        h = -(drop - base) * depth
        mirrored = h < 0
        h = jnp.abs(h)
        index = jnp.round(u / pace)
        off = jnp.abs(u - index * pace)
        inside_row = (jnp.abs(index * pace) < half_row) & (depth < 8)
        envelope = 0.5 + 0.26 * waves(wave_draws, index * pace + 3 * behind, None, 0.55)
        luck = heights[jnp.mod(index, 64).astype(jnp.int32)]
        top = tall * jnp.clip(envelope, 0.1, 1) * mix(0.45, 1.2, luck)
        top *= mix(0.8, 1.1, direction.unrest)
        step = 0.085
        top = jnp.maximum(jnp.round(top / step), 2) * step
        foot = pixel * depth
        side_off = off - 0.36 * pace
        storey = h / step
        slot = 0.5 - jnp.abs(storey - jnp.floor(storey) - 0.5)
        slot = inside(0.1 - slot, foot / step)
        column = inside(jnp.maximum(side_off - 0.07 * pace, h - top), foot)
        bar = inside(jnp.maximum(side_off, h - top), foot) * slot
        cap = jnp.abs(h - top - 1.5 * step) - 0.32 * step
        peak = inside(jnp.maximum(cap, side_off), foot)
        rise = jnp.clip(h / jnp.maximum(top, 0.1), 0, 1)
        halo = glow(side_off, 0.05) * glow(h - top, 0.1)
        fade = jnp.where(mirrored, 0.5 * glow(h, 0.55), 1.0) * inside_row
        fade *= mix(0.28, 1.0, near) * ramp(depth, 5.0, 1.0)
        rounded = 0.82 + 0.18 * ramp(off, 0.36 * pace, 0.1 * pace)
        tone = mix(mix(0.85, 0.6, dark), 1.0, rise**1.5) * rounded
        hot = ramp(rise, 0.55, 0.9)
        scene = scene.lit(0.4 * halo * fade * mix(0.5, 1.0, dark))
        unlit = mix(direction.ground, direction.shadow, 0.95) + 0.06 * rise
        scene = scene.under(column * mix(fade, 1, 0.15) * fade, unlit)
        lit = jnp.maximum(bar, peak) * fade
        accent = jnp.where(peak > 0.1, 0.9, 0.85 * hot)
        return scene.under(lit, jnp.where(peak > 0.1, 1.0, tone), accent), None

    far = jnp.concatenate([jnp.array([1.1, 0.0]), heights[0]])
    near = jnp.concatenate([jnp.array([0.0, 1.0]), heights[1]])
    scene = jax.lax.scan(add_row, scene, jnp.stack([far, near]))[0]
    night = ramp(drop, 0.0, 0.9) * (0.25 + 0.25 * dark)
    return scene.under(night, direction.shadow)
