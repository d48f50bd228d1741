"""The far north: curtains of aurora."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery.direction import Direction
from train.gallery.families.forest import spruces
from train.gallery.fields import (
    Canvas,
    Field,
    Scalar,
    dice,
    inside,
    mix,
    ramp,
    sine,
    waves,
)
from train.gallery.scene import STAR_CELLS, Scene, sky, stars

CURTAINS, RAYS = 3, 36
ZENITH = 5.0  # how far up the rays of a curtain meet


def northern_lights(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Folded curtains of light over far hills and spruces, most often on a lake."""
    place, night, folds, streak, hills, trees = dice(
        key, (5,), (STAR_CELLS, 4), (CURTAINS, 8), (2, 2, 5), (3, 2, 4), (2, 16, 3)
    )
    pixel = canvas.pixel
    side = jnp.where(place[0] < 0.5, -1.0, 1.0)
    shore = mix(0.4, 0.62, place[1])
    wet = (canvas.y > shore) & (place[2] < 0.65)
    deep = jnp.maximum(canvas.y - shore, 0)
    ripple = waves(hills[2], 0.4 * canvas.x / (deep + 0.2), 2 / (deep + 0.2), 0.8)
    x = canvas.x + jnp.where(wet, 0.012 * direction.unrest * ripple, 0)
    y = jnp.where(wet, shore - 1.25 * deep, canvas.y)
    mirrored = Canvas(x=x, y=y, pixel=pixel)

    scene = sky(mirrored, direction, shore + 0.2)
    scene = Scene(tone=0.8 * scene.tone, accent=scene.accent)
    starlight = stars(night, mirrored, 0.5) * ~wet * (direction.ground < 0.45)
    scene = scene.lit(starlight * ramp(y, 0.4, -0.3))
    far_x = 0.6 * side * place[3]
    light, low = _curtains(folds, mirrored, direction, far_x)
    fan = (x - far_x) * (1 + ZENITH) / (y + ZENITH)
    fine = 1 + 0.16 * waves(streak[0], fan, None, 4.5)
    fine += 0.1 * waves(streak[1], fan, 0.04 * y, 13.0)
    shine = 1 - jnp.exp(-1.5 * light * fine)
    hue = jnp.clip(1.3 * low / (light + 0.05), 0, 1)
    scene = scene.lit(0.92 * shine, 0.85 * hue)
    airglow = 0.25 * jnp.exp(-(((y - shore) / 0.4) ** 2)) * (1 - direction.ground)
    scene = scene.lit(airglow * (0.5 + shine), 0.3)
    air = scene.tone

    for index, (level, tall) in enumerate(((0.02, 0.15), (0.0, 0.07))):
        folded = 1 - jnp.abs(waves(hills[index], x, None, 0.6 + 0.5 * index))
        crest = shore - level - tall * (0.6 + 0.5 * direction.unrest * folded)
        below = y - crest
        hill = mix(air, direction.shadow, 0.55 + 0.25 * index)
        snow = 0.12 * ramp(below, 0.09, 0.0) * (1 - index)
        hill = mix(hill, air, snow + 0.4 * direction.haze * ramp(below, 0, 0.2))
        scene = scene.under(inside(-below, pixel), hill)
    water = mix(scene.tone, direction.shadow, 0.2 + 0.5 * ramp(deep, 0.0, 0.6))
    scene = Scene(
        tone=jnp.where(wet, water, scene.tone),
        accent=jnp.where(wet, 0.8, 1.0) * scene.accent,
    )

    def share(middle: Field) -> Scalar:
        return mix(0.5, 1.0, direction.amount)

    def at_edge(middle: Field) -> Field:
        return (side * middle > 0.3) * mix(0.4, 0.9, direction.amount)

    grow = ramp(side * x, -0.8, 0.9)
    tall = 0.13 + 0.12 * direction.amount
    woods = spruces(x, y, shore + 0.01 - 0.05 * grow, trees[0], 0.05, tall, share)
    woods = jnp.maximum(woods, y - shore - 0.008)
    scene = scene.under(inside(woods, pixel), mix(direction.shadow, air, 0.08))
    # The near bank, with the largest trees at one side.
    bank = 0.93 - 0.2 * ramp(side * canvas.x, -0.2, 1.0)
    bank += 0.03 * waves(hills[2], canvas.x, None, 0.5)
    bank = jnp.where(place[2] < 0.65, bank, bank - 0.93 + shore + 0.1)
    near = 0.42 + 0.3 * place[4]
    front = spruces(canvas.x, canvas.y, bank, trees[1], 0.13, near, at_edge)
    snow = 0.3 * air * ramp(canvas.y - bank, 0.5, 0.0)
    scene = scene.under(inside(bank - canvas.y, pixel), direction.shadow + snow)
    return scene.under(inside(front, pixel), direction.shadow)


def _curtains(
    folds: Float[Array, "curtains 8"],
    canvas: Canvas,
    direction: Direction,
    far_x: Scalar,
) -> tuple[Field, Field]:
    """Light of the curtains, and its share low down, where the colour is."""
    x, y = canvas.x, canvas.y
    t = jnp.linspace(0, 1, RAYS)
    shown = jnp.round(1 + 2 * direction.amount)

    def hang(index: Scalar, draws: Array) -> tuple[Array, ...]:
        swing = 0.24 * (0.45 + 0.55 * direction.unrest)
        turns = mix(1.4, 2.4, draws[0]) * t + draws[1]
        ray_x = mix(-1.5, 1.5, t) + swing * sine(turns)
        step_x = 3 + 2 * jnp.pi * 1.9 * swing * sine(turns + 0.25)
        wide = mix(0.7, 1.2, draws[2]) * t + draws[3]
        slant = 0.6 * (2 * draws[4] - 1)
        ray_y = mix(0.18, -0.3, index / CURTAINS + 0.2 * draws[5])
        ray_y = ray_y + 0.17 * sine(wide) + slant * (t - 0.5) + 0.05 * sine(2.3 * turns)
        step_y = jnp.asarray(jnp.gradient(ray_y, t[1]))
        slope = jnp.clip(step_y * step_x / (step_x**2 + 0.8), -1.2, 1.2)
        strength = 0.55 + 0.45 * sine(mix(1.5, 2.6, draws[6]) * t + draws[7])
        strength = strength * ramp(jnp.abs(t - 0.5), 0.5, 0.3) * (1 - 0.2 * index)
        return ray_x, ray_y, slope, strength * (index < shown)

    def add(sums: tuple[Field, Field], ray: Array) -> tuple[tuple[Field, Field], None]:
        light, low = sums
        ray_x, ray_y, slope, strength = ray
        lean = far_x + (ray_x - far_x) * (y + ZENITH) / (ray_y + ZENITH)
        off = x - lean
        up = ray_y + slope * off - y
        here = strength * jnp.exp(-((off / 0.085) ** 2)) * ramp(up, -0.04, 0.06)
        high = jnp.maximum(up, 0)
        here_low = here * jnp.exp(-high / 0.13)
        return (light + here * jnp.exp(-high / 0.27), low + here_low), None

    rays = jax.vmap(hang)(jnp.arange(CURTAINS), folds)
    none = jnp.zeros_like(x)
    flat = jnp.stack([part.ravel() for part in rays], 1)
    return jax.lax.scan(add, (none, none), flat)[0]
