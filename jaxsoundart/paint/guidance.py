"""Classifier-free guidance: towards the prompt, away from the negative prompt."""

import jax.numpy as jnp
from jaxtyping import Array, Float

Predictions = Float[Array, "batch height width channels"]

NEGATIVE, PROMPT = 0, 1
"""The places of the two predictions of a guided picture."""


def guide(
    predictions: Float[Array, "batch 2 height width channels"],
    scale: Float[Array, " batch"],
    rescale: Float[Array, " batch"],
) -> Predictions:
    """Returns negative + scale (prompt - negative), Stable Diffusion's convention.

    A scale of 1 is the prompt's prediction alone; the papers' weight is scale - 1.

    Args:
        predictions: For the negative prompt and for the prompt.
        scale: One per picture, traced.
        rescale: How far the result is brought back to the deviation of the prompt's
            prediction, 0 (not at all) to 1: large scales overexpose without it.

    Source: Ho & Salimans 2022, eq. 6; negative prompts in the unconditional's place
    as in Stable Diffusion. Rescaling: Lin et al. 2023, eq. 15 and 16.
    """
    negative, prompt = predictions[:, NEGATIVE], predictions[:, PROMPT]
    guided = negative + _a_picture(scale) * (prompt - negative)
    ratio = _deviation(prompt) / _deviation(guided)
    return guided * (1.0 + _a_picture(rescale) * (ratio - 1.0))


def _a_picture(values: Float[Array, " batch"]) -> Float[Array, "batch 1 1 1"]:
    return values[:, None, None, None]


def _deviation(x: Predictions) -> Float[Array, "batch 1 1 1"]:
    # The ratio's limit for a prediction that is all alike is left to a tiny number.
    return jnp.maximum(x.std(axis=(1, 2, 3), keepdims=True), 1e-12)
