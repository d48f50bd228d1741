"""Ridgelines: fine strokes that hide one another, like stacked pulses."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Scalar, dice, inside, mix, ramp, waves
from train.gallery.scene import Scene, backdrop

LINES = 30


def ridgelines(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Lines from back to front, flat at the sides, with glowing peaks between."""
    (place, breadth, shape, second, summit), line_draws = dice(key, (5,), (LINES, 2, 5))
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    count = jnp.round(13 + 9 * direction.amount + 8 * (direction.amount > 0.7))
    ground = direction.ground
    bright = ground > 0.45
    half_width = 0.5 + 0.32 * direction.scale
    half_height = 0.34 + 0.32 * direction.scale
    gap = 2 * half_height / (count - 1)
    centre = 0.5 * half_width * (2 * place - 1)
    hump = jnp.exp(-(((x - centre) / (half_width * mix(0.28, 0.5, breadth))) ** 2))
    other = jnp.exp(-(((x + 1.1 * centre) / (0.25 * half_width)) ** 2))
    hump = jnp.maximum(hump, 0.6 * other * (second < 0.4))
    reach = (0.35 + 0.65 * direction.unrest) * (0.08 + 1.3 * gap)
    stroke = mix(0.024, 0.014, direction.amount)
    behind = jnp.exp(-(((x - centre) / 0.75) ** 2) - ((y + 0.1) / 0.8) ** 2)
    air = ground + direction.rise * (0.9 * behind - 0.2)
    flat = jnp.where(bright, 0.25, ground + 0.36)
    crest_tone = jnp.where(bright, 0.02, 1.0)

    def add(scene: Scene, line: tuple[Scalar, Array]) -> tuple[Scene, None]:
        index, draws = line
        down = index / (count - 1)
        level = 0.14 + half_height * (2 * down - 1)
        # The range is highest at its summit; some stacks are cut round, not square.
        high = jnp.exp(-(((down - mix(0.35, 0.75, summit)) / 0.42) ** 2))
        chord = jnp.sqrt(jnp.clip(1 - ((2 * down - 1) * 0.97) ** 2, 0, 1))
        half = half_width * jnp.where(shape < 0.3, chord, 1.0)
        bumps = jnp.exp(0.6 * waves(draws[:, :3], x, None, 0.9)) - 0.35
        bumps += 0.16 * waves(draws[:, 3:], x, None, 3.4)
        risen = jnp.maximum(bumps, 0) * hump * mix(0.35, 1.15, high)
        risen *= ramp(half - jnp.abs(x), 0.0, 0.18)
        risen += 0.05 * waves(draws[:, 3:], x, None, 2.3)
        crest = level - reach * risen
        slope = jnp.asarray(jnp.gradient(crest, pixel, axis=1))
        drop = (y - crest) * jax.lax.rsqrt(1 + slope**2)
        shown = inside(jnp.abs(x) - half, pixel) * (index < count)
        lift = ramp(risen, 0.15, 1.5)
        # Below its crest a ridge is lit from the line, then sinks into shade.
        lit = jnp.exp(-jnp.maximum(y - crest, 0) / (1.2 * gap)) * lift
        sunk = hump * lift * ramp(y - crest, 5 * gap, gap)
        shade = mix(air, direction.shadow, jnp.where(bright, 0.3, 0.85) * sunk)
        fill = mix(shade, jnp.minimum(ground + 0.34, 1), 0.6 * lit)
        body = inside(-drop, pixel) * ramp(y, level + gap + 0.12, level + gap - 0.02)
        scene = scene.under(shown * body, fill, 0.25 * lit)
        halo = jnp.exp(-jnp.abs(drop) / 0.035 - jnp.abs(y - crest) / 0.2)
        scene = scene.lit(0.45 * shown * lift * halo * (1 - bright))
        width = stroke * mix(0.75, 1.15, lift)
        drawn = shown * inside(jnp.abs(drop) - width / 2, pixel)
        far = mix(mix(ground, flat, 0.6), flat, mix(1 - direction.haze, 1.0, down))
        return scene.under(drawn, mix(far, crest_tone, lift), 0.6 * lift * high), None

    lines = (jnp.arange(LINES, dtype=jnp.float32), line_draws)
    return jax.lax.scan(add, backdrop(air), lines)[0]
