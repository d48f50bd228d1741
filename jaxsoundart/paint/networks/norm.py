"""Group normalisation as one scale and one shift a channel."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.compute import Compute


class GroupNorm(nn.Module):
    """Normalises groups of channels over all places, then scales and shifts.

    Sums run over places first and over a group's channels after, so that the large
    reduction is contiguous in NHWC: on CPU four times as fast, forward and backward, as
    reshaping channels into groups. Statistics are float32.

    Source: Wu & He 2018; equal to `flax.linen.GroupNorm` to 1e-4 (tested).
    """

    groups: int
    epsilon: float
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"]
    ) -> Float[Array, "batch height width channels"]:
        """Returns `x` normalised."""
        channels = x.shape[-1]
        scale = self.param("scale", nn.initializers.ones, (channels,), jnp.float32)
        bias = self.param("bias", nn.initializers.zeros, (channels,), jnp.float32)

        def group_mean(values: Array) -> Float[Array, "batch channels"]:
            by_channel = values.mean((1, 2))
            means = by_channel.reshape(len(x), self.groups, -1).mean(-1)
            return jnp.repeat(means, channels // self.groups, axis=1)

        wide = x.astype(jnp.float32)
        mean = group_mean(wide)
        variance = jnp.maximum(group_mean(jnp.square(wide)) - jnp.square(mean), 0.0)
        factor = scale[None, :] * jax.lax.rsqrt(variance + self.epsilon)
        offset = bias[None, :] - mean * factor
        return (wide * factor[:, None, None] + offset[:, None, None]).astype(
            self.compute.dtype
        )
