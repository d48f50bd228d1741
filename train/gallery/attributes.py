"""What is asked of each picture, as indices into the vocabulary."""

import flax.struct
import jax
import jax.numpy as jnp
from jaxtyping import Array, Int32

from train.gallery import vocabulary

UNNAMED_SHARE = 0.4


@flax.struct.dataclass
class Attributes:
    """Indices into the tuples of `vocabulary`, one per picture.

    Attributes:
        palette: Index into `PALETTES`.
        light: Index into `LIGHTS`.
        texture: Index into `TEXTURES`.
        composition: Index into `COMPOSITIONS`; 0 is neither minimal nor dense.
        mood: Index into `MOODS`; 0 is none.
    """

    palette: Int32[Array, "*batch"]
    light: Int32[Array, "*batch"]
    texture: Int32[Array, "*batch"]
    composition: Int32[Array, "*batch"]
    mood: Int32[Array, "*batch"]


def sample_attributes(key: jax.Array, batch: int) -> Attributes:
    """Draws attributes for `batch` pictures, every named value equally often.

    Composition and mood stay unnamed in a share `UNNAMED_SHARE` of the pictures.
    """

    def uniform(key: jax.Array, count: int) -> Int32[Array, " batch"]:
        return jax.random.randint(key, (batch,), 0, count, jnp.int32)

    def often_unnamed(key: jax.Array, count: int) -> Int32[Array, " batch"]:
        which_key, unnamed_key = jax.random.split(key)
        named = 1 + uniform(which_key, count - 1)
        unnamed = jax.random.bernoulli(unnamed_key, UNNAMED_SHARE, (batch,))
        return jnp.where(unnamed, 0, named)

    keys = jax.random.split(key, 5)
    return Attributes(
        palette=uniform(keys[0], len(vocabulary.PALETTES)),
        light=uniform(keys[1], len(vocabulary.LIGHTS)),
        texture=uniform(keys[2], len(vocabulary.TEXTURES)),
        composition=often_unnamed(keys[3], len(vocabulary.COMPOSITIONS)),
        mood=often_unnamed(keys[4], len(vocabulary.MOODS)),
    )
