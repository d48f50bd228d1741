"""Cut paper: layers with shadows between."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Field, dice, glow, inside, mix, ramp, waves
from train.gallery.scene import Scene, backdrop

SHEETS = 8


def paper_cut_layers(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Sheets with wavy holes, one within the other, around a bright deep middle."""
    (place, height, turn, flat, sun, hue), edge_draws, offs = dice(
        key, (6,), (2, 2, 3), (SHEETS, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(turn < 0.5, -1.0, 1.0)
    heart_x, heart_y = side * mix(0.05, 0.3, place), mix(-0.22, 0.25, height)
    count = jnp.round(5 + 1 * direction.amount + 2 * (direction.amount > 0.7))
    wide, tall = mix(0.9, 1.2, flat), mix(1.05, 0.9, flat)
    ruffle = 0.085 * (0.45 + 0.55 * direction.unrest)
    first = waves(edge_draws[0], x, y, 0.5)
    second = waves(edge_draws[1], x, y, 0.55)

    def shift(a: Field, right: Array | float, down: float) -> Field:
        """A field as it is a little further on, to first order."""
        return a + right * slope_x(a) + down * slope_y(a)

    def slope_x(a: Field) -> Field:
        return jnp.asarray(jnp.gradient(a, pixel, axis=1))

    def slope_y(a: Field) -> Field:
        return jnp.asarray(jnp.gradient(a, pixel, axis=0))

    deep = glow(jnp.hypot(x - heart_x, y - heart_y) - 0.1, 0.45)
    ground = direction.ground
    inmost = jnp.minimum(0.55 + 0.5 * ground, 0.8)
    scene = backdrop(inmost + 0.28 * deep)
    radius = direction.scale * mix(0.1, 0.16, sun)
    off = jnp.hypot(x - heart_x - 0.05 * side, y - heart_y - 0.03) - radius
    scene = scene.under(0.35 * ramp(off + 0.02 * (x + y), 0.06, -0.03), 0.4)
    scene = scene.under(inside(off, pixel), 1.0, 0.85)
    colour_at = jnp.floor(1 + 1.99 * hue)

    def add(scene: Scene, sheet: tuple[Array, Array]) -> tuple[Scene, None]:
        index, draws = sheet
        # 0 at the innermost sheet shown, 1 at the one in front.
        near = (index + 1) / count
        centre_x = heart_x * (1.15 - 0.9 * near) + 0.1 * (draws[0] - 0.5)
        centre_y = heart_y * (1.15 - 0.9 * near) + 0.1 * (draws[1] - 0.5)
        hole = (0.17 + 0.7 * near) * (0.45 + 0.55 * direction.scale)
        swing = ruffle * (0.5 + 0.9 * near)
        rim = jnp.hypot((x - centre_x) / wide, (y - centre_y) / tall)
        turned = 2 * jnp.pi * (draws[2] + 0.37 * index)
        rim += swing * (jnp.cos(turned) * first + jnp.sin(turned) * second)
        rim += 0.4 * swing * waves(draws[2:, None] * jnp.ones((2, 2)), x, y, 0.9)
        steep = jnp.maximum(jnp.hypot(slope_x(rim), slope_y(rim)), 0.4)
        hollow = (hole - rim) / steep
        # The light comes from above, from the side: shadows fall the other way.
        cast = shift(hole - rim, 0.05 * side, -0.085) / steep
        shade = ramp(cast, 0.06 + 0.05 * near, -0.05) * (0.62 - 0.25 * ground)
        scene = scene.under(
            shade * (index < count), direction.shadow * 0.8, scene.accent * 0.7
        )
        facing = 0.5 + 0.5 * jnp.clip(
            (side * slope_x(rim) + 1.2 * slope_y(rim)) / steep / 1.5, -1, 1
        )
        tone = mix(inmost, mix(direction.shadow, ground, 0.75), near**0.85)
        tone += 0.05 * ramp(y - side * 0.5 * x, 1.2, -1.2) * (0.4 + ground)
        # Paper rises a little towards its cut edge, whose thickness takes the light.
        tone += 0.06 * facing * ramp(-hollow, 0.16, 0.0)
        lip = inside(jnp.abs(hollow + 0.008) - 0.008, pixel)
        tone += lip * mix(-0.02, 0.2, facing)
        tinted = 0.75 * (index == colour_at)
        return (
            scene.under(inside(hollow, pixel) * (index < count), tone, tinted),
            None,
        )

    sheets = (jnp.arange(SHEETS), offs)
    return jax.lax.scan(add, scene, sheets)[0]
