"""Marks of a hand: huge brush strokes, washes of watercolour."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.families.flow import stirred
from train.gallery.fields import (
    Canvas,
    Field,
    Scalar,
    dice,
    mix,
    ramp,
    sine,
    waves,
)
from train.gallery.scene import Scene, backdrop

STROKES = 6
STAINS = 9
PAPER = 150  # hills of the paper's tooth, across the picture


def _bristles(draws: Array, across: Field, along: Field, pixel: Scalar) -> Field:
    """Streaks that a brush leaves, coarse to finer than a `pixel`, about -1..1."""
    drift = 0.02 * sine(0.7 * along + draws[0])
    u = across + drift
    coarse = sine(2.3 * u + 0.7 * sine(1.3 * u + draws[1]))
    middle = sine(6.1 * u + 0.9 * sine(2.9 * u + draws[2]))
    fine = sine(15.0 * u + 0.9 * sine(5.3 * u + draws[3]))
    middle *= 0.7 * ramp(pixel, 0.07, 0.03)
    fine *= 0.5 * ramp(pixel, 0.03, 0.012)
    return (coarse + middle + fine) / 1.6


def brush_strokes(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A few huge strokes of thick paint that overlap, streaked, and run dry."""
    (turn, lit_from, right, down), draws = dice(key, (4,), (STROKES, 10))
    side = jnp.where(lit_from < 0.5, -1.0, 1.0)
    ground = direction.ground
    light = jnp.hypot(canvas.x - 0.6 * side, canvas.y + 0.6)
    near = jnp.exp(-((light / 1.5) ** 2))
    scene = backdrop(ground + direction.rise * (near - 0.25))
    count = jnp.round(1.6 + 2 * direction.amount + 2 * (direction.amount > 0.7))
    scale = 0.4 + 0.6 * direction.scale
    tones = jnp.stack([0.5 * direction.shadow + 0.02, 0.5, 0.92, 0.32, 0.7])

    def add(scene: Scene, stroke: tuple[Scalar, Array]) -> tuple[Scene, None]:
        index, some = stroke
        # Each stroke follows an arc of a circle, some nearly straight.
        angle = 2 * jnp.pi * turn + 2.0 * index + 0.5 * some[0]
        radius = mix(0.55, 2.2, some[1] ** 2) * (0.6 + 0.4 * scale)
        middle_x = 0.3 * (2 * right - 1) + 0.35 * direction.amount * (2 * some[2] - 1)
        middle_y = 0.3 * (2 * down - 1) + 0.35 * direction.amount * (2 * some[3] - 1)
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        dx, dy = canvas.x - middle_x + radius * cos, canvas.y - middle_y + radius * sin
        forth, aside = cos * dx + sin * dy, cos * dy - sin * dx
        length = scale * mix(0.75, 1.15, some[4])
        along = jnp.arctan2(aside, forth) * radius / length
        width = scale * mix(0.17, 0.27, some[5]) * (1 - 0.15 * along)
        wobble = 0.03 * direction.unrest * sine(0.7 * along + some[6])
        across = (jnp.hypot(dx, dy) - radius + wobble) / width
        streaks = _bristles(some[6:], across, along, canvas.pixel / width)
        # Paint is thick where the brush sets down and breaks up towards the end.
        dry = ramp(along + 0.12 * streaks, 0.0, 1.25)
        left = streaks - mix(-2.2, 1.9, dry)
        cover = ramp(left, -0.12, 0.12 + 3 * canvas.pixel)
        edge = 1 + 0.06 * streaks - 0.05 * sine(2.2 * along + some[7])
        cover *= ramp(jnp.abs(across), edge + 0.02, edge - 0.05)
        cover *= ramp(along + 0.07 * streaks, -1.02, -0.97) * (index < count)
        ridge = jnp.abs(across) * ramp(jnp.abs(across), 0.6, 1)
        thick = cover * (0.8 + 0.45 * streaks + 0.5 * ridge) * width
        slope_y, slope_x = jnp.gradient(0.15 * thick, canvas.pixel)
        relief = jnp.tanh(1.3 * (slope_y - side * slope_x))
        tone = tones[((index + jnp.floor(5 * some[8])) % 5).astype(jnp.int32)]
        tone = jnp.where(index == count - 1, 0.85, tone)
        tone = jnp.where(jnp.abs(tone - ground) < 0.14, ground + 0.3, tone)
        # Two paints on one brush, and less of it the further it goes.
        shift = 0.12 * across * (2 * some[9] - 1) - 0.1 * along
        tone *= mix(0.6, 1.08, near) * mix(0.82, 1.0, ramp(ground, 0.1, 0.3))
        tone += shift + 0.04 * streaks
        paint = tone + 0.3 * relief * (0.2 + tone)
        tint = 0.75 * jnp.logical_and(index == count - 1, count > 1.5)
        cast = 0.45 * ramp(jnp.abs(across), 1.35, 0.8) * ramp(jnp.abs(along), 1.1, 0.8)
        scene = scene.under(cast * (1 - dry) * (index < count), 0.6 * direction.shadow)
        return scene.under(cover, jnp.clip(paint, 0, 1), tint), None

    strokes = (jnp.arange(STROKES, dtype=jnp.float32), draws)
    return jax.lax.scan(add, scene, strokes)[0]


def watercolour_wash(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Wet stains with dark pigment rims, lighter blooms and soft bleeds, on paper."""
    (start, right, down), shears, swell, grain, draws = dice(
        key, (3,), (4, 2), (2, 3), (PAPER, PAPER), (STAINS, 6)
    )
    x, y = canvas.x, canvas.y
    night = direction.ground < 0.2
    tooth = 2 * jax.image.resize(grain, x.shape, "cubic") - 1
    light = jnp.exp(-((x - 0.5 * (2 * right - 1)) ** 2 + (y + 0.5) ** 2))
    paper = direction.ground + direction.rise * (0.4 + 0.6 * light)
    paper = jnp.where(night, direction.ground + 0.1 * light, paper + 0.16)
    count = jnp.round(3 + 3 * direction.amount + 3 * (direction.amount > 0.7))
    scale = 0.4 + 0.6 * direction.scale
    ragged = 0.6 + 0.4 * direction.unrest
    u, v = stirred(shears, x, y, 0.55, 0.06 * ragged)
    u, v = stirred(shears[::-1], u, v, 2.2, 0.045 * ragged)
    wet = waves(swell, x, y, 0.45)

    def add(
        layers: tuple[Field, Field], stain: tuple[Scalar, Array]
    ) -> tuple[tuple[Field, Field], None]:
        pigment, coloured = layers
        index, (girth, reach, spot, strength, bleed, tint) = stain
        bearing = 2 * jnp.pi * start + 2.4 * index
        # One great stain, middling ones over it, a few splashes further off.
        splash = index % 3 == 2
        radius = scale * mix(0.32, 0.52, girth) * jnp.where(index == 0, 1.3, 0.9)
        radius *= jnp.where(splash, 0.22, 1.0)
        apart = mix(0.25, 0.55, reach) + 0.4 * splash + 0.1 * direction.amount
        apart *= scale * (index > 0)
        dx = u - 0.3 * (2 * right - 1) - apart * jnp.cos(bearing)
        dy = v - 0.25 * (2 * down - 1) - apart * jnp.sin(bearing)
        edge = jnp.hypot(dx, 1.15 * dy) - radius + 0.006 * tooth
        # Dry paper stops the paint in a crisp rim; wet paper lets it bleed.
        softness = 0.008 + 0.22 * ramp(wet + 2 * bleed, 1.2, 2.6)
        cover = ramp(edge, softness, -softness)
        rim = jnp.exp(jnp.minimum(edge, 0) / 0.035) * cover * ramp(softness, 0.15, 0.02)
        # A late drop of water pushes the pigment out into a flowered ring.
        bloom = jnp.hypot(dx - 0.45 * radius * (2 * spot - 1), dy - 0.3 * radius)
        bloom += 0.05 * sine(3 * u + 2 * v) - mix(0.25, 0.5, spot) * radius
        washed = ramp(bloom, 0.05, -0.16)
        ring = jnp.exp(-((bloom / 0.022) ** 2)) + 0.5 * jnp.exp(-jnp.abs(bloom) / 0.1)
        flow = 0.75 + 0.22 * wet + 0.25 * ramp(edge, -0.6, 0.0)
        load = mix(0.45, 1.0, strength) * (flow - 0.6 * washed + 0.3 * ring) + 1.1 * rim
        deposit = jnp.maximum(cover * load, 0) * (index < count)
        coloured = jnp.maximum(coloured, deposit * (tint < 0.35))
        return (pigment + deposit, coloured), None

    stains = (jnp.arange(STAINS, dtype=jnp.float32), draws)
    nothing = jnp.zeros_like(x)
    pigment, coloured = jax.lax.scan(add, (nothing, nothing), stains)[0]
    pigment *= 1 + 0.13 * tooth
    # On light paper pigment takes light away; on black paper it is what shines.
    sunk = mix(0.5 * direction.shadow, paper, jnp.exp(-0.62 * pigment))
    shining = mix(paper, 0.95, 1 - jnp.exp(-0.7 * pigment))
    tone = jnp.where(night, shining, sunk) + 0.02 * paper * tooth
    tint = 0.42 * (1 - jnp.exp(-1.2 * coloured)) * ramp(tone, 0.05, 0.4)
    return Scene(tone=jnp.clip(tone, 0, 1), accent=tint)
