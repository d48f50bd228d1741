"""What the weights of a prompt do: its words' states grow or shrink."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.words.prompt import LARGEST_WEIGHT


def weigh(
    states: Float[Array, "batch tokens width"], weights: Float[Array, "batch tokens"]
) -> Float[Array, "batch tokens width"]:
    """Returns states multiplied by their weights, each prompt's mean as it was.

    Keeping the mean leaves to the words that are not weighted the rest of the pull: one
    heavy phrase makes all others a little lighter. Weights of one change no bit.

    Args:
        states: The text encoder's, the chunks of a prompt one after the other.
        weights: One a token.

    Source: the web UI of AUTOMATIC1111 and, mean by mean, the community pipeline
    `lpw_stable_diffusion` of diffusers; `benchmarks/parity/prompts.py` finds 1e-5.
    """
    wide = states.astype(jnp.float32)
    heavy = wide * weights[:, :, None]
    # A mean near zero would make the quotient wild; no weights in range need more.
    rescale = jnp.clip(
        wide.mean((1, 2)) / heavy.mean((1, 2)), 1.0 / LARGEST_WEIGHT, LARGEST_WEIGHT
    )
    rescale = jnp.where(jnp.all(weights == 1.0, axis=1), 1.0, rescale)
    return (heavy * rescale[:, None, None]).astype(states.dtype)
