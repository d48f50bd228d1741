"""Attention: how the latents look at each other and at the words.

Parameter names are those of diffusers, list indices joined by `_` ("to_out_0"), so
that `paint.checkpoints.layout` can translate them without a table.
"""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.attend import attend
from jaxsoundart.paint.networks.compute import Compute, FeatureMap
from jaxsoundart.paint.networks.convolution import Convolution1x1
from jaxsoundart.paint.networks.norm import GroupNorm

Tokens = Float[Array, "batch tokens channels"]


class Attention(nn.Module):
    """Multi-head attention, softmax(QKᵀ/√d)V.

    Q comes from the latents; K and V from the text states (cross-attention), or from
    the latents too (self-attention) where no context is given.

    Source: Vaswani et al. 2017, eq. 1; diffusers `Attention` (agrees to 1e-5).
    """

    heads: int
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, x: Tokens, context: Float[Array, "batch words text_width"] | None = None
    ) -> Tokens:
        """Returns what each token gathers; as wide as `x`."""
        width = x.shape[-1]
        context = x if context is None else context

        def project(name: str, source: Array) -> Array:
            dense = nn.Dense(width, use_bias=False, dtype=self.compute.dtype, name=name)
            return dense(source).reshape(*source.shape[:2], self.heads, -1)

        gathered = attend(
            project("to_q", x),
            project("to_k", context),
            project("to_v", context),
            self.compute.platform,
        )
        return nn.Dense(width, dtype=self.compute.dtype, name="to_out_0")(
            gathered.reshape(x.shape)
        )


class GEGLU(nn.Module):
    """A linear map gated by GELU: (xW)·gelu(xV). Source: Shazeer 2020, eq. 6."""

    width: int
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, x: Tokens) -> Float[Array, "batch tokens width"]:
        """Returns the gated map, `width` wide."""
        value, gate = jnp.split(
            nn.Dense(2 * self.width, dtype=self.compute.dtype, name="proj")(x),
            2,
            axis=-1,
        )
        return value * nn.gelu(gate, approximate=False)


class FeedForward(nn.Module):
    """The transformer's feed-forward part, four times as wide inside."""

    compute: Compute = Compute()

    @nn.compact
    def __call__(self, x: Tokens) -> Tokens:
        """Returns a tensor as wide as `x`."""
        width = x.shape[-1]
        hidden = GEGLU(4 * width, self.compute, name="net_0")(x)
        return nn.Dense(width, dtype=self.compute.dtype, name="net_2")(hidden)


class TransformerBlock(nn.Module):
    """Self-attention, cross-attention to the words, feed-forward; each residual."""

    heads: int
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, x: Tokens, text: Float[Array, "batch words text_width"]
    ) -> Tokens:
        """Returns tokens that have seen each other and the text."""

        def norm(name: str) -> nn.LayerNorm:
            return nn.LayerNorm(epsilon=1e-5, dtype=self.compute.dtype, name=name)

        x = x + Attention(self.heads, self.compute, name="attn1")(norm("norm1")(x))
        x = x + Attention(self.heads, self.compute, name="attn2")(
            norm("norm2")(x), text
        )
        return x + FeedForward(self.compute, name="ff")(norm("norm3")(x))


class SpatialTransformer(nn.Module):
    """Transformer blocks over the places of a feature map.

    Source: Rombach et al. 2022, section 3.3; diffusers `Transformer2DModel`.
    """

    heads: int
    groups: int
    linear_projection: bool = False
    depth: int = 1
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, x: FeatureMap, text: Float[Array, "batch words text_width"]
    ) -> FeatureMap:
        """Returns `x` plus what the transformer adds."""
        batch, height, width, channels = x.shape

        def project(name: str, h: Array) -> Array:
            # One and the same map; checkpoints store it as a matrix or as a 1×1 kernel.
            if self.linear_projection:
                return nn.Dense(channels, dtype=self.compute.dtype, name=name)(h)
            return Convolution1x1(channels, self.compute, name=name)(h)

        h = GroupNorm(self.groups, epsilon=1e-6, compute=self.compute, name="norm")(x)
        h = project("proj_in", h).reshape(batch, height * width, channels)
        for index in range(self.depth):
            name = f"transformer_blocks_{index}"
            h = TransformerBlock(self.heads, self.compute, name=name)(h, text)
        return x + project("proj_out", h.reshape(x.shape))
