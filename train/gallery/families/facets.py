"""Things made of flat pieces: low-poly mountains, stained glass."""

import jax
import jax.numpy as jnp
import numpy as np
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
    sine,
    waves,
)
from train.gallery.scene import Scene, backdrop

COLUMNS, ROWS = 15, 9  # corners of the mesh of low-poly land
CONES = 6
FACES = 9  # corners of the low-poly sun
PANES = 6  # cells across the stained glass


def _triangles() -> np.ndarray:
    """Corner indices of the land's triangles, from the farthest row to the nearest."""
    faces = []
    for row in range(ROWS - 1):
        for column in range(COLUMNS - 1):
            a = row * COLUMNS + column
            b, c, d = a + 1, a + COLUMNS, a + COLUMNS + 1
            if (row + column) % 2:
                faces += [(a, b, c), (b, d, c)]
            else:
                faces += [(a, b, d), (a, d, c)]
    return np.array(faces)


def _chance(x: Array) -> Array:
    """A fixed scramble of numbers into 0..1."""
    mixed = 43.7585 * jnp.sin(12.9898 * x)
    return mixed - jnp.floor(mixed)


def _faceted_sky(
    canvas: Canvas, direction: Direction, sun: tuple[Scalar, Scalar], radius: Scalar
) -> Scene:
    """A sky of large triangles, each in the one tone of its middle, and a cut sun."""
    side = 0.42
    v = canvas.y / (0.87 * side)
    u = canvas.x / side - 0.5 * v
    column, row = jnp.floor(u), jnp.floor(v)
    upper = 1.0 * (u - column + v - row > 1)
    down = row + mix(0.33, 0.67, upper)
    middle_x = side * (column + mix(0.33, 0.67, upper) + 0.5 * down)
    middle_y = 0.87 * side * down
    lucky = _chance(column + 7.3 * row + 3.1 * upper) - 0.5

    def air(x: Field, y: Field) -> Field:
        high = jnp.clip((y + 1.2) / 1.5, 0, 1) ** 1.8
        near = glow(jnp.hypot(x - sun[0], y - sun[1]) - radius, 0.5)
        return direction.ground + direction.rise * (0.7 * high + 0.75 * near)

    flat = air(middle_x, middle_y) + 0.05 * (0.4 + direction.ground) * lucky
    scene = backdrop(mix(air(canvas.x, canvas.y), flat, 0.7))
    dx, dy = canvas.x - sun[0], canvas.y - sun[1]
    rho = jnp.hypot(dx, dy)
    turns = jnp.arctan2(dy, dx) / (2 * jnp.pi) * FACES
    off = (turns - jnp.round(turns)) * 2 * jnp.pi / FACES
    shape = inside(rho * jnp.cos(off) - radius, canvas.pixel)
    facet = 0.98 - 0.1 * _chance(jnp.round(turns) % FACES)
    return scene.under(shape, facet, 0.55)


def low_poly_peaks(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Mountains of flat triangles in the light of a low sun, in a sky of triangles."""
    (place, height, big, who), jitter, cones, shades = dice(
        key, (4,), (ROWS * COLUMNS, 3), (CONES, 4), (2 * (ROWS - 1) * (COLUMNS - 1),)
    )
    side = jnp.where(place < 0.5, -1.0, 1.0)
    sun = (side * mix(0.3, 0.68, 2 * place % 1), mix(-0.6, -0.22, height))
    scene = _faceted_sky(canvas, direction, sun, direction.scale * mix(0.15, 0.24, big))

    index = np.arange(ROWS * COLUMNS)
    east = 3.0 * (index % COLUMNS) / (COLUMNS - 1) - 1.5
    east = east + 0.17 * (jitter[:, 0] - 0.5)
    near = jnp.maximum(index // COLUMNS + 0.7 * (jitter[:, 1] - 0.5), 0) / (ROWS - 1)
    # Each cone stands on a corner of the mesh, so that it ends in a point; the first,
    # the highest, away from the sun.
    column = jnp.where(
        jnp.arange(CONES) == 0, 7 - side * jnp.round(0.5 + 2 * who), 14 * cones[:, 0]
    )
    row = jnp.where(jnp.arange(CONES) == 0, 2, jnp.floor(4.5 * cones[:, 1]))
    foot = (row * COLUMNS + jnp.round(column)).astype(jnp.int32)
    top = jnp.where(jnp.arange(CONES) == 0, 1.0, 0.3 + 0.4 * cones[:, 2])
    top *= jnp.arange(CONES) < jnp.round(1.5 + 4.5 * direction.amount)
    wide = (0.62 + 0.3 * cones[:, 3]) * (0.6 + 0.4 * direction.scale)
    apart = jnp.hypot(
        (east[:, None] - east[foot][None]) / wide[None],
        2.2 * (near[:, None] - near[foot][None]) / wide[None],
    )
    swell = (top[None] * jnp.maximum(1 - apart, 0)).max(1)
    lift = direction.scale * (0.55 + 0.4 * direction.unrest) * swell
    lift += 0.13 * direction.unrest * (jitter[:, 2] - 0.4) * (0.4 + 0.8 * near)

    horizon = mix(0.2, 0.36, who)
    screen_x = east * mix(0.85, 1.3, near)
    screen_y = horizon + (1.35 - horizon) * near**1.25 - lift
    world = jnp.stack([east, lift, 2.2 * near], -1)[_triangles()]
    normal = jnp.cross(world[:, 1] - world[:, 0], world[:, 2] - world[:, 0])
    normal *= jnp.sign(normal[:, 1:2])
    normal /= jnp.linalg.norm(normal, axis=1, keepdims=True)
    facing = normal @ jnp.stack([0.85 * side, jnp.float32(0.5), jnp.float32(0.12)])
    facing = ramp(facing + 0.16 * (shades - 0.5), 0.0, 0.95)
    high, close = world[..., 1].mean(1), world[..., 2].mean(1) / 2.2
    bright = 0.5 + 0.3 * direction.ground + 0.35 * ramp(high, 0.15, 0.7)
    tone = mix(direction.shadow + 0.03, bright, facing)
    tone *= mix(1.0, 0.5, ramp(close, 0.35, 1.0) * (direction.ground < 0.5))
    air = (0.35 + 0.5 * direction.haze) * ramp(close, 0.6, 0) * ramp(high, 0.6, -0.1)
    tone = mix(tone, direction.ground + direction.rise, air)
    warm = 0.5 * facing * ramp(high, 0.3, 0.75)
    corners = jnp.stack([screen_x, screen_y], -1)[_triangles()]

    def add(scene: Scene, face: tuple[Array, ...]) -> tuple[Scene, None]:
        (a, b, c), tone, accent = face
        turn = jnp.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
        # The box about the triangle cuts off what growing adds to sharp corners.
        low_x, high_x = jnp.minimum(a[0], b[0]), jnp.maximum(a[0], b[0])
        top_y, foot_y = jnp.minimum(a[1], b[1]), jnp.maximum(a[1], b[1])
        away = jnp.maximum(
            jnp.maximum(
                jnp.minimum(low_x, c[0]) - canvas.x,
                canvas.x - jnp.maximum(high_x, c[0]),
            ),
            jnp.maximum(
                jnp.minimum(top_y, c[1]) - canvas.y,
                canvas.y - jnp.maximum(foot_y, c[1]),
            ),
        )
        for start, end in ((a, b), (b, c), (c, a)):
            step = (end - start) / jnp.maximum(jnp.linalg.norm(end - start), 1e-4)
            off = (canvas.x - start[0]) * step[1] - (canvas.y - start[1]) * step[0]
            away = jnp.maximum(away, turn * off)
        # A little larger than it is, lest the one behind shows at the joint.
        return scene.under(
            inside(away - 0.6 * canvas.pixel, canvas.pixel), tone, accent
        ), None

    return jax.lax.scan(add, scene, (corners, tone, warm))[0]


def _shards(
    draws: Float[Array, "cells 3"], x: Field, y: Field
) -> tuple[Field, Field, Field, Field]:
    """Irregular cells: distance from the edge, chance of the cell, and its middle."""
    u, v = (x + 1.4) / 2.8 * PANES, (y + 1.4) / 2.8 * PANES
    column, row = jnp.floor(u), jnp.floor(v)
    far = jnp.full_like(u, 9.0)

    def visit(best: tuple[Field, ...], step: Array) -> tuple[tuple[Field, ...], None]:
        first, first_x, first_y, chance, second, second_x, second_y = best
        at_column = jnp.clip(column + step[0], 0, PANES - 1)
        at_row = jnp.clip(row + step[1], 0, PANES - 1)
        one = draws[(at_row * PANES + at_column).astype(jnp.int32)]
        one_x = at_column + 0.12 + 0.76 * one[..., 0]
        one_y = at_row + 0.12 + 0.76 * one[..., 1]
        apart = jnp.hypot(u - one_x, v - one_y)
        same = (jnp.abs(one_x - first_x) + jnp.abs(one_y - first_y)) < 1e-4
        nearer, next_ = (apart < first) & ~same, (apart < second) & ~same
        second_ = jnp.where(nearer, first, jnp.where(next_, apart, second))
        second_x_ = jnp.where(nearer, first_x, jnp.where(next_, one_x, second_x))
        second_y_ = jnp.where(nearer, first_y, jnp.where(next_, one_y, second_y))
        return (
            jnp.where(nearer, apart, first),
            jnp.where(nearer, one_x, first_x),
            jnp.where(nearer, one_y, first_y),
            jnp.where(nearer, one[..., 2], chance),
            second_,
            second_x_,
            second_y_,
        ), None

    steps = jnp.asarray([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], jnp.float32)
    start = (far, far, far, far, far, far + 9, far + 9)
    best = jax.lax.scan(visit, start, steps)[0]
    first, first_x, first_y, chance, second, second_x, second_y = best
    between = jnp.hypot(second_x - first_x, second_y - first_y)
    edge = (second**2 - first**2) / (2 * jnp.maximum(between, 1e-3))
    unit = 2.8 / PANES
    return edge * unit, chance, first_x * unit - 1.4, first_y * unit - 1.4


def stained_glass(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Leaded panes lit from behind: a rose window or a sun with pointed rays."""
    (across, down, kind, fold, hue, wall_draw), cells, streaks = dice(
        key, (6,), (PANES * PANES, 3), (2, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    rose = kind < 0.55
    walled = (wall_draw < 0.3 + 0.8 * (direction.amount < 0.2)) & (
        direction.amount < 0.7
    )
    size = direction.scale * jnp.where(walled, 0.82, 0.7)
    shift = jnp.where(walled, 0.95 - jnp.where(rose, 1.1, 1.25) * size, 0.25)
    shift = jnp.clip(shift, 0.05, 0.25)
    dx = (x - shift * (2 * across - 1)) / size
    dy = (y - shift * (2 * down - 1)) / size
    rho = jnp.hypot(dx, dy)
    petals = 6 + 2 * jnp.floor(fold + direction.amount) + jnp.where(rose, 0, 4)
    wedge = 2 * jnp.pi / petals
    turns = jnp.arctan2(dx, -dy) / wedge
    sector = jnp.round(turns)
    off = (turns - sector) * wedge
    beside = off - jnp.where(off > 0, 0.5, -0.5) * wedge
    long, wide = rho * jnp.cos(off), rho * jnp.abs(jnp.sin(off))

    hub = rho - jnp.where(rose, 0.2, 0.34)
    # A petal is where two circles meet; a ray is a triangle, each second one shorter.
    bulge = 0.2 * petals / 8
    petal = jnp.hypot(long - 0.51, wide + bulge) - jnp.hypot(0.33, bulge)
    reach = 1.02 - 0.22 * (sector % 2)
    ray = 0.9 * (wide - 0.5 * wedge * 0.62 * (reach - long))
    petal = jnp.where(rose, petal, ray)
    medal = jnp.hypot(rho * jnp.cos(beside) - 0.68, rho * jnp.sin(beside))
    medal = jnp.where(rose, medal - 0.115 * jnp.minimum(8 / petals, 1.15), 9.0)
    rim, outer = jnp.where(rose, rho - 0.87, -9.0), rho - 1
    outer = jnp.where(rose, outer, jnp.where(walled, rho - 1.15, -9.0))

    half = jnp.abs(turns - jnp.floor(turns) - 0.5) * wedge * rho
    crack, chance, cell_x, cell_y = _shards(cells, x, y)
    ground = direction.ground
    away = jnp.hypot(cell_x - x + dx * size, cell_y - y + dy * size)
    behind = glow(jnp.where(rose, rho * size, away) - 0.2, 0.8)
    base = 0.03 + 0.45 * ground + 0.2 * ramp(ground, 0.4, 0.6)

    def pane(lightness: Field | float, share: float) -> Field:
        return base + (1 - base) * share * (0.35 + 0.65 * behind) * lightness

    lead = jnp.abs(outer) * size
    odd = 1.0 * (sector % 2 > 0)
    field = pane(0.12 + 0.88 * chance, 0.75)
    field_accent = 0.75 * (chance > 0.86)
    rosette = pane(mix(0.15, 0.5, _chance(jnp.floor(turns * 2) % (2 * petals))), 0.8)
    within = rose & (outer < 0)
    tone = jnp.where(within, rosette, field)
    accent = jnp.where(within, 0.0, field_accent)
    lead = jnp.minimum(lead, jnp.where(within, 9.0, crack))
    lead = jnp.where(within & (rim < 0), jnp.minimum(lead, half * size), lead)
    border = within & (rim > 0)
    tone = jnp.where(border, pane(mix(0.3, 0.9, odd), 0.85), tone)
    lead = jnp.where(border, jnp.minimum(lead, half * size), lead)
    lead = jnp.where(rose, jnp.minimum(lead, jnp.abs(rim) * size), lead)
    for edge, lightness, colour in (
        (medal, 0.95, 0.9),
        (petal, mix(0.95, 0.7, odd * (hue < 0.6)), 0.75 * odd * (hue > 0.4)),
        (hub, 1.25, jnp.where(hue > 0.5, 0.0, 0.7)),
    ):
        tone = jnp.where(edge < 0, pane(lightness, 0.9), tone)
        accent = jnp.where(edge < 0, colour, accent)
        rib = jnp.abs(edge) * size
        lead = jnp.where(edge < 0, rib, jnp.minimum(lead, rib))
    bent = x + 0.05 * sine(1.3 * y + fold)
    grain = waves(streaks, 6 * bent, 1.5 * y, 1.2)
    tone *= 0.97 + 0.06 * grain
    # Each pane is brightest in its middle, as if thicker at the lead.
    tone *= mix(0.74, 1.06, ramp(lead, 0.0, 0.09))
    scene = Scene(tone=tone, accent=accent)
    cane = 0.012 + 0.005 * direction.scale
    solid = direction.shadow * 0.5 + 0.05 * ramp(lead, cane, 0)
    scene = scene.under(inside(lead - cane, pixel), solid)
    stone = ground * 0.9 + (0.12 + direction.rise) * glow(outer * size, 0.4)
    scene = scene.under(walled * inside(-outer * size + 0.02, pixel), stone)
    frame = jnp.abs(outer * size - 0.05) - 0.03
    return scene.under(walled * inside(frame, pixel), mix(stone, 0.75, 0.25))
