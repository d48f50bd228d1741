"""Chunks of gallery pictures, drawn when needed and the same each time."""

import dataclasses
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import UInt8

from train.gallery import vocabulary
from train.gallery.attributes import Attributes, sample_attributes
from train.gallery.draw import draw
from train.painter_config import CorpusConfig

Subject = tuple[str, str, str, str, str, str]
"""Family, palette, light, texture, composition, mood; in words."""

_PIXELS_AT_ONCE = 2 * 1024**2


@dataclass(frozen=True)
class Chunk:
    """Some pictures of every family, and what they show.

    Attributes:
        images: sRGB, 0 to 255.
        subjects: What each picture shows.
    """

    images: UInt8[np.ndarray, "pictures size size 3"]
    subjects: tuple[Subject, ...]


def draw_chunk(config: CorpusConfig, index: int) -> Chunk:
    """Draws chunk number `index`: a pure function of the config's seed and `index`."""
    chunk_key = jax.random.fold_in(jax.random.key(config.seed), index)
    images, subjects = [], []
    for number, family in enumerate(vocabulary.FAMILIES):
        key = jax.random.fold_in(chunk_key, number)
        drawn, shown = draw_some(config, family, key, config.per_family, config.size_px)
        images.append(drawn)
        subjects += shown
    return Chunk(np.concatenate(images), tuple(subjects))


def draw_some(
    config: CorpusConfig, family: str, key: jax.Array, count: int, size_px: int
) -> tuple[UInt8[np.ndarray, "pictures size size 3"], list[Subject]]:
    """Draws pictures of one family, and tells what they show.

    The same key gives the same pictures at any size.
    """
    drawn = [vocabulary.TEXTURES.index(name) for name in config.textures]
    # The gallery samples all its textures evenly; fold them onto the ones drawn.
    textures = jnp.asarray(
        [drawn[i % len(drawn)] for i in range(len(vocabulary.TEXTURES))], jnp.int32
    )
    attribute_key, *keys = jax.random.split(key, 1 + count)
    attributes = sample_attributes(attribute_key, count)
    folded = textures[attributes.texture]
    attributes = dataclasses.replace(attributes, texture=folded)
    together = min(count, _PIXELS_AT_ONCE // size_px**2)
    images = []
    for start in range(0, count, together):
        rows = slice(start, start + together)
        some = jax.tree.map(lambda values, rows=rows: values[rows], attributes)
        pictures = draw(family, jnp.stack(keys[rows]), some, size_px)
        images.append(np.asarray(jnp.round(255 * pictures).astype(jnp.uint8)))
    subjects = [_subject(family, attributes, row) for row in range(count)]
    return np.concatenate(images), subjects


def _subject(family: str, attributes: Attributes, row: int) -> Subject:
    return (
        family,
        vocabulary.PALETTES[int(attributes.palette[row])],
        vocabulary.LIGHTS[int(attributes.light[row])],
        vocabulary.TEXTURES[int(attributes.texture[row])],
        vocabulary.COMPOSITIONS[int(attributes.composition[row])],
        vocabulary.MOODS[int(attributes.mood[row])],
    )
