"""Draws the gallery: one pure function from keys and attributes to pixels."""

from collections.abc import Callable
from functools import partial

import jax
from jaxtyping import Array, Float

from train.gallery import palettes
from train.gallery.attributes import Attributes
from train.gallery.direction import Direction, direct
from train.gallery.families import (
    city,
    crystals,
    flow,
    forest,
    land,
    lights,
    lines,
    record,
    shapes,
    space,
    water,
)
from train.gallery.fields import Canvas, canvas, dice
from train.gallery.finish import develop
from train.gallery.scene import Scene

Painter = Callable[[jax.Array, Canvas, Direction], Scene]

PAINTERS: dict[str, Painter] = {
    "retrowave sun": water.retrowave_sun,
    "layered mountains": land.layered_mountains,
    "moon over the sea": water.moon_over_the_sea,
    "city skyline": city.city_skyline,
    "nebula and planet": space.nebula_and_planet,
    "forest in fog": forest.forest_in_fog,
    "liquid marble": flow.liquid_marble,
    "geometric shapes": shapes.geometric_shapes,
    "ridgelines": lines.ridgelines,
    "vinyl rings": record.vinyl_rings,
    "crystal shards": crystals.crystal_shards,
    "bokeh lights": lights.bokeh_lights,
    "sunburst rays": lights.sunburst_rays,
    "desert dunes": land.desert_dunes,
}
"""How each family of the vocabulary is drawn."""


@partial(jax.jit, static_argnames=("family", "size_px"))
def draw(
    family: str, keys: jax.Array, attributes: Attributes, size_px: int
) -> Float[Array, "batch size size 3"]:
    """Draws one picture per key, all of one family.

    Args:
        family: One of `vocabulary.FAMILIES`.
        keys: JAX random keys, one per picture. The same key and attributes give the
            same picture in any batch, and the same composition at any size.
        attributes: What each picture shall look like.
        size_px: Width and height, 64 to 1024.

    Returns:
        sRGB, 0 to 1.
    """

    def one(key: jax.Array, wanted: Attributes) -> Float[Array, "size size 3"]:
        tune_key, scene_key, grain_key = jax.random.split(key, 3)
        direction_draws, palette_draws = dice(tune_key, (2,), (2,))
        direction = direct(direction_draws, wanted)
        palette = palettes.choose(palette_draws, wanted.palette, direction.saturation)
        stage = canvas(size_px, direction.tilt_rad)
        scene = PAINTERS[family](scene_key, stage, direction)
        return develop(grain_key, scene, palette, direction, wanted.texture)

    return jax.vmap(one)(keys, attributes)
