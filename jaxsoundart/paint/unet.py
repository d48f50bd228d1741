"""The denoiser: a U-Net that reads the noisy latents, the time and the words."""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.attention import SpatialTransformer
from jaxsoundart.paint.blocks import (
    Downsample,
    ResidualBlock,
    TimeEmbedding,
    Upsample,
    time_features,
)
from jaxsoundart.paint.compute import Compute, FeatureMap, NewMap
from jaxsoundart.paint.config import UNetConfig
from jaxsoundart.paint.convolution import Convolution3x3
from jaxsoundart.paint.norm import GroupNorm

Text = Float[Array, "batch words text_width"]


class _Layer(nn.Module):
    """One level's parameters under diffusers' names (resnets, attentions)."""

    config: UNetConfig
    level: int
    compute: Compute

    def residual(self, index: int) -> ResidualBlock:
        config = self.config
        return ResidualBlock(
            config.block_out_channels[self.level],
            config.norm_num_groups,
            config.norm_eps,
            self.compute,
            name=f"resnets_{index}",
        )

    def transformer(self, index: int) -> SpatialTransformer:
        config = self.config
        return SpatialTransformer(
            config.heads(self.level),
            config.norm_num_groups,
            config.use_linear_projection,
            self.compute,
            name=f"attentions_{index}",
        )


class _DownBlock(_Layer):
    """Residual blocks (with attention where the type says so), then half the size."""

    @nn.compact
    def __call__(
        self, x: FeatureMap, time: Array, text: Text
    ) -> tuple[NewMap, list[Array]]:
        attends = self.config.down_block_types[self.level] == "CrossAttnDownBlock2D"
        skips = []
        for index in range(self.config.layers_per_block):
            x = self.residual(index)(x, time)
            if attends:
                x = self.transformer(index)(x, text)
            skips.append(x)
        if self.level < len(self.config.block_out_channels) - 1:
            x = Downsample(compute=self.compute, name="downsamplers_0")(x)
            skips.append(x)
        return x, skips


class _MidBlock(_Layer):
    """Residual, attention, residual at the coarsest level."""

    @nn.compact
    def __call__(self, x: FeatureMap, time: Array, text: Text) -> NewMap:
        x = self.residual(0)(x, time)
        x = self.transformer(0)(x, text)
        return self.residual(1)(x, time)


class _UpBlock(_Layer):
    """Takes the skips back in, last out first, then doubles the size."""

    @nn.compact
    def __call__(
        self, x: FeatureMap, skips: list[Array], time: Array, text: Text
    ) -> NewMap:
        levels = len(self.config.block_out_channels)
        attends = (
            self.config.up_block_types[levels - 1 - self.level] == "CrossAttnUpBlock2D"
        )
        for index in range(self.config.layers_per_block + 1):
            x = self.residual(index)(jnp.concatenate([x, skips.pop()], -1), time)
            if attends:
                x = self.transformer(index)(x, text)
        if self.level > 0:
            x = Upsample(self.compute, name="upsamplers_0")(x)
        return x


class UNet(nn.Module):
    """`UNet2DConditionModel`: what the noisy latents' noise (or velocity) is.

    Source: Rombach et al. 2022; diffusers `UNet2DConditionModel`, to which
    `tests/paint/test_parity.py` finds a relative difference below 1e-4.
    """

    config: UNetConfig
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self,
        latents: Float[Array, "batch height width channels"],
        timesteps: Float[Array, " batch"],
        text: Text,
    ) -> Float[Array, "batch height width out_channels"]:
        """Returns the network's prediction, float32, shaped like the latents.

        Args:
            latents: Noisy latents; height and width divisible by two to the power of
                the levels less one.
            timesteps: Time of each picture, 0 (clean) to `num_train_timesteps`.
            text: The text encoder's states.
        """
        config = self.config
        first, levels = config.block_out_channels[0], len(config.block_out_channels)
        features = time_features(
            timesteps,
            first,
            flip_sin_to_cos=config.flip_sin_to_cos,
            freq_shift=config.freq_shift,
        )
        time = TimeEmbedding(4 * first, self.compute, name="time_embedding")(features)
        text = text.astype(self.compute.dtype)

        def conv(channels: int, name: str) -> Convolution3x3:
            return Convolution3x3(channels, compute=self.compute, name=name)

        x = conv(first, "conv_in")(latents)
        skips = [x]
        for level in range(levels):
            block = _DownBlock(config, level, self.compute, name=f"down_blocks_{level}")
            x, more = block(x, time, text)
            skips += more
        x = _MidBlock(config, levels - 1, self.compute, name="mid_block")(x, time, text)
        for index, level in enumerate(reversed(range(levels))):
            block = _UpBlock(config, level, self.compute, name=f"up_blocks_{index}")
            taken = config.layers_per_block + 1
            x = block(x, skips[-taken:], time, text)
            skips = skips[:-taken]
        x = GroupNorm(
            config.norm_num_groups,
            epsilon=config.norm_eps,
            compute=self.compute,
            name="conv_norm_out",
        )(x)
        return conv(config.out_channels, "conv_out")(nn.silu(x)).astype(jnp.float32)
