"""What the denoiser is told about the picture: words, and for some models sizes."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float, Int32

from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.words.emphasis import weigh
from jaxsoundart.runtime.modules import run


class Conditioning(struct.PyTreeNode):
    """What one picture of a batch is to be; leaves are JAX's or NumPy's arrays.

    Attributes:
        text: States of the words.
        pooled: The whole prompt in one vector; None where the U-Net takes none.
        sizes: Original height and width, top and left of the crop, wanted height and
            width, px, as Stable Diffusion XL was told them in training; None likewise.
        guidance: The scale that a distilled U-Net applies by itself; None where
            guidance takes two predictions.
    """

    text: Float[Any, "*batch words text_width"]
    pooled: Float[Any, "*batch pooled_width"] | None = None
    sizes: Float[Any, "*batch 6"] | None = None
    guidance: Float[Any, "*batch"] | None = None


class Tokens(struct.PyTreeNode):
    """Prompts as one text encoder reads them, in chunks.

    Attributes:
        ids: Token ids.
        weights: How strongly each is meant.
    """

    ids: Int32[Any, "*batch chunks tokens"]
    weights: Float[Any, "*batch chunks tokens"]


def read(
    encoders: Sequence[TextEncoder],
    params: Sequence[Any],
    tokens: Sequence[Tokens],
    silent: Bool[Array, " batch"],
    *,
    penultimate: bool,
) -> tuple[
    Float[Array, "batch words text_width"], Float[Array, "batch pooled_width"] | None
]:
    """Returns the states of prompts, and what the last encoder pools of them.

    Args:
        encoders: Their states are put side by side, word by word.
        params: Of each.
        tokens: For each.
        silent: Whether a prompt is to say nothing, not even that it is empty.
        penultimate: Whether to take the states before the last layer.

    Source: Podell et al. 2023, section 2.1 (two encoders); chunks of long prompts
    are read one by one and joined, as the well-known user interfaces do it.
    """
    sides, pooled = [], None
    for encoder, weights, said in zip(encoders, params, tokens, strict=True):
        batch, chunks, length = said.ids.shape
        encoded = run(encoder, weights, said.ids.reshape(-1, length))
        states = encoded.penultimate if penultimate else encoded.last
        states = states.reshape(batch, chunks * length, -1)
        sides.append(weigh(states, said.weights.reshape(batch, -1)))
        if encoded.pooled is not None:
            pooled = encoded.pooled.reshape(batch, chunks, -1)[:, 0]
            pooled = jnp.where(silent[:, None], 0.0, pooled)
    text = jnp.concatenate(sides, axis=-1)
    return jnp.where(silent[:, None, None], 0.0, text), pooled
