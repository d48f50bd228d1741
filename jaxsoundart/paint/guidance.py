"""Classifier-free guidance: towards the prompt, away from the negative prompt."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def both(prompt: Array, negative: Array) -> Array:
    """Returns the two halves of a guided batch: negative prompts first."""
    return jnp.concatenate([negative, prompt])


def guide(
    predictions: Float[Array, "twice height width channels"],
    scale: Float[Array, " batch"],
) -> Float[Array, "batch height width channels"]:
    """Returns negative + scale (prompt - negative), Stable Diffusion's convention.

    A scale of 1 is the prompt's prediction alone; the papers' weight is scale - 1.

    Args:
        predictions: Of a batch made by `both`; twice as long as the result.
        scale: One per picture, traced.

    Source: Ho & Salimans 2022, eq. 6; negative prompts in the unconditional's place
    as in Stable Diffusion.
    """
    negative, prompt = jnp.split(predictions, 2)
    return negative + scale[:, None, None, None] * (prompt - negative)
