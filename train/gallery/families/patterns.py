"""Patterns: contour lines, a kaleidoscope, woven cloth."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.fields import (
    Canvas,
    Field,
    dice,
    glow,
    inside,
    mix,
    ramp,
    sine,
    waves,
)
from train.gallery.scene import Scene, backdrop

HILLS = 5
GEMS = 12
BANDS = 9


def _slopes(field: Field, pixel: float) -> tuple[Field, Field]:
    """How fast a field grows to the right and downwards."""
    return (
        jnp.asarray(jnp.gradient(field, pixel, axis=1)),
        jnp.asarray(jnp.gradient(field, pixel, axis=0)),
    )


def contour_map(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Height lines round one summit and lesser hills, over softly shaded relief."""
    (across, down, turn, sea_draw), hills, warp, rough = dice(
        key, (4,), (HILLS, 4), (2, 2, 3), (2, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(turn < 0.5, -1.0, 1.0)
    bend = 0.14 * (0.5 + 0.5 * direction.unrest)
    u = x + bend * waves(warp[0], x, y, 0.45)
    v = y + bend * waves(warp[1], x, y, 0.45)
    peak_x, peak_y = side * mix(0.1, 0.4, across), mix(-0.35, 0.3, down)

    number = jnp.arange(HILLS)
    bearing = 2 * jnp.pi * (hills[:, 0] * 0.12 + turn + 0.27 * number)
    reach = 0.75 + 0.35 * hills[:, 1]
    shown = 1.0 * (number < jnp.round(1 + 4 * direction.amount))
    tops_x = peak_x + reach * jnp.cos(bearing)
    tops_y = peak_y + reach * jnp.sin(bearing)
    size = direction.scale**0.7
    apart = jnp.hypot(u - peak_x, 1.1 * (v - peak_y)) / size
    land = 1.15 * jnp.exp(-(apart**1.4) / 0.42)
    for i in range(HILLS):
        off = (u - tops_x[i]) ** 2 + (v - tops_y[i]) ** 2
        high = shown[i] * (0.32 + 0.3 * hills[i, 2])
        land += high * jnp.exp(-off / (0.1 + 0.12 * hills[i, 3]))
    land += 0.045 * direction.unrest * waves(rough, u, v, 0.8)

    slope_x, slope_y = _slopes(land, pixel)
    steep = jnp.hypot(slope_x, slope_y)
    facing = (0.75 * side * slope_x + 0.8 * slope_y) / jnp.hypot(1.0, 1.1 * steep)
    ground = direction.ground
    far = glow(jnp.hypot(x - peak_x, y - peak_y), 0.9)
    tone = 0.75 * ground + 0.01 + (0.3 + direction.rise) * land * (0.35 + 0.65 * far)
    tone += (0.3 + 0.1 * ground) * facing * (0.35 + 0.75 * ramp(land, 0.0, 0.8))
    # Below the shore lies still water.
    shore = 0.13 + 0.1 * sea_draw
    wet = inside((land - shore) / jnp.maximum(steep, 0.25), pixel)
    water = mix(ground, direction.shadow, 0.45) + 0.08 * ramp(land, shore - 0.18, shore)
    scene = backdrop(jnp.maximum(mix(tone, water, wet), 0.01))

    levels = jnp.round(8 + 2 * direction.amount + 2 * (direction.amount > 0.7))
    rungs = (land - shore) * levels
    rung = jnp.round(rungs)
    near = jnp.abs(rungs - rung) / levels / jnp.maximum(steep, 0.12)
    bold = (rung % 4) == 0
    stroke = jnp.where(bold, 0.013, 0.0075)
    drawn = inside(near - stroke, pixel) * ramp(steep, 0.02, 0.12)
    ink = jnp.where(ground > 0.45, 0.06, 0.72 + 0.25 * ramp(land, 0.2, 1.0))
    strength = jnp.where(bold, 1.0, 0.72) * mix(1.0, 0.45, wet)
    high = ramp(land, 0.55, 0.85)
    scene = scene.under(drawn * strength, ink, 0.9 * bold * (0.25 + 0.75 * high))
    scene = scene.lit(0.12 * high * glow(near, 0.03) * (ground < 0.45))
    # The warp has moved the summit: mark the highest place within the picture.
    within = land - 9.0 * (jnp.maximum(jnp.abs(x), jnp.abs(y)) > 0.85)
    top = jnp.argmax(within)
    dx, dy = x - x.ravel()[top], y - y.ravel()[top]
    mark = jnp.maximum(jnp.abs(dx) * 0.87 - 0.5 * dy, dy) - 0.03 - 0.01 * size
    scene = scene.under(inside(mark - 0.022, pixel), direction.shadow)
    return scene.under(inside(mark, pixel), 0.95, 0.9)


def kaleidoscope(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Mirrored gems and petals round a glowing heart."""
    (turn, fold, star, hue, swirl), gems, cloud = dice(key, (5,), (GEMS, 6), (2, 3))
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    number = 5 + jnp.floor(1.99 * fold + 2 * direction.amount)
    wedge = jnp.pi / number
    size = 0.55 + 0.45 * direction.scale
    rho = jnp.hypot(x, y) / size
    angle = jnp.arctan2(y, x) + 2 * jnp.pi * turn + 0.25 * (swirl - 0.5) * rho
    turns = angle / (2 * wedge)
    folded = jnp.abs(turns - jnp.round(turns)) * 2 * wedge
    u, v = rho * jnp.cos(folded), rho * jnp.sin(folded)
    soft = pixel / size

    ground = direction.ground
    count = jnp.round(6 + 3 * direction.amount + 3 * (direction.amount > 0.7))
    halo = glow(rho - 0.15, 0.42)
    mist = 0.05 * waves(cloud, u, v, 0.9)
    scene = backdrop(
        0.9 * ground + (0.2 + direction.rise) * halo + mist * (0.3 + ground)
    )
    dark, light = direction.shadow, 0.9

    def add(scene: Scene, gem: tuple[Array, Array]) -> tuple[Scene, None]:
        index, draws = gem
        inward = (count - 1 - index) / jnp.maximum(count - 1, 1)
        reach = mix(0.24, 0.98, jnp.clip(inward, 0, 1)) + 0.05 * (draws[0] - 0.5)
        # By turns on one mirror, on the other, so that the halves meet.
        bearing = jnp.where(index % 2 == 0, 0.0, wedge)
        bearing += 0.25 * wedge * (draws[1] - 0.5) * (draws[2] > 0.6)
        cos, sin = jnp.cos(bearing), jnp.sin(bearing)
        along, beside = cos * u + sin * v - reach, jnp.abs(cos * v - sin * u)
        broad = reach * wedge * mix(0.42, 0.8, draws[3])
        long = mix(0.14, 0.24, draws[4]) + 0.12 * reach
        bulge = jnp.maximum(long**2 - broad**2, -0.5 * broad**2) / (2 * broad)
        petal = jnp.hypot(along, beside + bulge) - jnp.hypot(long, bulge)
        kite = (
            jnp.maximum(
                beside / broad
                + jnp.where(along > 0, along / long, -along / (1.6 * long))
                - 1,
                -1.0,
            )
            * broad
            * 0.75
        )
        bead = jnp.hypot(along, beside) - 0.62 * broad
        distance = jnp.select([draws[5] < 0.45, draws[5] < 0.86], [petal, kite], bead)
        # Cut like a gem: one half of it, the inner end and the rim catch the light.
        inner = ramp(along, 0.7 * long, -long)
        lit = light * mix(0.7, 1.0, glow(reach, 1.0))
        # Some have a ridge along them, with one side darker than the other.
        facet = ramp(cos * v - sin * u, -0.006, 0.006) * (draws[1] > 0.3)
        cut = mix(dark + 0.15 * ground, lit + 0.15 * ground, 0.15 + 0.85 * inner)
        cut = jnp.where(index % 3 == 1, mix(dark, 0.6 * cut, 0.55), cut)
        cut *= 1 - 0.3 * facet
        cut += 0.28 * ramp(jnp.abs(distance + 0.016), 0.014, 0.0)
        coloured = 0.85 * (jnp.abs(draws[2] + hue - 0.9) < 0.22) * (0.4 + 0.6 * inner)
        cut = jnp.where(coloured > 0.3, jnp.maximum(cut, 0.7 * glow(reach, 1.3)), cut)
        shadow = 0.45 * ramp(distance, 0.09, -0.02) * (index < count)
        scene = scene.under(shadow, mix(dark, ground, 0.3), 0.0)
        shown = 0.9 * inside(distance, soft) * (index < count)
        return scene.under(shown, jnp.minimum(cut, 0.97), coloured), None

    scene = jax.lax.scan(add, scene, (jnp.arange(GEMS), gems))[0]
    points = rho * (1 - 0.32 * jnp.cos(folded / wedge * jnp.pi) * (0.5 + 0.5 * star))
    scene = scene.lit(0.75 * glow(points - 0.08, 0.13))
    scene = scene.under(inside(points - 0.135, soft), 0.93, 0.7)
    scene = scene.under(ramp(points, 0.12, 0.02), 1.0, 0.0)
    # The tube's edge.
    fall = ramp(rho, 1.0, 1.45) * mix(0.75, 0.35, ground)
    return scene.under(fall, mix(direction.shadow, ground, 0.7))


def woven_textile(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A rug with bands of stepped diamonds and zigzags, each thread a little uneven."""
    (turn, lean, hue, drape, medal), bands, wobble, yarn = dice(
        key, (5,), (BANDS, 4), (2, 3), (2, 4)
    )
    upright = turn < 0.5
    x = jnp.where(upright, canvas.x, canvas.y)
    y = jnp.where(upright, canvas.y, -canvas.x)
    pixel = canvas.pixel
    full = direction.amount > 0.7
    half_x = jnp.where(full, 1.6, 0.35 + 0.4 * direction.scale)
    half_y = jnp.where(full, 1.6, 0.42 + 0.44 * direction.scale)
    slack = 0.012 * (0.5 + 0.5 * direction.unrest)
    u = x + slack * waves(wobble, y, x, 0.9)
    v = y + slack * waves(wobble[::-1], x, y, 0.8)

    thread = 0.028
    row = jnp.round(v / thread)
    # Each row of the weft is shifted a little.
    push = sine(row * 0.377 + yarn[0, 0]) * 0.3
    across, along = thread * jnp.round(u / thread), thread * row

    height = thread * jnp.round(mix(12, 16, lean) * (0.6 + 0.4 * direction.scale))
    place = along / height
    band = jnp.round(place)
    inner = place - band
    draws = bands[(jnp.abs(band) * 1.0).astype(jnp.int32) % BANDS]
    kind, pitch_draw, tint, flip = (draws[..., i] for i in range(4))
    pitch = height * jnp.where(pitch_draw < 0.5, 1.0, 2.0)
    cell = across / pitch
    saw = jnp.abs(cell - jnp.round(cell)) * 2
    diamonds = jnp.floor(2.3 * (2 * jnp.abs(inner) + saw))
    zigzag = jnp.floor(1.7 * (inner + 0.5 + saw))
    teeth = jnp.floor(1.3 * (inner + 0.5 + saw))
    layer = jnp.where(kind < 0.45, diamonds, jnp.where(kind < 0.75, zigzag, teeth))
    medallion = jnp.abs(across) / mix(0.42, 0.55, medal) + jnp.abs(along) / 0.62
    medallion = medallion / (0.35 + 0.65 * direction.scale)
    central = (medallion < 1.0) & (medal > 0.3)
    layer = jnp.where(central, jnp.floor(medallion * 5), layer)

    ground = direction.ground
    low = 0.04 + 0.45 * ground
    step = jnp.stack([low + 0.58, low, low + 0.36, 0.7 * low + 0.14])
    order = ((layer + jnp.floor(flip * 4) * (1 - central)) % 4).astype(jnp.int32)
    tone = step[order]
    accent = (
        0.85
        * (order == jnp.where(hue < 0.5, 2, 0))
        * jnp.where(central, 1.0, 1.0 * (tint < 0.45))
    )
    border = (jnp.abs(inner) > 0.43) & ~central
    tone = jnp.where(border, jnp.where(flip > 0.5, low + 0.42, low * 0.7), tone)
    accent = jnp.where(border, 0.0, accent)

    # Threads are dyed unevenly, bulge, and fade from sight when too small to see.
    dye = sine(row * 0.618 + 3 * yarn[0, 1]) + sine(row * 0.171 + yarn[1, 1])
    tone *= 1 + 0.05 * dye + 0.03 * waves(yarn, 3 * u, 11 * v, 1.5)
    fine = ramp(pixel, 0.03, 0.006)
    weft = 0.5 + 0.5 * jnp.cos(2 * jnp.pi * v / thread)
    warp = 0.5 + 0.5 * jnp.cos(2 * jnp.pi * (u / thread + push))
    tone *= mix(1.0, 0.74 + 0.42 * weft * (0.6 + 0.4 * warp), fine)
    side = jnp.where(hue < 0.5, -1.0, 1.0)
    fold = sine(0.42 * canvas.x + 0.16 * canvas.y + drape)
    light = ramp(side * canvas.x - canvas.y, -1.8, 1.6)
    tone *= 0.72 + 0.42 * light + 0.14 * fold * jnp.where(full, 1.0, 0.5)

    wall = ground * 0.85 + 0.02 + (0.05 + 0.7 * direction.rise) * light
    scene = backdrop(wall)
    fringe = half_y + 0.075
    strands = jnp.cos(2 * jnp.pi * x / 0.055) * 0.5 + 0.5
    rug = jnp.maximum(jnp.abs(u) - half_x, jnp.abs(v) - half_y)
    sx, sy = canvas.x + 0.05 * side, canvas.y - 0.07
    shadow_x = jnp.where(upright, sx, sy)
    shadow_y = jnp.where(upright, sy, -sx)
    cast = jnp.maximum(jnp.abs(shadow_x) - half_x, jnp.abs(shadow_y) - fringe)
    scene = scene.under(0.7 * ramp(cast, 0.1, -0.06), direction.shadow)
    tassel = jnp.maximum(jnp.abs(u) - half_x, jnp.abs(v) - fringe)
    thick = mix(0.8, ramp(strands, 0.25, 0.6), fine)
    scene = scene.under(
        inside(tassel, pixel) * thick, (low + 0.45) * (0.55 + 0.45 * light)
    )
    return scene.under(inside(rug, pixel), jnp.clip(tone, 0.01, 0.97), accent)
