"""Land in planes: layered mountains, desert dunes."""

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
    sine,
    waves,
)
from train.gallery.scene import STAR_CELLS, Scene, sky, stars

RIDGES, GREAT = 6, 1  # the great peak stands behind all but one of the ridges
DUNES = 5


def lit_sky(
    canvas: Canvas,
    direction: Direction,
    horizon: Scalar | float,
    centre: tuple[Scalar, Scalar],
    radius: Scalar | float,
) -> Scene:
    """A sky and the glow of a light in it, whose disc is yet to be drawn."""
    scene = sky(canvas, direction, horizon)
    away = jnp.hypot(0.85 * (canvas.x - centre[0]), canvas.y - centre[1])
    light = 0.4 * glow(away, 0.6) + 0.3 * glow(away - 0.9 * radius, 0.13)
    # A dark picture stays dark but near the light; a bright one needs less of it.
    strength = jnp.minimum(0.58 + 1.4 * direction.ground, 1)
    return scene.lit(light * strength * (1 - 0.6 * direction.ground))


def jagged(draws: Float[Array, "2 8"], x: Field, frequency: Scalar | float) -> Field:
    """Height of a mountain crest, about -1..1: sharp tops, wide valleys, crags."""
    total = jnp.zeros_like(x)
    for octave, (rate, weight) in enumerate(
        ((1.0, 0.7), (2.2, 0.22), (5.3, 0.07), (12.0, 0.025))
    ):
        pair = draws[:, 2 * octave : 2 * octave + 2]
        size = jnp.abs(waves(pair, x, None, rate * frequency))
        total += weight * (1 - 1.6 * size / (1 + 0.35 * size))  # valleys are filled
    return total


def layered_mountains(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Ranges behind a great peak, mist in the valleys, a low sun that lights them."""
    place, night, ridge_draws, mist_draws = dice(
        key, (7,), (STAR_CELLS, 4), (RIDGES, 3, 8), (RIDGES, 2, 3)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place[0] < 0.5, -1.0, 1.0)  # where the light is
    horizon = mix(0.05, 0.25, place[1])
    centre = (side * mix(0.1, 0.6, place[2]), horizon - mix(0.3, 0.65, place[3]))
    radius = direction.scale * mix(0.11, 0.25, place[4])
    scene = lit_sky(canvas, direction, horizon + 0.2, centre, radius)
    air = scene.tone
    starlight = stars(night, canvas, 0.45)
    scene = scene.lit(starlight * ramp(y, 0, -0.6) * (direction.ground < 0.2))
    distance = jnp.hypot(x - centre[0], y - centre[1]) - radius
    scene = scene.under(inside(distance, pixel), 1.0, 0.35)

    shown = jnp.where(direction.amount < 0.2, 3.0, 3 + 3 * direction.amount)
    steep = (0.35 + 0.65 * direction.unrest) * (0.6 + 0.4 * direction.scale)
    peak_x = -side * mix(0.0, 0.45, place[5])
    glance = ramp(jnp.abs(x - centre[0]), 1.4, 0.1)

    def add(scene: Scene, ridge: tuple[Array, ...]) -> tuple[Scene, None]:
        index, draws, drift = ridge
        near = (index + 1) / RIDGES
        great = index == GREAT
        hand = 1 - 2 * (index % 2)
        level = horizon + 0.04 + 0.86 * near**1.7
        rate = 0.42 + 0.25 * direction.amount * (1 - 0.5 * near)
        tall = jnp.where(great, 0.11, 0.17 - 0.07 * near) * steep

        def crest(x: Field) -> Field:
            away = jnp.abs(x - peak_x) + 0.05 * draws[2, 0]
            peak = great * mix(0.45, 0.65, place[6]) * steep * glow(away, 0.42)
            slope = 0.16 * hand * side * draws[2, 1] * near * x
            return level - peak - slope - tall * jagged(draws[:2], x, rate)

        below = y - crest(x)
        # Faces that look towards the light: gullies widen down the mountain.
        reach = 0.025 + 0.28 * jnp.clip(below, 0, 0.5)
        spur = x + 0.55 * below * sine(0.8 * x + draws[2, 2])
        facing = crest(spur - side * reach) - crest(spur + side * reach)
        lit = ramp(facing / reach, -0.25, 0.6) * ramp(below, 0.5, 0.0)
        clear = mix(air, direction.shadow, 0.2 + 0.8 * near**0.6)
        shine = (0.1 + 0.4 * glance) * (1 - 0.75 * near) + 0.12 * great
        tone = clear + shine * lit * (air + 0.3 - clear) * 1.3
        mist = ramp(below, 0.07, 0.52) * (1.05 - near)
        mist *= (0.75 + 0.5 * direction.haze) * (1 + 0.15 * waves(drift, x, 2 * y, 0.7))
        tone = mix(tone, air, jnp.clip(mist, 0, 1))
        present = (RIDGES - index <= shown - 1) | great
        return scene.under(inside(-below, pixel) * present, tone), None

    ridges = (jnp.arange(RIDGES), ridge_draws, mist_draws)
    return jax.lax.scan(add, scene, ridges)[0]


def desert_dunes(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Dunes with a winding crest between a sunlit, rippled side and a shaded one."""
    place, dune_draws, level_draws, ripple_draws = dice(
        key, (6,), (DUNES, 4), (DUNES, 2, 3), (2, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place[0] < 0.5, -1.0, 1.0)  # where the sun is
    horizon = mix(0.02, 0.2, place[1])
    radius = direction.scale * mix(0.13, 0.3, place[2])
    centre = (side * mix(0.15, 0.6, place[3]), horizon - mix(0.1, 0.6, place[4]))
    scene = lit_sky(canvas, direction, horizon + 0.1, centre, radius)
    air = scene.tone
    distance = jnp.hypot(x - centre[0], y - centre[1]) - radius
    scene = scene.under(inside(distance, pixel), 1.0, 0.4)
    shown = jnp.round(2 + 3 * direction.amount)
    sun = glow(jnp.abs(x - centre[0]), 0.9)

    def add(scene: Scene, dune: tuple[Array, ...]) -> tuple[Scene, None]:
        index, draws, swells = dune
        near = (index + 1) / DUNES
        great = index == DUNES - 2
        hand = 1 - 2 * (index % 2)
        top_x = -side * (0.12 + 0.3 * (place[5] - 0.5) + 0.35 * (draws[0] - 0.5))
        top_x = jnp.where(great, top_x, side * hand * mix(0.3, 0.9, draws[0]))
        rise = jnp.where(great, mix(0.5, 0.72, draws[1]), 0.12 + 0.16 * near)
        rise *= (0.55 + 0.45 * direction.unrest) * mix(0.75, 1.0, direction.scale)
        off = side * (x - top_x)
        wide = jnp.where(off > 0, 0.85, 0.55) * jnp.where(great, 0.8, 0.7)
        away = jnp.sqrt((off / wide) ** 2 + 0.002)
        swell = jnp.exp(-(away**1.45))
        level = horizon + 0.03 + 0.85 * near**1.5
        level += 0.03 * waves(swells, x, None, 0.45)
        below = y - level + rise * swell
        # The crest winds down from the top towards the viewer.
        down = jnp.maximum(below, 0)
        sway = mix(0.16, 0.3, draws[2]) * (
            sine(0.75 * down + draws[3]) - sine(draws[3])
        )
        bare = off + sway * ramp(down, 0, 0.25) + 0.25 * down
        soft = 0.012 + 0.3 * ramp(down, 0.15, 0.9)
        shade = ramp(bare, soft, -0.012)
        turns = 9 * y + 5 * side * x + 0.8 * waves(ripple_draws, x, 2 * y, 0.7)
        ripple = sine(1.7 * turns) * ramp(near, 0.5, 1.0) * ramp(pixel, 0.03, 0.008)
        bright = mix(air, 0.6 + 0.3 * direction.ground, 0.35 + 0.55 * near)
        lit = bright * (0.68 + 0.32 * sun - 0.4 * ramp(down, 0.0, 0.8) * near)
        lit += 0.16 * glow(jnp.abs(bare), 0.07) + 0.035 * ripple * ramp(down, 0, 0.2)
        dark = mix(air, direction.shadow, 0.35 + 0.6 * near)
        dark += 0.3 * (air - direction.shadow) * ramp(-bare, 0.0, 0.9)
        tone = mix(lit, dark, shade)
        tone = mix(tone, air, (0.35 + 0.6 * direction.haze) * (1 - near))
        mist = 0.5 * ramp(down, 0.1, 0.6) * (1 - near)
        tone = mix(tone, air, mist)
        present = (DUNES - index <= shown - 1) | great
        return scene.under(inside(-below * 0.85, pixel) * present, tone), None

    dunes = (jnp.arange(DUNES), dune_draws, level_draws)
    return jax.lax.scan(add, scene, dunes)[0]
