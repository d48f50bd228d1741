"""Instruments seen close: a piano's keys, a guitar's body and strings."""

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
from train.gallery.scene import Scene, backdrop

Vector = Float[Array, " 3"]

KEY_LENGTH = 6.2  # in widths of a white key
STRINGS = 6


def _onto_plane(
    canvas: Canvas, corner: Vector, along: Vector, back: Vector, lens: float
) -> tuple[Field, Field, Field, Field, Field]:
    """Where the ray through each pixel meets a plane.

    Returns:
        The place along both sides of the plane, its depth (negative behind the
        camera), and how many units of each side a pixel covers.
    """
    x, y = lens * canvas.x, lens * canvas.y

    def through(normal: Vector) -> Field:
        return normal[0] * x + normal[1] * y + normal[2]

    normal = jnp.cross(along, back)
    facing = through(normal)
    facing = jnp.where(jnp.abs(facing) < 1e-4, 1e-4, facing)
    step = lens * canvas.pixel / jnp.abs(facing)

    def place(other: Vector) -> tuple[Field, Field]:
        at = through(other) / facing
        slide = jnp.hypot(other[0] - at * normal[0], other[1] - at * normal[1])
        return at, step * slide

    u, wide = place(jnp.cross(back, corner))
    v, deep = place(jnp.cross(corner, along))
    return u, v, jnp.dot(corner, normal) / facing, wide, deep


def _black_key(u: Field, v: Field, lift: Scalar | float) -> Field:
    """Signed distance to the black keys, in widths of a white key, at a height."""
    nearest = jnp.round(u)
    note = jnp.mod(nearest, 7)
    off = jnp.abs(u - nearest) - (0.31 - 0.1 * lift)
    front = (0.36 + 0.05 * lift - v) * KEY_LENGTH
    return jnp.maximum(off, front) + 9 * ((note == 0) | (note == 3))


def piano_keys(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A keyboard that runs away in perspective, window light across a few keys."""
    (turn, pitch, place, spot, slant, start), _ = dice(key, (6,), (1,))
    side = jnp.where(turn < 0.5, -1.0, 1.0)
    yaw = side * mix(0.45, 1.05, jnp.abs(2 * turn - 1))
    down = mix(0.48, 0.8, pitch)
    cos, sin = jnp.cos(down), jnp.sin(down)
    along = jnp.stack([jnp.cos(yaw), -jnp.sin(yaw) * sin, jnp.sin(yaw) * cos])
    back = jnp.stack([-jnp.sin(yaw), -jnp.cos(yaw) * sin, jnp.cos(yaw) * cos])
    back = KEY_LENGTH * back
    up = jnp.stack([0 * cos, -cos, -sin])
    away = mix(10.5, 12.5, place) * (0.4 + 0.6 / direction.scale)
    first = jnp.floor(7 * start)
    aim = jnp.stack([0 * cos, mix(0.0, 1.2, place), away])
    corner = aim - 0.5 * back

    ambient = mix(0.37, 0.92, ramp(direction.ground, 0.07, 0.6))
    air = direction.ground + 0.6 * direction.rise
    wood = mix(direction.shadow, direction.ground, 0.55)
    spill = glow(jnp.hypot(canvas.x + 0.3 * side, canvas.y - 0.1), 0.7)
    room = 0.7 * wood + 0.9 * direction.rise * spill
    scene = backdrop(room)
    bend = mix(-0.5, 0.5, slant)
    middle = side * mix(-1.5, 2.5, spot)

    def add(scene: Scene, level: Scalar) -> tuple[Scene, None]:
        u, v, depth, wide, deep = _onto_plane(
            canvas, corner + level * up, along, back, 0.62
        )
        deep = deep * KEY_LENGTH
        fold = 1 - jnp.abs(v - 1)  # the polished board behind mirrors the keys
        seen = (depth > 0) * ramp(depth, 45, 18)
        tune = u + first

        # A tall window with a bar throws its light across the keys.
        beam = u + bend * KEY_LENGTH * fold - middle
        window = ramp(jnp.abs(beam - 0.5), 2.9, 2.2) * ramp(
            jnp.abs(beam - 0.4), 0.12, 0.38
        )
        near = jnp.exp(-(((u - middle) / 6.5) ** 2))
        light = jnp.clip(0.3 * near + 0.75 * window, 0, 1)

        gap = jnp.abs(tune - jnp.round(tune))
        seam = inside(gap - 0.035, wide) * ramp(wide, 0.4, 0.1)
        round_edge = ramp(gap, 0.14, 0.03)
        cast = _black_key(tune + 0.34 * side, fold + 0.02, 0.0)
        cast = ramp(cast, 0.12, -0.1) * ramp(fold, 1.0, 0.9)
        lit = light * (1 - 0.75 * cast)
        white = ambient * (0.62 + 0.38 * near) * (1 - 0.45 * cast)
        white = mix(white, 0.99, lit)
        white *= (1 - 0.16 * round_edge) * (1 - 0.25 * ramp(fold, 0.75, 1.0))
        white = mix(white, 0.45 * white, ramp(level, -0.02, -0.08))
        white = mix(white, 0.3 * direction.shadow, seam)
        felt = ramp(fold, 0.965, 0.98)

        # Black keys: satin tops that catch the light, darker flanks.
        raised = level > 0.01
        offset = tune - jnp.round(tune)
        gleam = ramp(jnp.abs(offset + 0.15 * side), 0.14, 0.02) * (0.2 + 0.8 * light)
        top = ramp(level, 0.44, 0.5)
        black = 0.7 * direction.shadow + top * (0.06 + 0.1 * ambient + 0.5 * gleam)
        black += 0.1 * light * (1 - top) * ramp(fold, 0.5, 0.36)
        tone = jnp.where(raised, black, white)
        accent = jnp.where(raised, 0.0, 0.9 * felt)
        tone = mix(tone, 0.25 + 0.3 * light, jnp.where(raised, 0.0, felt))
        mirrored = ramp(v, 0.995, 1.005)
        flat = inside(_black_key(tune, fold, 0.0), jnp.maximum(wide, 1e-3))
        tone = mix(tone, direction.shadow, flat * mirrored * (1 - raised))
        dim = mirrored * (0.68 + 0.32 * ramp(v, 1.0, 1.8))
        tone = mix(tone, room, dim)
        accent = accent * (1 - dim)
        thick = 0.02 + 0.05 * direction.haze
        fog = 1 - jnp.exp(-jnp.maximum(depth - away, 0) * thick)
        tone = mix(tone, mix(room, air, 0.4), fog * (v < 1))

        keys = inside(-fold * KEY_LENGTH, deep) + 1.0 * (v > 1)
        sharp = inside(_black_key(tune, fold, level), jnp.maximum(wide, 1e-3))
        sharp *= v < 1  # the board behind hides what would stand in it
        shown = jnp.where(raised, sharp, jnp.minimum(keys, 1)) * seen
        return scene.under(shown, tone, accent * (1 - fog)), None

    levels = jnp.array([-0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5])
    return jax.lax.scan(add, scene, levels)[0]


def guitar_strings(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A guitar's sound hole with its rosette, strings across, the body's curve."""
    (turn, right, low, glance, size), grain_draws, swirl_draws = dice(
        key, (5,), (2, 5), (2, 3)
    )
    side = jnp.where(right < 0.5, -1.0, 1.0)
    angle = jnp.where(turn < 0.7, side * mix(0.2, 1.0, turn / 0.7), side * 1.5)
    radius = mix(0.34, 0.44, size) * (0.35 + 0.65 * direction.scale)
    centre_x, centre_y = side * mix(0.02, 0.34, 2 * jnp.abs(right - 0.5)), 0.3 * low
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    dx, dy = (canvas.x - centre_x) / radius, (canvas.y - centre_y) / radius
    # `s` runs along the strings towards the neck, `t` across them; the hole is 1.
    s, t = sin * dx - cos * dy, cos * dx + sin * dy
    pixel = canvas.pixel / radius
    r = jnp.hypot(s, t)

    # Light rakes in from one side, along `ray`, and dies away over the wood.
    bearing = side * mix(2.2, 2.9, glance)
    ray_x, ray_y = jnp.sin(bearing), jnp.cos(bearing)
    across = ray_x * canvas.x + ray_y * canvas.y
    far = 0.9 * across + 0.1 * (dx**2 + dy**2) * radius**2
    light = ramp(far, -0.85, 1.15)
    ray_s, ray_t = sin * ray_x - cos * ray_y, cos * ray_x + sin * ray_y

    lower = jnp.hypot(s + 3.1, t) - 3.5
    upper = jnp.hypot(s - 1.5, t) - 2.6
    blend = jnp.maximum(1.1 - jnp.abs(lower - upper), 0)
    body = jnp.minimum(lower, upper) - blend**2 / 4.4

    scene = backdrop(direction.ground * 0.8 + 0.7 * direction.rise * light)
    shade = ramp(body - 0.25 * (ray_s * s + ray_t * t) / jnp.maximum(r, 1), 0.9, -0.2)
    scene = scene.under(0.75 * shade, 0.5 * direction.shadow)
    bright = ramp(direction.ground, 0.07, 0.6)
    dim, peak = mix(0.1, 0.46, bright), mix(0.62, 0.92, bright)
    rings = waves(grain_draws, t + 0.04 * waves(swirl_draws, s, t, 0.12), None, 3.1)
    wood = mix(dim, peak, light) * (1 + 0.05 * rings * ramp(pixel, 0.12, 0.03))
    sheen = jnp.exp(-(((across - 0.5 - 0.12 * s * radius) / 0.16) ** 2))
    wood += 0.14 * sheen * light - 0.2 * ramp(body, -0.5, 0.0) * mix(0.6, 1, 1 - bright)
    cover = inside(body, pixel)
    scene = scene.under(cover, wood)
    binding = inside(jnp.abs(body + 0.1) - 0.055, pixel) * cover
    scene = scene.under(binding, jnp.minimum(wood + 0.35, 1))
    edge = inside(jnp.abs(body) - 0.045, pixel)
    scene = scene.under(edge, 0.6 * direction.shadow)

    # Rosette: dark rings, and a mosaic in the accent colour between them.
    turns = jnp.arctan2(t, s) / (2 * jnp.pi)
    tiles = 56 * turns + jnp.where(r > 1.3, 0.5, 0.0)
    check = ramp(jnp.abs(tiles - jnp.round(tiles)), 0.2, 0.3)
    wide = inside(jnp.abs(r - 1.3) - 0.2, pixel)
    scene = scene.under(wide, 0.25 * wood)
    mosaic = inside(jnp.abs(jnp.abs(r - 1.3) - 0.06) - 0.045, pixel)
    scene = scene.under(mosaic, mix(0.75, 1.25, check) * wood, 0.35 + 0.45 * check)
    line = inside(jnp.abs(jnp.abs(r - 1.3) - 0.25) - 0.025, pixel)
    scene = scene.under(line, 0.3 * wood)

    # The hole: dark, with a lit crescent where its wall faces the light.
    hole = inside(r - 1, pixel)
    inner = jnp.hypot(s + 0.09 * ray_s, t + 0.09 * ray_t)
    wall = ramp(inner, 0.93, 0.98) * ramp(light, 0.0, 0.5)
    depth = 0.5 * direction.shadow + 0.1 * ramp(ray_s * s + ray_t * t, 0.2, -1.3)
    scene = scene.under(hole, mix(depth, 0.8 * wood, wall))

    neck = jnp.maximum(jnp.abs(t) - 0.74, 1.22 - s)
    bridge = jnp.maximum(jnp.abs(t) - 1.5, jnp.abs(s + 3.0) - 0.3)
    dark = inside(jnp.minimum(neck, bridge), pixel)
    cast = jnp.minimum(neck, bridge) - 0.1 * (ray_t * jnp.sign(t) < 0)
    scene = scene.under(0.6 * ramp(cast, 0.22, -0.05) * cover, 0.3 * wood)
    scene = scene.under(dark, 0.6 * direction.shadow + 0.16 * light)
    frets = (s - 1.55) / 0.42
    fret = jnp.abs(frets - jnp.round(frets)) * 0.42 - 0.035
    fret = jnp.maximum(fret, jnp.abs(t) - 0.72) + 9 * (s < 1.4)
    saddle = jnp.maximum(jnp.abs(s + 2.9) - 0.06, jnp.abs(t) - 0.8)
    scene = scene.under(inside(jnp.minimum(fret, saddle), pixel), mix(0.3, 0.95, light))

    # Strings, thin to thick, their shadows on the wood, and glints along them.
    def near_string(t: Field) -> tuple[Field, Field]:
        index = jnp.clip(jnp.round(t / 0.21 + 2.5), 0, STRINGS - 1)
        thick = mix(0.026, 0.05, index / (STRINGS - 1))
        return t - 0.21 * (index - 2.5), jnp.maximum(thick, 0.6 * pixel)

    held = inside(-2.95 - s, pixel)
    off, thick = near_string(t + 0.11 * jnp.where(ray_t < 0, -1.0, 1.0))
    soft = ramp(jnp.abs(off), thick + 0.05, 0.4 * thick) * held * (1 - hole)
    scene = scene.under(0.55 * soft, 0.25 * wood)
    off, thick = near_string(t)
    curve = jnp.clip(off / thick, -1, 1) * jnp.where(ray_t < 0, -1.0, 1.0)
    glint = ramp(curve, -0.5, 0.35) * ramp(curve, 1.1, 0.45)
    steel = mix(0.25, 1.0, glint) * mix(0.45, 1.0, light) + 0.1 * bright
    return scene.under(inside(jnp.abs(off) - thick, pixel) * held, steel, 0.15)
