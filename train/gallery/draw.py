"""Draws the gallery: one pure function from keys and attributes to pixels."""

from collections.abc import Callable
from functools import partial

import jax
from jaxtyping import Array, Float

from train.gallery import palettes
from train.gallery.attributes import Attributes
from train.gallery.direction import Direction, direct
from train.gallery.families import (
    architecture,
    city,
    crystals,
    dance,
    facets,
    flow,
    forest,
    haze,
    instruments,
    land,
    lights,
    lines,
    night,
    north,
    optical,
    paper,
    patterns,
    plants,
    record,
    sea,
    shapes,
    smoke,
    space,
    strokes,
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
    "northern lights": north.northern_lights,
    "botanical leaves": plants.botanical_leaves,
    "palm trees": plants.palm_trees,
    "lone tree": plants.lone_tree,
    "curling waves": sea.curling_waves,
    "piano keys": instruments.piano_keys,
    "guitar strings": instruments.guitar_strings,
    "mirror ball": dance.mirror_ball,
    "equaliser bars": dance.equaliser_bars,
    "road to the horizon": night.night_road,
    "lightning storm": night.lightning_storm,
    "ink smoke": smoke.ink_smoke,
    "flames": smoke.flames,
    "colour haze": haze.colour_haze,
    "brush strokes": strokes.brush_strokes,
    "watercolour wash": strokes.watercolour_wash,
    "flow lines": flow.flow_lines,
    "op art rings": optical.op_art_rings,
    "low poly peaks": facets.low_poly_peaks,
    "stained glass": facets.stained_glass,
    "paper cut layers": paper.paper_cut_layers,
    "contour map": patterns.contour_map,
    "kaleidoscope": patterns.kaleidoscope,
    "woven textile": patterns.woven_textile,
    "constellations": space.constellations,
    "arches and stairs": architecture.arches_and_stairs,
}
"""How each family of the vocabulary is drawn."""


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
    return render(PAINTERS[family], keys, attributes, size_px)


@partial(jax.jit, static_argnames=("painter", "size_px"))
def render(
    painter: Painter, keys: jax.Array, attributes: Attributes, size_px: int
) -> Float[Array, "batch size size 3"]:
    """Draws one picture per key; `draw` with a painter that need not have a name."""

    def one(key: jax.Array, wanted: Attributes) -> Float[Array, "size size 3"]:
        tune_key, scene_key, grain_key = jax.random.split(key, 3)
        direction_draws, palette_draws = dice(tune_key, (2,), (2,))
        direction = direct(direction_draws, wanted)
        palette = palettes.choose(palette_draws, wanted.palette, direction.saturation)
        stage = canvas(size_px, direction.tilt_rad)
        scene = painter(scene_key, stage, direction)
        return develop(grain_key, scene, palette, direction, wanted.texture)

    return jax.vmap(one)(keys, attributes)
