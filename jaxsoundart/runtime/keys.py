"""Random streams by name: a picture's noise depends on its own seed alone."""

import zlib

import jax
import jax.numpy as jnp
from jaxtyping import Array, UInt32


def stream(seed: UInt32[Array, ""], name: str) -> jax.Array:
    """Returns the key of the stream `name` of a 32-bit seed.

    Streams of other names, and of other seeds, are independent. The seed is traced:
    another one recompiles nothing.
    """
    number = jnp.uint32(zlib.crc32(name.encode()))
    return jax.random.fold_in(jax.random.fold_in(jax.random.key(0), number), seed)
