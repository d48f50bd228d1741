"""Things that flow: liquid marble, and strands of hair-like lines."""

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
    mix,
    ramp,
    sine,
    waves,
)
from train.gallery.scene import Scene, backdrop

RIBBONS = 4


def stirred(
    draws: Float[Array, "shears 2"],
    x: Field,
    y: Field,
    rate: Scalar | float,
    bend: Field | Scalar | float,
) -> tuple[Field, Field]:
    """Carries points along as in a stirred fluid, by ever finer shears.

    Each shear slides points along the crests of a straight wave. That keeps areas, so
    shapes fold and curl without tearing, swelling or vanishing.

    Args:
        draws: Random numbers in 0..1: the phase and the direction of each shear.
        x: First coordinate.
        y: Second coordinate.
        rate: Cycles per unit of length of the coarsest wave.
        bend: How far points slide, as a share of the wave's length.
    """

    def shear(
        place: tuple[Field, Field], step: tuple[Scalar, Array]
    ) -> tuple[tuple[Field, Field], None]:
        index, (phase, direction) = step
        angle = 2.4 * index + 1.3 * direction
        pace = rate * 1.5**index
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        slide = bend / pace * sine(pace * (cos * place[0] + sin * place[1]) + phase)
        return (place[0] - sin * slide, place[1] + cos * slide), None

    steps = (jnp.arange(len(draws), dtype=jnp.float32), draws)
    return jax.lax.scan(shear, (x, y), steps)[0]


def liquid_marble(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Folded bands of glossy paint in relief, lit from a side, with an accent vein."""
    (turn, right, down, shift, lean), shears, swell = dice(key, (5,), (5, 2), (2, 2))
    side = jnp.where(right < 0.5, -1.0, 1.0)
    light_x, light_y = side * mix(0.1, 0.5, right), mix(-0.6, 0.1, down)
    zoom = 0.62 + 0.33 * direction.amount
    bend = 0.15 * (0.6 + 0.4 * direction.unrest)
    x, y = stirred(shears, zoom * canvas.x, zoom * canvas.y, 0.32, bend)
    angle = 2 * jnp.pi * turn
    across = jnp.cos(angle) * x + jnp.sin(angle) * y
    turns = 0.75 * across + 0.1 * waves(swell, x, y, 0.5) + shift
    fold = sine(turns)

    # With little to show, one tongue of paint lies on bare ground.
    few = direction.amount < 0.2
    spine = mix(across, jnp.cos(angle) * canvas.x + jnp.sin(angle) * canvas.y, 0.55)
    body = jnp.abs(spine + 0.3 * (2 * lean - 1)) - jnp.where(few, 0.27, 9.0)
    covered = ramp(body, 0.012, -0.012)
    round_off = 1 - jnp.clip(-body / 0.27, 0, 1)
    bulge = 0.22 * jnp.sqrt(1.001 - round_off**2)
    relief = bulge + 0.2 * fold + 0.035 * sine(3 * turns)
    slope_y, slope_x = jnp.gradient(relief, canvas.pixel)
    upright = jax.lax.rsqrt(1 + slope_x**2 + slope_y**2)
    to_light = jnp.hypot(canvas.x - light_x, canvas.y - light_y)
    facing = (0.55 * (slope_y - side * slope_x) + 0.62) * upright
    gloss = ramp(facing, 0.74, 0.98) ** 2.5
    near = glow(to_light, 1.1)

    light_paint = ramp(fold, -0.12, 0.12)
    airy = ramp(direction.ground, 0.2, 0.6)  # bright pictures have lighter shade
    low = mix(direction.shadow, direction.ground, 0.25 + 0.5 * airy)
    high = jnp.minimum(direction.ground + 0.48, 0.88 + 0.1 * airy)
    streaks = 0.5 + 0.5 * sine(5 * turns)
    paint = mix(low, high - 0.14 * streaks, light_paint) + 0.05 * streaks * (fold < 0)
    tone = (
        paint
        * (0.35 + 0.8 * jnp.maximum(facing, 0))
        * mix(0.6 + 0.3 * airy, 1.15, near)
    )
    vein = ramp(jnp.abs(fold + 0.28), 0.24, 0.12)
    enamel = mix(0.12, 0.95, jnp.clip(facing, 0, 1)) * mix(0.75, 1.1, near)
    tone = mix(tone, jnp.maximum(tone, enamel), 0.9 * vein)
    wet = Scene(tone=jnp.clip(tone, 0, 1), accent=0.85 * vein)
    wet = wet.lit(gloss * mix(0.4, 0.95, near))

    bare = backdrop(direction.ground + 0.5 * direction.rise * near)
    bare = bare.under(0.6 * ramp(body, 0.25, -0.05), 0.6 * direction.shadow)
    return bare.under(covered, wet.tone, wet.accent)


def flow_lines(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Sheets of fine strands that sweep across, twist over and catch the light."""
    (turn, off, flip, lamp), ribbon_draws = dice(key, (4,), (RIBBONS, 8))
    angle = mix(-0.75, 0.75, turn)
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    flip = jnp.where(flip < 0.5, -1.0, 1.0)
    x = flip * (cos * canvas.x + sin * canvas.y)
    y = cos * canvas.y - sin * canvas.x - 0.25 * (2 * off - 1)
    lamp_x = mix(-0.45, 0.45, lamp)
    bright = direction.ground > 0.45
    near = glow(jnp.hypot(x - lamp_x, y), 0.75)
    scene = backdrop(direction.ground + 0.8 * direction.rise * near)
    wave = 0.3 * (0.55 + 0.45 * direction.unrest)
    girth = (0.5 + 0.5 * direction.scale) * (0.85 + 0.35 * direction.amount)

    def add(scene: Scene, ribbon: tuple[Scalar, Array]) -> tuple[Scene, None]:
        index, draws = ribbon
        close = (index + 1) / RIBBONS
        shown = index >= RIBBONS - jnp.round(2 + 2 * direction.amount)
        # The sheet hangs between two edges; where they cross, it twists over.
        spine = wave * sine(0.3 * x + 0.12 * draws[0]) + 0.2 * (draws[1] - 0.5)
        twist = sine(mix(0.16, 0.3, draws[2]) * (x - lamp_x) + draws[3])
        half = girth * (0.09 + 0.36 * (0.5 + 0.5 * twist) ** 1.5)
        curl = sine(0.42 * x + draws[4])
        strand = (y - spine) / half
        strand += 0.35 * curl * (1 - jnp.clip(strand, -1, 1) ** 2)
        slope_y, slope_x = jnp.gradient(strand, canvas.pixel)
        inside_sheet = ramp(jnp.abs(strand), 1.0, 0.8)
        # Locks are broad enough for small pictures; hairs fade out below a pixel.
        locks = sine(1.7 * strand + 0.9 * sine(0.9 * strand + draws[5]))
        locks = ramp(locks + 0.5 * sine(4.3 * strand + draws[6]), -1.3, 1.2)
        rate = 9 + 5 * draws[6]
        hairs = 0.5 + 0.5 * sine(rate * strand + 0.5 * sine(0.7 * x + 3 * strand))
        spacing = 1 / (rate * canvas.pixel * jnp.hypot(slope_x, slope_y) + 1e-3)
        apart = ramp(spacing, 2.6, 5.5)
        hairs = mix(0.5, hairs**1.5, apart)
        sheen = jnp.exp(-(((x - lamp_x - 0.35 * strand * twist) / 0.5) ** 2))
        light = inside_sheet * (0.25 + 0.75 * locks) * hairs
        light *= (0.3 + 1.3 * sheen) * mix(0.35, 1.0, close) * shown
        edge = (
            0.5
            * apart
            * jnp.exp(-(((jnp.abs(strand) - 0.9) / 0.05) ** 2))
            * inside_sheet
        )
        light = jnp.minimum(1.5 * light + edge * sheen * shown, 1)
        hide = inside_sheet * shown * mix(0.3, 0.75, close)
        scene = scene.under(hide, mix(scene.tone, direction.shadow, 0.55))
        tinted = 0.8 * (draws[7] < 0.4)
        ink = jnp.where(bright, 0.02 + 0.25 * (1 - close), 0.97)
        drawn = scene.under(jnp.minimum(light, 0.95), ink, tinted)
        return drawn, None

    ribbons = (jnp.arange(RIBBONS, dtype=jnp.float32), ribbon_draws)
    return jax.lax.scan(add, scene, ribbons)[0]
