"""Flat geometry: bauhaus shapes of printed paper on a grid."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Field, Scalar, dice, inside, mix, ramp
from train.gallery.scene import Scene, backdrop

SHAPES = 9
GROUNDS = np.array([0.12, 0.31, 0.58])
# Where the small shapes lie on a grid of four by four, about the large disc.
PLACES = np.array(
    [(1, 1), (-1, 1), (1, -1), (2, 0), (0, 2), (-1, -1), (-2, 1), (2, 2), (0, -2)]
)


def _outline(kind: Scalar, u: Field, v: Field, size: Scalar) -> Field:
    """Signed distance to a quarter disc, half disc, bar, stripes, disc or ring."""
    square = jnp.maximum(jnp.abs(u), jnp.abs(v)) - size
    corner = jnp.hypot(u + size, v + size) - 2 * size
    bar = jnp.maximum(jnp.abs(u) - 3.2 * size, jnp.abs(v) - 0.2 * size)
    three = jnp.minimum(jnp.abs(v), jnp.abs(jnp.abs(v) - 0.78 * size)) - 0.2 * size
    stripes = jnp.maximum(jnp.abs(u) - size, three)
    disc = jnp.hypot(u, v) - 0.8 * size
    return jnp.select(
        [kind < 3, kind == 3, kind == 4, kind == 5, kind == 6],
        [
            jnp.maximum(square, corner),
            jnp.maximum(jnp.hypot(u, v) - size, v),
            bar,
            stripes,
            disc,
        ],
        jnp.abs(disc + 0.1 * size) - 0.24 * size,
    )


def geometric_shapes(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A large disc with quarter discs and bars on a grid, printed one over another."""
    (right, down, turn, hue, base, flip), draws = dice(key, (6,), (SHAPES, 4))
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    ground = direction.ground + 0.05 * (direction.ground < 0.2)
    count = jnp.round(4 + 2 * direction.amount + 2 * (direction.amount > 0.7))
    # Tones that stand out from a dark, a middling and a light ground.
    tones = jnp.stack(
        [
            jnp.interp(ground, GROUNDS, np.array(tones))
            for tones in ((0.32, 0.07, 0.1), (0.52, 0.6, 0.36), (0.82, 0.95, 0.97))
        ]
    )
    cell = 0.36 * (0.35 + 0.65 * direction.scale)
    disc_x = 0.22 * jnp.where(right < 0.5, -1, 1) * mix(0.6, 1.2, 2 * right % 1)
    disc_y = 0.2 * (2 * down - 1)
    quarter = jnp.floor(4 * turn)

    light = ramp(x + 1.2 * y, 2.0, -2.0)
    scene = backdrop(ground * mix(0.82, 1.06, light) + 0.4 * direction.rise * light)

    def lay(
        scene: Scene, away: Field, cast: Field, tone: Array, accent: Array, glaze: Array
    ) -> Scene:
        """One sheet: its soft shadow, then its colour, darker over other sheets."""
        scene = scene.under(0.5 * ramp(cast, 0.07, -0.04), 0.3 * scene.tone)
        printed = mix(tone, tone * (0.35 + 0.75 * scene.tone), glaze)
        sheen = 1 + 0.1 * (light - 0.5)
        lip = 0.08 * ramp(jnp.abs(away + 0.004), 0.008, 0.0) * light
        return scene.under(inside(away, pixel), printed * sheen + lip, accent)

    radius = 1.55 * cell
    disc = jnp.hypot(x - disc_x, y - disc_y) - radius
    cast = jnp.hypot(x - disc_x - 0.035, y - disc_y - 0.05) - radius
    glow = 0.16 * ramp(jnp.hypot(x - disc_x + 0.3, y - disc_y + 0.3), 0.9, 0)
    big = (
        jnp.where(base < 0.6, tones[2] - 0.08, tones[jnp.where(ground > 0.45, 0, 1)])
        + glow
    )
    scene = lay(
        scene, disc, cast, jnp.minimum(big, 0.97), jnp.float32(0), jnp.float32(0)
    )

    def add(scene: Scene, shape: tuple[Array, ...]) -> tuple[Scene, None]:
        index, place, draws = shape
        # The whole grid is turned by quarters and mirrored, the order kept.
        cos = jnp.asarray([1.0, 0.0, -1.0, 0.0])[quarter.astype(jnp.int32)]
        sin = jnp.asarray([0.0, 1.0, 0.0, -1.0])[quarter.astype(jnp.int32)]
        place_x = place[0] * jnp.where(flip < 0.5, 1, -1)
        at_x = disc_x + cell * (cos * place_x - sin * place[1])
        at_y = disc_y + cell * (sin * place_x + cos * place[1])
        face = jnp.floor(4 * draws[0]).astype(jnp.int32)
        turn_x = jnp.asarray([1.0, 0.0, -1.0, 0.0])[face]
        turn_y = jnp.asarray([0.0, 1.0, 0.0, -1.0])[face]
        kind = jnp.where(index == 0, 0, jnp.floor(8 * draws[1]))
        # One bar is enough, and it is the second sheet.
        kind = jnp.where(kind == 4, 7, kind)
        kind = jnp.where(index == 1, 4, kind)
        size = cell * jnp.where(
            (draws[2] < 0.3 * direction.amount) & (kind < 3), 1.7, 1.0
        )
        size *= jnp.where(kind >= 6, mix(0.45, 0.8, draws[2]), 1.0)

        def away(dx: Field, dy: Field) -> Field:
            u, v = turn_x * dx + turn_y * dy, turn_x * dy - turn_y * dx
            return _outline(kind, u, v, size)

        accented = (index == 0) | (index == 6)
        tone = tones[((index + jnp.floor(3 * hue)) % 3).astype(jnp.int32)]
        tone = jnp.where(accented, 0.78, tone)
        missing = 9.0 * (index >= count)
        return lay(
            scene,
            away(x - at_x, y - at_y) + missing,
            away(x - at_x - 0.03, y - at_y - 0.045) + missing,
            tone,
            0.95 * accented,
            jnp.where(draws[3] < 0.55, 0.75, 0.0),
        ), None

    shapes = (jnp.arange(SHAPES), jnp.asarray(PLACES, jnp.float32), draws)
    scene = jax.lax.scan(add, scene, shapes)[0]
    return Scene(tone=jnp.clip(scene.tone, 0, 1), accent=scene.accent)
