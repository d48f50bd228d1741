"""Fire and smoke: a plume of ink, tongues of flame."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.families.flow import stirred
from train.gallery.fields import Canvas, Field, Scalar, dice, mix, ramp, sine
from train.gallery.scene import STAR_CELLS, Scene, backdrop, stars

VEILS = 4
TONGUES = 16


def ink_smoke(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A plume that sinks or rises, straight at first, then curling into thin veils."""
    (place, way, sway, lit_from, reach), shears, veil_draws = dice(
        key, (5,), (6, 2), (VEILS, 5, 2)
    )
    x, pixel = canvas.x, canvas.pixel
    y = canvas.y * jnp.where(way < 0.5, -1.0, 1.0)
    side = jnp.where(lit_from < 0.5, -1.0, 1.0)
    size = 0.45 + 0.55 * direction.scale
    length = size * mix(1.5, 1.85, reach)
    along = (y + 1.1) / length
    axis = 0.4 * (2 * place - 1) + 0.45 * (2 * sway - 1) * along * (along - 0.6)
    # Laminar where it enters, turbulent towards its head.
    bend = 0.15 * (0.5 + 0.5 * direction.unrest) * ramp(along, 0.0, 0.75)
    u, v = stirred(shears, x - axis, y, 0.5, bend)
    grown = jnp.clip((v + 1.1) / length, 0, 2)
    width = size * (0.07 + (0.42 + 0.16 * direction.amount) * grown**1.2)
    across = u / width
    body = jnp.exp(-(across**2) - 0.6 * across**4) * ramp(grown, 1.15, 0.6)

    def add(total: Field, veil: tuple[Scalar, Array]) -> tuple[Field, None]:
        index, draws = veil
        p, q = stirred(
            draws[1:], 0.8 * across, 2.4 * grown, 0.5, 0.13 * ramp(along, 0, 0.5)
        )
        fold = sine(0.55 * p + 0.3 * q + draws[0, 0])
        # Seen edge-on a veil is a dense thread, unless finer than a pixel.
        steep = jnp.abs(jnp.stack(jnp.gradient(fold))).sum(0)
        thread = jnp.maximum(1 - jnp.abs(fold), 0) ** (4 + 2 * index)
        thread = mix(thread, 0.13, ramp(steep, 0.25, 0.8))
        return total + thread + 0.4 * ramp(fold, -1, 1), None

    veils = (jnp.arange(VEILS, dtype=jnp.float32), veil_draws)
    threads = jax.lax.scan(add, jnp.zeros_like(x), veils)[0]
    density = body * (0.1 + 0.62 * threads)
    cover = 1 - jnp.exp(-(1.5 + 0.7 * direction.amount) * density)
    slope_y, slope_x = jnp.gradient(body + 0.4 * cover, pixel)
    facing = 0.5 - 0.5 * jnp.tanh(0.3 * (side * slope_x - slope_y))

    near = jnp.exp(-((x - axis - 0.3 * side) ** 2) - (canvas.y + 0.2) ** 2)
    scene = backdrop(direction.ground + 0.8 * direction.rise * near)
    inky = direction.ground > 0.45
    pale = mix(0.4, 1.05, facing) * mix(0.7, 1.05, near)
    dark = mix(0.02, 0.24, facing)
    tone = jnp.where(inky, dark, pale)
    tint = 0.7 * ramp(grown, 0.45, 0.95) * (1 - facing)
    scene = scene.under(0.96 * cover, jnp.clip(tone, 0, 1), tint)
    return scene.lit(0.2 * body * near * (1 - inky))


def flames(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Tongues of fire that rise and lick, brightest low in the middle, with sparks."""
    (place, size, wind, start, tinted), night, shears, tongue_draws = dice(
        key, (5,), (STAR_CELLS, 4), (5, 2), (TONGUES, 4)
    )
    x, y = canvas.x, canvas.y
    middle = 0.45 * (2 * place - 1)
    few = direction.amount < 0.2
    spread = jnp.where(few, 0.13, 0.3 + 0.6 * direction.amount)
    count = jnp.round(5 + 11 * direction.amount)
    tallest = mix(1.5, 2.0, size) * mix(0.6, 1.0, direction.scale)
    foot = jnp.where(few, 0.72, 1.1)
    rise = (foot - y) / tallest
    lit_x, lit_y = (x - middle) / (0.55 + spread), (y - foot + 0.3) / 0.95
    air = direction.rise * jnp.where(direction.ground > 0.45, 0.25, 1.2)
    scene = backdrop(direction.ground + air * jnp.exp(-(lit_x**2) - lit_y**2))
    sparks = stars(night, canvas, 0.15 + 0.3 * direction.amount)
    scene = scene.lit(sparks * jnp.exp(-2 * lit_x**2) * ramp(rise, 1.3, 0.7), 0.9)
    # Fire licks more wildly the higher it gets, and leans with the wind.
    bend = 0.14 * (0.6 + 0.4 * direction.unrest) * ramp(rise, -0.1, 0.7)
    blown = 0.35 * (2 * wind - 1) * jnp.maximum(rise, 0) ** 2
    u, v = stirred(shears, x - middle - blown, 0.5 * y, 0.75, bend)
    v = 2 * v

    def add(heat: Field, tongue: tuple[Scalar, Array]) -> tuple[Field, None]:
        index, draws = tongue
        even = index * 0.618 + start
        off = 2 * (even - jnp.floor(even)) - 1
        height = tallest * mix(0.5, 1.05, draws[0]) * (1 - 0.6 * off**2)
        half = mix(0.11, 0.21, draws[1]) * mix(0.7, 1.0, direction.scale)
        up = jnp.clip((foot - v) / height, 0, 1)
        lean = 0.25 * up * sine(0.5 * up + draws[2])
        profile = (1 - up) ** 0.9 * (0.6 + 1.9 * up * (1 - 0.5 * up))
        deep = 1 - jnp.abs(u - spread * off - lean) / jnp.maximum(half * profile, 1e-3)
        cover = ramp(deep, 0.0, 0.12 + 0.5 * up) * ramp(up, 1.0, 0.9)
        cover *= ramp(v + 0.3 * (1 - deep) ** 2, foot + 0.15, foot - 0.15)
        # Thin sheets of fire: a crisp bright skin about a fainter inside.
        skin = ramp(deep, 0.4, 0.05) * mix(0.3, 0.7, draws[3])
        fire = cover * (0.4 + 0.4 * ramp(deep, 0.1, 1.0) + skin) * (1 - 0.55 * up)
        return heat + fire * (index < count), None

    tongues = (jnp.arange(TONGUES, dtype=jnp.float32), tongue_draws)
    heat = jax.lax.scan(add, jnp.zeros_like(x), tongues)[0]
    core_x, core_y = u / (0.1 + 0.95 * spread), (v - foot + 0.22) / 0.42
    core = jnp.maximum(1 - core_x**2 - core_y**2, 0)
    # On light ground the outer fire is darker than the air, else lighter.
    ground = direction.ground
    outer = jnp.where(ground > 0.45, direction.shadow + 0.04, ground + 0.19)
    hot = 1 - jnp.exp(-0.72 * heat - 1.3 * core)
    tint = 0.4 * ramp(hot, 0.1, 0.4) * ramp(hot, 0.8, 0.5) * (tinted < 0.5)
    return scene.under(
        1 - jnp.exp(-2.6 * heat - 3 * core**2), mix(outer, 1.0, hot), tint
    )
