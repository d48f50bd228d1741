"""Small pictures made large, with edges where interpolation would blur."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.compute import Compute, FeatureMap
from jaxsoundart.paint.networks.config import UpscalerConfig
from jaxsoundart.paint.networks.convolution import Convolution3x3

Pixels = Float[Array, "batch height width 3"]
Shuffled = Float[Array, "batch larger_height larger_width fewer_channels"]
Larger = Float[Array, "batch larger_height larger_width 3"]


def _shuffle(x: FeatureMap) -> Shuffled:
    """Returns a map of twice the sides: four channels become four places."""
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height, width, 2, 2, channels // 4)
    x = x.transpose(0, 1, 3, 2, 4, 5)
    return x.reshape(batch, 2 * height, 2 * width, channels // 4)


class _Block(nn.Module):
    """Two convolutions with a skip; channels stay as many as they are."""

    compute: Compute

    @nn.compact
    def __call__(self, x: FeatureMap) -> FeatureMap:
        channels = x.shape[-1]
        h = Convolution3x3(channels, compute=self.compute, name="conv1")(x)
        h = Convolution3x3(channels, compute=self.compute, name="conv2")(nn.silu(h))
        return x + h


class _UpBlock(nn.Module):
    """Blocks at one size, then a map of twice the sides and other channels."""

    blocks: int
    channels: int
    compute: Compute

    @nn.compact
    def __call__(self, x: FeatureMap) -> Shuffled:
        for index in range(self.blocks):
            x = _Block(self.compute, name=f"resnets_{index}")(x)
        wide = 4 * self.channels
        return _shuffle(Convolution3x3(wide, compute=self.compute, name="conv_up")(x))


class Upscaler(nn.Module):
    """Residual blocks and sub-pixel convolutions over bilinear interpolation.

    Most is computed at the size of what is given, little at the size of what is made.
    Where and how it is wrong about edges is learnt; flat colour comes from the
    interpolation.

    Source: Lim et al. 2017 (EDSR: residual blocks without norms); Shi et al. 2016
    (sub-pixel convolution).
    """

    config: UpscalerConfig
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, pixels: Pixels) -> Larger:
        """Returns the pictures, `config.factor` times as wide and high; -1 to 1."""
        # Its maps are narrow: no form of convolutions beats the plain one.
        config, compute = self.config, Compute(self.compute.dtype)
        first, *others = config.block_out_channels
        conv = Convolution3x3(first, compute=compute, name="conv_in")
        x = conv(pixels.astype(compute.dtype))
        levels = zip(config.layers_per_block, (*others, 3), strict=True)
        for level, (blocks, channels) in enumerate(levels):
            x = _UpBlock(blocks, channels, compute, name=f"up_blocks_{level}")(x)
        batch, height, width, _ = pixels.shape
        sides = height * config.factor, width * config.factor
        smooth = jax.image.resize(pixels, (batch, *sides, 3), "bilinear")
        return smooth.astype(jnp.float32) + x.astype(jnp.float32)
