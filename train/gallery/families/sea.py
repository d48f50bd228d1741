"""The open sea: big waves that curl over and break."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.families.land import lit_sky
from train.gallery.fields import Canvas, Field, dice, glow, inside, mix, ramp, waves
from train.gallery.scene import STAR_CELLS, Scene, stars

SWELLS = 5
HERO = 3  # the swell that breaks highest


def curling_waves(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Waves behind waves, crests that curl over with foam, a low sun behind them."""
    place, wave_draws, chop_draws, foam_draws, drops = dice(
        key, (5,), (SWELLS, 4), (SWELLS, 2, 3), (2, 2, 5), (STAR_CELLS, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place[0] < 0.5, -1.0, 1.0)  # where the waves run to
    horizon = mix(0.0, 0.2, place[1])
    radius = mix(0.22, 0.42, place[2]) * direction.scale**0.5
    sun_x, sun_y = (
        side * mix(0.1, 0.5, place[3]),
        horizon - radius * mix(0.1, 1.1, place[4]),
    )
    scene = lit_sky(canvas, direction, horizon, (sun_x, sun_y), radius)
    air = scene.tone
    distance = jnp.hypot(x - sun_x, y - sun_y) - radius
    scene = scene.under(inside(distance, pixel), 1.0, 0.35)
    sea = mix(air, direction.shadow, 0.35 + 0.4 * ramp(y, horizon, 0.8))
    path = jnp.exp(-(((x - sun_x) / (1.1 * radius)) ** 2)) * glow(y - horizon, 0.2)
    sea = sea + 0.4 * path * (1 - sea)
    scene = scene.under(inside(horizon - y, pixel), sea, 0.2 * path)
    sun = glow(jnp.abs(x - sun_x), 0.7)
    spray = stars(drops, canvas, 0.8)
    shown = jnp.where(direction.amount < 0.2, 2.0, 3 + 2 * direction.amount)

    def add(scene: Scene, swell: tuple[Array, ...]) -> tuple[Scene, None]:
        index, draws, chop = swell
        near = (index + 1) / SWELLS
        hero = index == HERO
        level = mix(horizon + 0.05, 0.98, near**1.2)
        tall = jnp.where(hero, mix(1.0, 1.25, draws[3]), 0.12 + 0.42 * draws[0] * near)
        tall *= mix(0.8, 1.0, direction.scale) * (0.75 + 0.25 * direction.unrest)
        crest = jnp.where(hero, -0.42 + 0.3 * draws[1], 1.6 * draws[1] - 0.9)
        q, p = (side * x - crest) / tall, (y - level) / tall + 1
        # Space turns about a point before the crest, and carries the crest over.
        eye_q, eye_p = 0.22, 0.24
        dq, dp = q - eye_q, p - eye_p
        turn = mix(1.9, 2.5, draws[2]) * jnp.exp(-(dq * dq + dp * dp) / 0.16)
        cos, sin = jnp.cos(turn), jnp.sin(turn)
        u, v = eye_q + dq * cos + dp * sin, eye_p + dp * cos - dq * sin
        steep = jnp.where(u < 0, 0.75, 0.36)
        height = jnp.exp(-jnp.sqrt((u / steep) ** 2 + 0.002)) * ramp(v, 3.0, 1.0)
        deep = v - 1 + height + 0.04 / tall * waves(chop, side * x, None, 0.7)
        body = _edge(deep)

        front = ramp(u, -0.04, 0.12)
        thin = jnp.exp(-jnp.maximum(deep, 0) / 0.3)
        # Streaks run up the face and over with the crest.
        lines = waves(foam_draws[0], 0.5 * u, 3.2 * deep, 1.0)
        dark = mix(0.75 * air, direction.shadow, 0.25 + 0.7 * near)
        shine = thin * (0.12 + 0.38 * front) + 0.07 * lines * front * (1 - thin)
        tone = dark + (air + 0.25 * sun) * jnp.maximum(shine, -0.05)
        tone = mix(tone, air, direction.haze * (1 - near) * 0.6)
        scene = scene.under(body * (SWELLS - index <= shown), tone, 0.15 * thin * sun)

        lace = waves(foam_draws[0], 2 * u, 2 * v, 1.3)
        lace += 0.75 * waves(foam_draws[1], u, v, 4.5)
        cap = 0.19 * jnp.exp(-((u / 0.34) ** 2)) * (1 + 0.5 * lace) - 0.012
        foam = body * _edge(cap - deep)
        net = ramp(lace + 0.8 * lines, 0.6, 1.6) * front * ramp(deep, 0.8, 0.05)
        lit = mix(air + 0.35, 1.0, 0.4 + 0.5 * sun) * (0.8 + 0.2 * near)
        lit = jnp.minimum(lit - 0.25 * ramp(deep, 0.0, 0.14) * (1 - front), 1)
        shows = (SWELLS - index <= shown) * 1.0
        scene = scene.under((0.2 + 0.25 * hero) * net * body * shows, lit)
        scene = scene.under(foam * shows, lit)
        mist = jnp.exp(-(((q - 0.1) ** 2 + (p - 0.05) ** 2) / 0.1)) * (1 - body) * shows
        return scene.lit(mist * (0.12 + 0.8 * spray * near)), None

    swells = (jnp.arange(SWELLS), wave_draws, chop_draws)
    return jax.lax.scan(add, scene, swells)[0]


def _edge(height: Field) -> Field:
    """Coverage where `height` is above 0, one pixel soft whatever its slope."""
    down, right = jnp.gradient(height)
    return jnp.clip(0.5 + height / jnp.maximum(jnp.hypot(down, right), 1e-5), 0, 1)
