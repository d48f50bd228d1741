"""The block that the convolutional ears are made of, along one axis or two."""

import flax.linen as nn
from jax.typing import DTypeLike
from jaxtyping import Array, Float


class ResidualBlock(nn.Module):
    """Two normed convolutions beside a way round them.

    Attributes:
        channels: Of what comes out.
        kernel: Sides of both kernels; their number is that of the axes between batch
            and channels.
        norm_groups: Of the channels, in group norms.
        dtype: What it computes in.
    """

    channels: int
    kernel: tuple[int, ...]
    norm_groups: int
    dtype: DTypeLike

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch *places inputs"]
    ) -> Float[Array, "batch *places channels"]:
        """Returns as many places with `channels` channels."""
        h = x
        for n in range(2):
            norm = nn.GroupNorm(self.norm_groups, dtype=self.dtype, name=f"norm_{n}")
            conv = nn.Conv(
                self.channels, self.kernel, dtype=self.dtype, name=f"conv_{n}"
            )
            h = conv(nn.gelu(norm(h)))
        if x.shape[-1] != self.channels:
            one = (1,) * len(self.kernel)
            x = nn.Conv(self.channels, one, dtype=self.dtype, name="way_round")(x)
        return x + h
