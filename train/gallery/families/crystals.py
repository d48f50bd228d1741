"""A cluster of crystals that grows from below."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, glow, inside, mix, ramp
from train.gallery.scene import Scene, backdrop

SHARDS = 11


def crystal_shards(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Faceted spikes that fan out, the outer ones behind, lit from one side."""
    side_key, *shard_keys = jax.random.split(key, 1 + SHARDS)
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(jax.random.bernoulli(side_key), 1.0, -1.0)
    root_y = 0.35 + 0.4 * direction.scale
    behind = glow(jnp.hypot(x, y - root_y + 0.7) - 0.1, 0.6)
    scene = backdrop(direction.ground + (direction.rise + 0.05) * behind)
    count = jnp.round(3 + 4 * direction.amount + 4 * (direction.amount > 0.7))
    for index, shard_key in enumerate(shard_keys):
        # From the outermost, left and right in turn, to the upright one in front.
        order = count - 1 - index
        sign = jnp.where(order % 2 == 0, 1.0, -1.0)
        turn_key, long_key, wide_key = jax.random.split(shard_key, 3)
        spread = jnp.ceil(order / 2) / jnp.maximum(jnp.ceil((count - 1) / 2), 1)
        fan = (0.75 + 0.5 * direction.amount) * (0.7 + 0.3 * direction.unrest)
        angle = sign * spread * fan + 0.12 * jax.random.uniform(turn_key, minval=-1)
        length = direction.scale * mix(1.45, 0.85, spread)
        length *= jax.random.uniform(long_key, minval=0.85, maxval=1.05)
        width = direction.scale * jax.random.uniform(wide_key, minval=0.13, maxval=0.19)
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        along = (sin * (x - 0.25 * sin) - cos * (y - root_y)) / length
        across = cos * (x - 0.25 * sin) + sin * (y - root_y)
        half = width * jnp.where(along < 0.68, 0.6 + 0.59 * along, (1 - along) * 3.12)
        outline = jnp.maximum(jnp.abs(across) - half, -along * length) * 0.93
        # Three facets: a lit one, a ridge, and one in shade.
        facet = across / jnp.maximum(half, 1e-3) * side
        tone = jnp.where(facet > 0.25, 0.86, jnp.where(facet > -0.35, 0.55, 0.28))
        tone = tone * mix(0.45, 1.0, along) * mix(1.0, 0.72, spread)
        tone = tone + 0.35 * direction.ground * (1 - along)
        tipped = ramp(along, 0.55, 0.95) * (facet > 0.25)
        shown = inside(outline, pixel) * (index < count)
        scene = scene.under(shown, tone, 0.75 * tipped * (order < 3))
    haze = ramp(y, root_y - 0.3, root_y + 0.15)
    return scene.under(haze * 0.9, direction.ground + 0.5 * direction.rise)
