"""Op art: lines and checks that bulge out of the picture."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Field, dice, glow, inside, mix, ramp, sine
from train.gallery.scene import Scene, backdrop


def _bands(turns: Field) -> Field:
    """Hard stripes, 0 and 1, one pair a turn; grey where finer than pixels."""
    wave = sine(turns)
    slope_y, slope_x = jnp.gradient(turns)
    steep = jnp.hypot(slope_x, slope_y)
    stripes = jnp.clip(0.5 + wave / jnp.maximum(6 * steep, 1e-4), 0, 1)
    return mix(stripes, 0.5, ramp(steep, 0.3, 0.6))


def op_art_rings(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Rings, checks or stripes, swollen into a ball that is lit from one side."""
    right, down, size, kind, turn, phase, wobble, lit_from = dice(key, (8,))[0]
    side = jnp.where(lit_from < 0.5, -1.0, 1.0)
    centre_x, centre_y = 0.28 * (2 * right - 1), 0.22 * (2 * down - 1)
    radius = mix(0.58, 0.74, size) * (0.5 + 0.5 * direction.scale)
    dx, dy = (canvas.x - centre_x) / radius, (canvas.y - centre_y) / radius
    rho = jnp.hypot(dx, dy)
    on_ball = jnp.minimum(rho, 1)
    # The pattern wraps a ball: wide in the middle, crowded towards its rim.
    swell = jnp.arcsin(0.985 * on_ball) / jnp.maximum(on_ball, 1e-3) * 0.75
    angle = jnp.pi * turn
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    u, v = swell * (cos * dx + sin * dy), swell * (cos * dy - sin * dx)
    ripple = 0.09 * direction.unrest
    u += ripple * sine(0.45 * v + wobble)
    v += ripple * sine(0.4 * u + phase)

    rate = 2.2 + 1.6 * direction.amount
    to_pole = jnp.hypot(u - 0.35 * side, v + 0.3)
    to_other = jnp.hypot(u + 0.35 * side, v - 0.3)
    # Stripes of two kinds that cross give checks, or moiré; one kind gives rings.
    one, two = kind < 0.35, kind < 0.65
    first = jnp.where(two, rate * u, 0.75 * rate * to_pole)
    first = _bands(jnp.where(one, 1.15 * rate * to_pole + phase, first))
    second = _bands(jnp.where(two, rate * v, 0.75 * rate * to_other)) * (1 - one)
    pattern = first + second - 2 * first * second

    upright = jnp.sqrt(jnp.maximum(1 - rho**2, 0))
    facing = jnp.clip(0.55 * side * dx - 0.5 * dy + 0.67 * upright, 0, 1)
    ball = inside((rho - 1) * radius, canvas.pixel)
    gleam = ramp(facing, 0.8, 1.0) ** 2 * ball
    paper = mix(jnp.minimum(direction.ground + 0.3, 0.95), 1.0, 0.6)
    tone = mix(0.5 * direction.shadow, paper, pattern)
    tone *= mix(0.15 + 0.35 * direction.ground, 1.0, facing**0.9)

    # The wall is further off: fainter, lit from the same side, in the ball's shade.
    airy = ramp(direction.ground, 0.2, 0.6)
    light = glow(jnp.hypot(dx - 0.7 * side, dy + 0.7), 1.4)
    plain = jnp.minimum(1.6 * direction.amount, 0.85)
    wall = direction.ground + direction.rise * mix(0.5, pattern, plain)
    wall = mix(
        wall, 0.6 * direction.shadow, (0.75 - 0.3 * airy) * plain * (1 - pattern)
    )
    shade = ramp(jnp.hypot(dx + 0.22 * side, dy - 0.25), 1.3, 0.75)
    wall = mix(
        wall * mix(0.45 + 0.4 * airy, 1.1 + 0.15 * airy, light),
        0.4 * direction.shadow,
        (0.75 - 0.2 * airy) * shade,
    )
    tint = 0.5 * pattern * ramp(facing, 0.85, 0.3)
    return backdrop(wall).under(ball, tone, tint).lit(0.7 * gleam)
