"""Flat geometry: bauhaus shapes on plain ground."""

import jax
import jax.numpy as jnp
import numpy as np

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Field, Scalar, dice, inside
from train.gallery.scene import Scene, backdrop

SHAPES = 9
GROUNDS = np.array([0.12, 0.31, 0.58])


def _outline(kind: Scalar, u: Field, v: Field, size: Scalar) -> Field:
    """Signed distance to a disc, half disc, quarter disc, triangle, bar or ring."""
    disc = jnp.hypot(u, v) - size
    quarter = jnp.maximum(
        jnp.hypot(u + 0.6 * size, v + 0.6 * size) - 1.4 * size,
        -jnp.minimum(u, v) - 0.6 * size,
    )
    triangle = jnp.maximum(0.87 * jnp.abs(u) + 0.5 * v, -v) - 0.6 * size
    bar = jnp.maximum(jnp.abs(u) - 2.1 * size, jnp.abs(v) - 0.17 * size)
    ring = jnp.abs(disc + 0.2 * size) - 0.14 * size
    return jnp.select(
        [kind == 0, kind == 1, kind == 2, kind == 3, kind == 4],
        [disc, jnp.maximum(disc, v), quarter, triangle, bar],
        ring,
    )


def geometric_shapes(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """One large disc off centre, smaller shapes around it; the last is the accent."""
    (start, base), shape_draws = dice(key, (2,), (SHAPES, 5))
    pixel = canvas.pixel
    ground = direction.ground + 0.05 * (direction.ground < 0.2)
    count = jnp.round(3 + 2 * direction.amount + 4 * (direction.amount > 0.7))
    # Three tones that stand out from a dark, a middling and a light ground.
    tones = jnp.stack(
        [
            jnp.interp(ground, GROUNDS, np.array(tones))
            for tones in ((0.36, 0.05, 0.14), (0.56, 0.6, 0.34), (0.8, 0.93, 1.0))
        ]
    )

    base_tone = jnp.floor(3 * base).astype(jnp.int32)

    def add(scene: Scene, shape: tuple[jax.Array, jax.Array]) -> tuple[Scene, None]:
        index, draws = shape
        first, last = index == 0, index == count - 1
        size = jnp.where(first, 0.46 + 0.12 * draws[0], 0.17 + 0.17 * draws[0])
        size *= direction.scale
        # The golden angle keeps neighbours apart.
        bearing = 2 * jnp.pi * start + 2.4 * index + 0.5 * (draws[1] - 0.5)
        reach = (0.3 + 0.4 * draws[2]) * (0.72 + 0.28 * direction.scale)
        reach = jnp.where(first, 0.22 * draws[2], reach + 0.12 * direction.amount)
        dx = canvas.x - reach * jnp.cos(bearing)
        dy = canvas.y - reach * jnp.sin(bearing)
        turn = jnp.floor(8 * draws[3]) * jnp.pi / 4
        cos, sin = jnp.cos(turn), jnp.sin(turn)
        kind = jnp.where(first, 0, jnp.floor(6 * draws[4]))
        distance = _outline(kind, cos * dx + sin * dy, cos * dy - sin * dx, size)
        tone = tones[(base_tone + jnp.where(first, 0, 1 + index % 2)) % 3]
        shown = inside(distance, pixel) * (index < count)
        return scene.under(shown, jnp.where(last, 0.75, tone), 1.0 * last), None

    scene = backdrop(ground + 0.0 * canvas.x)
    return jax.lax.scan(add, scene, (jnp.arange(SHAPES), shape_draws))[0]
