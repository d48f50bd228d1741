"""The denoiser: a U-Net that reads the noisy latents, the time and the words."""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.attention import SpatialTransformer
from jaxsoundart.paint.networks.blocks import (
    Downsample,
    ResidualBlock,
    TimeEmbedding,
    Upsample,
    time_features,
)
from jaxsoundart.paint.networks.compute import Compute, FeatureMap, NewMap
from jaxsoundart.paint.networks.config import UNetConfig
from jaxsoundart.paint.networks.convolution import Convolution3x3
from jaxsoundart.paint.networks.norm import GroupNorm
from jaxsoundart.paint.words.conditioning import Conditioning

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
            config.depth(self.level),
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
        if self.level < self.config.levels - 1:
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
    """Takes the skips back in, last out first, then grows to the next level's size."""

    @nn.compact
    def __call__(
        self,
        x: FeatureMap,
        skips: list[Array],
        time: Array,
        text: Text,
        size: tuple[int, int],
    ) -> NewMap:
        config = self.config
        attends = (
            config.up_block_types[config.levels - 1 - self.level]
            == "CrossAttnUpBlock2D"
        )
        for index in range(config.layers_per_block + 1):
            x = self.residual(index)(jnp.concatenate([x, skips.pop()], -1), time)
            if attends:
                x = self.transformer(index)(x, text)
        if self.level > 0:
            x = Upsample(self.compute, name="upsamplers_0")(x, size)
        return x


class UNet(nn.Module):
    """`UNet2DConditionModel`: what the noisy latents' noise (or velocity) is.

    Source: Rombach et al. 2022, Podell et al. 2023 (XL), Luo et al. 2023 (latent
    consistency); diffusers `UNet2DConditionModel`, to which
    `docs/parity.md` finds a relative difference below 1e-4.
    """

    config: UNetConfig
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self,
        latents: Float[Array, "batch height width channels"],
        timesteps: Float[Array, " batch"],
        conditioning: Conditioning,
    ) -> Float[Array, "batch height width out_channels"]:
        """Returns the network's prediction, float32, shaped like the latents.

        Args:
            latents: Noisy latents, and what an inpainting model sees beside them.
            timesteps: Time of each picture, 0 (clean) to `num_train_timesteps`.
            conditioning: What the pictures are to be.
        """
        config = self.config
        time = self._time(timesteps, conditioning)
        text = conditioning.text.astype(self.compute.dtype)

        def conv(channels: int, name: str) -> Convolution3x3:
            return Convolution3x3(channels, compute=self.compute, name=name)

        x = conv(config.block_out_channels[0], "conv_in")(latents)
        skips = [x]
        for level in range(config.levels):
            block = _DownBlock(config, level, self.compute, name=f"down_blocks_{level}")
            x, more = block(x, time, text)
            skips += more
        if config.mid_block_type is not None:
            middle = _MidBlock(
                config, config.levels - 1, self.compute, name="mid_block"
            )
            x = middle(x, time, text)
        for index, level in enumerate(reversed(range(config.levels))):
            block = _UpBlock(config, level, self.compute, name=f"up_blocks_{index}")
            taken = config.layers_per_block + 1
            # An odd size was halved to the larger half: twice that is one too many.
            size = skips[-taken - 1].shape[1:3] if level else x.shape[1:3]
            x = block(x, skips[-taken:], time, text, size)
            skips = skips[:-taken]
        x = GroupNorm(
            config.norm_num_groups,
            epsilon=config.norm_eps,
            compute=self.compute,
            name="conv_norm_out",
        )(x)
        return conv(config.out_channels, "conv_out")(nn.silu(x)).astype(jnp.float32)

    def _time(
        self, timesteps: Float[Array, " batch"], conditioning: Conditioning
    ) -> Float[Array, "batch time_width"]:
        """Returns what residual blocks are told: the time, and what goes with it."""
        config = self.config
        width = config.block_out_channels[0]

        def features(numbers: Array, width: int) -> Array:
            return time_features(
                numbers,
                width,
                flip_sin_to_cos=config.flip_sin_to_cos,
                freq_shift=config.freq_shift,
            )

        scale = None
        if config.time_cond_proj_dim is not None:
            assert conditioning.guidance is not None
            scale = time_features(
                1000.0 * (conditioning.guidance - 1.0),
                config.time_cond_proj_dim,
                flip_sin_to_cos=False,
                freq_shift=1,
            )
        embed = TimeEmbedding(4 * width, self.compute, name="time_embedding")
        time = embed(features(timesteps, width), scale)
        if config.addition_embed_type is None:
            return time
        sizes, pooled = conditioning.sizes, conditioning.pooled
        assert sizes is not None
        assert pooled is not None
        told = features(sizes.ravel(), config.addition_time_embed_dim or 0)
        added = jnp.concatenate([pooled, told.reshape(len(sizes), -1)], -1)
        embed = TimeEmbedding(4 * width, self.compute, name="add_embedding")
        return time + embed(added)
