"""Residual block, resamplers and time embedding, shared by the U-Net and the VAE."""

import math

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.compute import Compute, FeatureMap, NewMap
from jaxsoundart.paint.networks.convolution import Convolution1x1, Convolution3x3
from jaxsoundart.paint.networks.norm import GroupNorm

_SAME = ((1, 1), (1, 1))


def time_features(
    timesteps: Float[Array, " batch"],
    width: int,
    *,
    flip_sin_to_cos: bool,
    freq_shift: int,
) -> Float[Array, "batch {width}"]:
    """Returns sines and cosines of the time at geometrically spaced frequencies.

    Source: Vaswani et al. 2017, section 3.5; diffusers `get_timestep_embedding`.
    """
    half = width // 2
    exponent = -math.log(10_000) * jnp.arange(half) / (half - freq_shift)
    angle = timesteps[:, None] * jnp.exp(exponent)[None, :]
    parts = [jnp.sin(angle), jnp.cos(angle)]
    return jnp.concatenate(parts[::-1] if flip_sin_to_cos else parts, axis=-1)


class TimeEmbedding(nn.Module):
    """A two-layer perceptron over the time features."""

    width: int
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self,
        features: Float[Array, "batch features"],
        beside: Float[Array, "batch others"] | None = None,
    ) -> Float[Array, "batch time_width"]:
        """Returns the embedding every residual block is told the time by.

        Args:
            features: From `time_features`.
            beside: What is projected onto the features first, if anything.
        """

        def dense(width: int, name: str, *, bias: bool = True) -> nn.Dense:
            return nn.Dense(width, use_bias=bias, dtype=self.compute.dtype, name=name)

        if beside is not None:
            width = features.shape[-1]
            features = features + dense(width, "cond_proj", bias=False)(beside)
        return dense(self.width, "linear_2")(
            nn.silu(dense(self.width, "linear_1")(features))
        )


class ResidualBlock(nn.Module):
    """Two convolutions around a time shift, with a skip.

    Source: diffusers `ResnetBlock2D` with its default settings.
    """

    channels: int
    groups: int
    eps: float
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, x: FeatureMap, time: Float[Array, "batch time_width"] | None = None
    ) -> NewMap:
        """Returns a map of `channels` channels; `time` is left out in the VAE."""

        def norm(name: str) -> GroupNorm:
            return GroupNorm(
                self.groups, epsilon=self.eps, compute=self.compute, name=name
            )

        def conv(name: str) -> Convolution3x3:
            return Convolution3x3(self.channels, compute=self.compute, name=name)

        h = conv("conv1")(nn.silu(norm("norm1")(x)))
        if time is not None:
            shift = nn.Dense(
                self.channels, dtype=self.compute.dtype, name="time_emb_proj"
            )
            h = h + shift(nn.silu(time))[:, None, None, :]
        h = conv("conv2")(nn.silu(norm("norm2")(h)))
        if x.shape[-1] != self.channels:
            x = Convolution1x1(self.channels, self.compute, name="conv_shortcut")(x)
        return x + h


class Downsample(nn.Module):
    """Halves height and width by a strided convolution.

    The U-Net pads all round; the VAE pads only below and to the right.
    """

    padding: tuple[tuple[int, int], tuple[int, int]] = _SAME
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, x: FeatureMap) -> NewMap:
        """Returns a map half as high and wide."""
        return nn.Conv(
            x.shape[-1],
            (3, 3),
            (2, 2),
            padding=self.padding,
            dtype=self.compute.dtype,
            name="conv",
        )(x)


class Upsample(nn.Module):
    """Doubles height and width by repetition, then convolves."""

    compute: Compute = Compute()

    @nn.compact
    def __call__(self, x: FeatureMap, size: tuple[int, int] | None = None) -> NewMap:
        """Returns a map twice as high and wide.

        Args:
            x: What grows.
            size: Height and width wanted: twice as many, or one less.
        """
        convolve = Convolution3x3(
            x.shape[-1], doubled=True, compute=self.compute, name="conv"
        )
        return convolve(x, size)
