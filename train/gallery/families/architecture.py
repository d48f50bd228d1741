"""Minimal architecture in hard sunlight."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Field, Scalar, dice, glow, inside, mix, ramp
from train.gallery.scene import Scene, backdrop

STEPS = 7
OPENINGS = 4


def _arch(x: Field, y: Field, half: Scalar, spring: Scalar) -> Field:
    """Signed distance to an arch about x = 0, round above the height `spring`."""
    return jnp.where(y < spring, jnp.hypot(x, y - spring), jnp.abs(x)) - half


def arches_and_stairs(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A sunlit wall with arches, a stair, long shadows and a small round sun."""
    (turn, place, tall, low, far), openings = dice(key, (5,), (OPENINGS, 2))
    side = jnp.where(turn < 0.5, -1.0, 1.0)
    # Drawn with the stair on the right and the light from the left, then mirrored.
    x, y, pixel = side * canvas.x, canvas.y, canvas.pixel
    ground, scale = direction.ground, direction.scale
    floor = mix(0.5, 0.62, low)

    height = jnp.clip((y + 1.1) / (floor + 1.1), 0, 1)
    scene = backdrop(0.8 * ground + (0.2 + 0.8 * direction.rise) * height**1.5)
    half = mix(0.3, 0.4, tall) * (0.62 + 0.38 * scale)
    middle = -0.36 + 0.2 * place
    spring = floor - mix(0.75, 0.95, tall) * (0.55 + 0.45 * scale)
    sun_x, sun_y = middle + mix(-0.3, 0.15, far) * half, spring + 0.25 * half
    radius = 0.09 + 0.05 * scale
    sun = jnp.hypot(x - sun_x, y - sun_y) - radius
    scene = scene.lit((0.55 - 0.3 * ground) * glow(sun, 0.3))
    scene = scene.under(inside(sun, pixel), 1.0, 0.7)
    hills = y - floor + 0.12 + 0.1 * jnp.cos(2.6 * (x - sun_x + 0.4))
    scene = scene.under(inside(-hills, pixel), mix(ground, direction.shadow, 0.45))

    sunlit = 0.46 + 0.42 * ground
    shaded = mix(direction.shadow, ground, 0.45)
    wall = sunlit * mix(1.05, 0.72, ramp(jnp.hypot(x - sun_x, y - sun_y), 0.2, 1.9))
    reveal = mix(shaded, sunlit, 0.25)
    # A long diagonal shadow of something outside the picture.
    slope = mix(0.55, 0.9, far)
    diagonal = (x - 0.15 - 0.5 * place - slope * (y - 0.1)) / jnp.hypot(1.0, slope)
    dusk = ramp(-diagonal - 0.62, -0.006, 0.03) + ramp(diagonal - 0.25, -0.006, 0.04)
    wall = mix(wall, shaded, 0.85 * jnp.minimum(dusk, 1))

    # Holes in the wall: a large arch, and with more to see others on its left, right.
    number = jnp.round(1 + 2 * direction.amount + (direction.amount > 0.7))
    hole = jnp.full_like(x, 9.0)
    depth = jnp.full_like(x, 9.0)
    for i in range(OPENINGS):
        one_half = half if i == 0 else half * mix(0.4, 0.5, openings[i, 0])
        step = (0.0, 1.75, -1.75, 2.9)[i]
        one_x = middle + half * step
        one_spring = spring if i == 0 else floor - 0.55 * (floor - spring)
        if i in (1, 3):
            one_spring -= 0.45 * (openings[i, 1] + 0.4)
        bottom = floor if i in (0, 2) else one_spring + 1.3 * one_half
        here = jnp.maximum(_arch(x - one_x, y, one_half, one_spring), y - bottom)
        back = jnp.maximum(
            _arch(x - one_x - 0.2 * one_half, y + 0.04, one_half, one_spring),
            y - bottom + 0.03,
        )
        exists = i < number
        hole = jnp.where(exists, jnp.minimum(hole, here), hole)
        depth = jnp.where(exists, jnp.minimum(depth, jnp.maximum(here, back)), depth)
    inner = mix(reveal, shaded, ramp(y, spring - half, floor))
    through = inside(depth, pixel)
    solid = mix(wall, inner, inside(hole, pixel))
    rim = ramp(jnp.abs(hole), 0.012, 0.0) * ramp(-diagonal, -0.25, 0.1)
    scene = scene.under(1 - through, solid + 0.1 * rim * (1 - inside(hole, pixel)))

    # The floor: light falls through the arch towards us and drags its shape along.
    depth_in = jnp.maximum(y - floor, 0)
    pave = mix(shaded, sunlit, 0.35) * mix(1.0, 0.7, ramp(depth_in, 0, 0.6))
    cast = jnp.abs(x - middle - 1.1 * depth_in) - half * (1 + 0.5 * depth_in)
    pool = ramp(cast, 0.03 + 0.1 * depth_in, -0.03) * ramp(depth_in, 0.7, 0.1)
    pave = mix(pave, 0.55 + 0.42 * ground, 0.85 * pool)
    scene = scene.under(inside(-(y - floor), pixel), pave, 0.2 * pool)

    # The stair, from the far, high steps to the near, low ones.
    count = jnp.round(4 + 2 * direction.amount + 1 * (direction.amount > 0.7))
    rise = mix(0.13, 0.17, tall) * (0.6 + 0.4 * scale)
    tread = rise * mix(1.0, 1.3, low)
    foot_x = mix(0.12, 0.3, place) + 0.25 * (1 - scale)
    foot_y = floor + 0.22
    slant, back = 0.17 * scale, 0.12 * scale  # where the far side of a step lies
    stone = 0.5 + 0.42 * ground
    shadow_edge = x - foot_x - 0.9 * (y - foot_y) - 0.1
    under = ramp(shadow_edge, -0.02, 0.1) * ramp(y, floor, floor + 0.04)
    scene = scene.under(0.75 * under, direction.shadow)

    def add(scene: Scene, index: Array) -> tuple[Scene, None]:
        at = count - 1 - index
        left = foot_x + at * tread
        top = foot_y - (at + 1) * rise
        right = jnp.where(at == count - 1, 9.0, left + tread + slant)
        # The tread lies between the front edge and the far one, shifted right and up.
        lean = (top - y) / back * slant
        flat = jnp.maximum(jnp.abs(y - top + back / 2) - back / 2, left + lean - x)
        flat = jnp.maximum(flat, x - right)
        face = jnp.maximum(jnp.maximum(top - y, left - x), y - foot_y)
        # The riser: the strip on the left, under the slanting edge of the tread.
        fall = jnp.clip((x - left) / slant, 0, 1) * back
        riser = jnp.maximum(jnp.maximum(left - x, x - left - slant), top - y - fall)
        riser = jnp.maximum(riser, y - top - rise + fall)
        exists = 1.0 * (at >= 0)
        tall = ramp(y, foot_y, foot_y - 0.8)
        fronts = mix(direction.shadow, shaded, 0.35 + 0.45 * tall)
        scene = scene.under(inside(face, pixel) * exists, fronts)
        scene = scene.under(inside(riser, pixel) * exists, stone * 0.82)
        return scene.under(inside(flat, pixel) * exists, stone, 0.0), None

    scene = jax.lax.scan(add, scene, jnp.arange(STEPS))[0]
    # A ball at rest on the floor, in front, lit like all else from the left.
    ball = 0.07 + 0.035 * scale
    ball_x, ball_y = foot_x - 0.28 - 0.1 * far, foot_y + 0.16 - ball
    across, down = (x - ball_x) / ball, (y - ball_y) / ball
    streak = jnp.hypot((across - 1.6) / 2.4, (down - 0.95) / 0.3) - 1
    scene = scene.under(0.7 * ramp(streak, 0.1, -0.35), direction.shadow)
    up = jnp.sqrt(jnp.maximum(1 - across**2 - down**2, 0))
    facing = ramp(-0.62 * across - 0.6 * down + 0.45 * up, -0.25, 1.0)
    shape = inside((jnp.hypot(across, down) - 1) * ball, pixel)
    return scene.under(shape, mix(direction.shadow + 0.05, 0.95, facing), 0.85)
