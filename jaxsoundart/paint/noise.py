"""Noise that belongs to a picture: drawn from its own seed, and from nothing else."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, UInt32

from jaxsoundart.runtime.keys import stream

Seeds = UInt32[Array, " batch"]
Noise = Float[Array, "batch height width channels"]


def at_start(
    seeds: Seeds,
    others: Seeds,
    shares: Float[Array, " batch"],
    shape: tuple[int, int, int],
    *,
    name: str = "noise",
) -> Noise:
    """Returns what painting begins with, of unit variance.

    Args:
        seeds: One a picture.
        others: Seeds of the noise that each is turned towards: a variation.
        shares: How far, 0 (not at all, to the bit) to 1 (all the way).
        shape: Height, width and channels.
        name: Of the random stream; another name is other noise.
    """

    def draw(seed: Array, other: Array, share: Array) -> Array:
        own = jax.random.normal(stream(seed, name), shape, jnp.float32)
        turned = slerp(
            own, jax.random.normal(stream(other, name), shape, jnp.float32), share
        )
        return jnp.where(share == 0.0, own, turned)

    return jax.vmap(draw)(seeds, others, shares)


def at_step(seeds: Seeds, step: Array, shape: tuple[int, ...]) -> Noise:
    """Returns the fresh noise of a stochastic sampler's step, shaped like latents."""
    return jax.vmap(
        lambda seed: jax.random.normal(
            jax.random.fold_in(stream(seed, "step"), step), shape[1:], jnp.float32
        )
    )(seeds)


def slerp(
    first: Float[Array, "*shape"],
    second: Float[Array, "*shape"],
    share: Float[Array, ""],
) -> Float[Array, "*shape"]:
    """Returns the point at `share` of the arc from `first` to `second`.

    Along the straight line the noise would lose variance in the middle.

    Source: Shoemake 1985, section 3.3.
    """
    cosine = (first * second).sum() / jnp.sqrt(
        jnp.square(first).sum() * jnp.square(second).sum()
    )
    angle = jnp.arccos(jnp.clip(cosine, -1.0, 1.0))
    weights = jnp.sin(jnp.stack([1.0 - share, share]) * angle) / jnp.sin(angle)
    return weights[0] * first + weights[1] * second
