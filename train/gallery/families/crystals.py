"""A cluster of crystals that grows from below."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, glow, inside, mix, ramp
from train.gallery.scene import Scene, backdrop

SHARDS = 11
SHOULDER = 0.66  # where a prism begins to taper, as a share of its length


def crystal_shards(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Faceted prisms that fan out, the outer ones behind, lit from one side."""
    lit_from, shard_draws = dice(key, (), (SHARDS, 3))
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(lit_from < 0.5, -1.0, 1.0)
    root_y = 0.35 + 0.4 * direction.scale
    behind = glow(jnp.hypot(x, y - root_y + 0.7) - 0.1, 0.6)
    scene = backdrop(direction.ground + (direction.rise + 0.05) * behind)
    count = jnp.round(3 + 4 * direction.amount + 4 * (direction.amount > 0.7))
    fan = (0.72 + 0.45 * direction.amount) * (0.7 + 0.3 * direction.unrest)

    def add(scene: Scene, shard: tuple[jax.Array, jax.Array]) -> tuple[Scene, None]:
        index, draws = shard
        # From the outermost, left and right in turn, to the upright one in front.
        order = count - 1 - index
        spread = jnp.ceil(order / 2) / jnp.maximum(jnp.ceil((count - 1) / 2), 1)
        sign = jnp.where(order % 2 == 0, 1.0, -1.0)
        angle = sign * spread * fan + 0.2 * (draws[0] - 0.5)
        length = direction.scale * mix(1.45, 0.8, spread) * (0.85 + 0.2 * draws[1])
        width = direction.scale * mix(0.2, 0.14, spread) * (0.85 + 0.3 * draws[2])
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        dx, dy = x - 0.2 * sin * direction.scale, y - root_y
        along, across = (sin * dx - cos * dy) / length, cos * dx + sin * dy
        taper = (1 - along) / (1 - SHOULDER)
        half = width * jnp.clip(taper, 0, 0.86 + 0.2 * jnp.minimum(along, SHOULDER))
        ends = jnp.maximum(-along, along - 1) * length
        outline = 0.9 * jnp.maximum(jnp.abs(across) - half, ends)
        # The edges between the three facets run straight up, then meet at the tip.
        facet = side * across / jnp.maximum(half, 1e-3)
        soft = pixel / width
        tone = mix(0.2, 0.5, ramp(facet, -0.3 - soft, -0.3 + soft))
        tone = mix(tone, 0.9, ramp(facet, 0.3 - soft, 0.3 + soft))
        tone *= mix(0.5, 1.0, ramp(along, 0, 1)) * mix(1.0, 0.75, spread)
        tone += 0.3 * direction.ground * (1 - 0.5 * along)
        glint = ramp(along, 0.3, 0.9) * ramp(facet, 0.3 - soft, 0.3 + soft)
        shown = inside(outline, pixel) * (index < count)
        return scene.under(shown, jnp.minimum(tone, 1), 0.8 * glint * (order < 3)), None

    scene = jax.lax.scan(add, scene, (jnp.arange(SHARDS), shard_draws))[0]
    haze = ramp(y, root_y - 0.28, root_y + 0.1)
    return scene.under(haze, direction.ground + 0.6 * direction.rise)
