"""A cluster of crystals that grows from below."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, glow, inside, mix, ramp, sine
from train.gallery.scene import Scene, backdrop

SHARDS = 11
SPLINTERS = 7
SHOULDER = 0.66  # where a prism begins to taper, as a share of its length


def crystal_shards(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Clear prisms that fan out of a glowing root, lit from one side and within."""
    (lit_from, place, lean, hue), draws, chips = dice(
        key, (4,), (SHARDS, 5), (SPLINTERS, 4)
    )
    pixel, ground = canvas.pixel, direction.ground
    side = jnp.where(lit_from < 0.5, -1.0, 1.0)
    root_x = -side * mix(-0.05, 0.3, place) * mix(1.0, 0.6, direction.amount)
    root_y = 0.34 + 0.36 * direction.scale
    x = canvas.x - root_x
    # The lower part of the picture is a polished floor that mirrors the cluster.
    floor = root_y - 0.03
    below = canvas.y - floor
    wet = below > 0
    y = jnp.where(wet, floor - 1.1 * below, canvas.y)
    behind = glow(jnp.hypot(x - 0.35 * side, 1.1 * (y - root_y + 0.75)) - 0.1, 0.5)
    scene = backdrop(ground * 0.9 + (direction.rise + 0.06) * behind)
    count = jnp.round(3 + 4 * direction.amount + 4 * (direction.amount > 0.7))
    fan = (0.72 + 0.45 * direction.amount) * (0.7 + 0.3 * direction.unrest)
    sway = 0.35 * (2 * lean - 1)

    def add(scene: Scene, shard: tuple[Array, Array]) -> tuple[Scene, None]:
        index, draws = shard
        # From the outermost, left and right in turn, to the upright one in front.
        order = count - 1 - index
        spread = jnp.ceil(order / 2) / jnp.maximum(jnp.ceil((count - 1) / 2), 1)
        sign = jnp.where(order % 2 == 0, 1.0, -1.0)
        angle = sign * spread * fan + 0.24 * (draws[0] - 0.5) + sway * (1 - spread)
        length = direction.scale * mix(1.5, 0.75, spread) * (0.75 + 0.35 * draws[1])
        width = direction.scale * mix(0.21, 0.13, spread) * (0.75 + 0.5 * draws[2])
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        dx, dy = x - 0.24 * sin * direction.scale, y - root_y
        along, across = (sin * dx - cos * dy) / length, cos * dx + sin * dy
        # The tip is cut aslant: it lies off the axis.
        bent = across - width * (draws[3] - 0.5) * ramp(along, SHOULDER, 1.0)
        taper = (1 - along) / (1 - SHOULDER)
        half = width * jnp.clip(taper, 0, 0.8 + 0.3 * jnp.minimum(along, SHOULDER))
        ends = jnp.maximum(-along, along - 1) * length
        outline = 0.9 * jnp.maximum(jnp.abs(bent) - half, ends)
        # The edges between the three facets run straight up, then meet at the tip.
        facet = side * bent / jnp.maximum(half, 1e-3)
        soft = pixel / width
        first, second = mix(-0.5, -0.1, draws[4]), mix(0.25, 0.5, draws[2])
        dark, light = direction.shadow + 0.1 * ground, 0.86
        middle = ramp(facet, first - soft, first + soft)
        bright = ramp(facet, second - soft, second + soft)
        tone = mix(mix(dark, 0.38, 0.3), 0.42, middle)
        tone = mix(tone, light, bright)
        # Light gathers in the root and at the tip; inner planes cross the body.
        inner = sine(1.3 * along + 0.5 * facet + draws[4]) > 0.45
        tone *= mix(0.42, 1.05, ramp(along, 0.1, 0.95)) * mix(1.0, 0.7, spread)
        tone += 0.1 * inner * ramp(along, 0.1, 0.5) * (1 - bright)
        tone += 0.4 * glow(along * length, 0.2) + 0.1 * ground * (1 - 0.4 * along)
        seam = jnp.minimum(jnp.abs(facet - first), jnp.abs(facet - second)) * half
        edge = jnp.minimum(seam, jnp.abs(outline))
        tone += 0.28 * ramp(edge, 0.012, 0.0) * ramp(along, 0.05, 0.8)
        distant = spread * (0.25 + 0.5 * direction.haze)
        tone = mix(tone, ground + direction.rise * behind, distant)
        coloured = ramp(along, 0.25, 0.95) * bright * (order < 3)
        coloured = jnp.maximum(coloured, 0.8 * glow(along * length, 0.2) * (hue > 0.4))
        # A dim edge of air parts each prism from those behind it.
        scene = scene.under(0.22 * ramp(outline, 0.045, 0) * (index < count), dark)
        shown = inside(outline, pixel) * (index < count)
        return scene.under(shown, jnp.clip(tone, 0.01, 0.97), 0.8 * coloured), None

    scene = jax.lax.scan(add, scene, (jnp.arange(SHARDS), draws))[0]

    def float_(scene: Scene, chip: tuple[Array, Array]) -> tuple[Scene, None]:
        index, (off, high, size, turn) = chip
        at_x = 1.5 * (off - 0.5) * direction.scale
        at_y = root_y - direction.scale * mix(0.9, 1.5, high)
        cos, sin = jnp.cos(3 * turn), jnp.sin(3 * turn)
        u = cos * (x - at_x) + sin * (y - at_y)
        v = cos * (y - at_y) - sin * (x - at_x)
        small = mix(0.03, 0.065, size**2)
        kite = jnp.abs(u) + 0.5 * jnp.abs(v) - small
        shown = inside(kite, pixel) * (index < 7 * direction.amount)
        return scene.under(
            shown, mix(0.4, 0.9, inside(-u * side, pixel)), 0.5 * (size > 0.6)
        ), None

    scene = jax.lax.scan(float_, scene, (jnp.arange(SPLINTERS), chips))[0]
    bed = ground * 0.75 + 0.02 + direction.rise * glow(jnp.abs(below), 0.25)
    fade = mix(0.5, 1.0, ramp(below, 0.0, 0.45))
    scene = scene.under(wet * fade, bed * mix(1.0, 0.7, ramp(below, 0.1, 0.6)))
    root = glow(jnp.hypot(0.55 * x, 1.6 * below) - 0.08, 0.16 * direction.scale)
    return scene.lit((0.5 - 0.25 * ground) * root, 0.6)
