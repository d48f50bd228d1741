"""Pictures to latents and back: the variational autoencoder.

The scaling factor is applied here and nowhere else: outside this file latents have
about unit variance.
"""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.attend import attend
from jaxsoundart.paint.networks.blocks import Downsample, ResidualBlock, Upsample
from jaxsoundart.paint.networks.compute import Compute, FeatureMap, NewMap
from jaxsoundart.paint.networks.config import VAEConfig
from jaxsoundart.paint.networks.convolution import Convolution3x3
from jaxsoundart.paint.networks.norm import GroupNorm

_EPS = 1e-6

Pixels = Float[Array, "batch height width 3"]
Latents = Float[Array, "batch rows columns channels"]


class _PixelAttention(nn.Module):
    """Single-head self-attention over all places, residual."""

    groups: int
    compute: Compute

    @nn.compact
    def __call__(self, x: FeatureMap) -> NewMap:
        batch, height, width, channels = x.shape
        norm = GroupNorm(
            self.groups, epsilon=_EPS, compute=self.compute, name="group_norm"
        )
        tokens = norm(x).reshape(batch, height * width, channels)

        def project(name: str, source: Array) -> Array:
            return nn.Dense(channels, dtype=self.compute.dtype, name=name)(source)

        q, k, v = (project(name, tokens) for name in ("to_q", "to_k", "to_v"))
        gathered = attend(
            q[:, :, None], k[:, :, None], v[:, :, None], self.compute.platform
        )
        return x + project("to_out_0", gathered[:, :, 0]).reshape(x.shape)


class _Stage(nn.Module):
    """What encoder and decoder share: residual stacks and the middle."""

    config: VAEConfig
    compute: Compute

    def residual(self, channels: int, name: str) -> ResidualBlock:
        return ResidualBlock(
            channels, self.config.norm_num_groups, _EPS, self.compute, name=name
        )

    def conv(self, channels: int, name: str) -> Convolution3x3:
        return Convolution3x3(channels, compute=self.compute, name=name)

    def finish(self, x: FeatureMap, channels: int) -> NewMap:
        norm = GroupNorm(
            self.config.norm_num_groups,
            epsilon=_EPS,
            compute=self.compute,
            name="conv_norm_out",
        )
        return self.conv(channels, "conv_out")(nn.silu(norm(x)))


class _MidBlock(_Stage):
    """Residual, attention, residual."""

    @nn.compact
    def __call__(self, x: FeatureMap) -> NewMap:
        x = self.residual(x.shape[-1], "resnets_0")(x)
        x = _PixelAttention(
            self.config.norm_num_groups, self.compute, name="attentions_0"
        )(x)
        return self.residual(x.shape[-1], "resnets_1")(x)


class _DownBlock(_Stage):
    """Residual blocks, then half the size (except at the coarsest level)."""

    level: int

    @nn.compact
    def __call__(self, x: FeatureMap) -> NewMap:
        channels = self.config.block_out_channels
        for index in range(self.config.layers_per_block):
            x = self.residual(channels[self.level], f"resnets_{index}")(x)
        if self.level < len(channels) - 1:
            x = Downsample(((0, 1), (0, 1)), self.compute, name="downsamplers_0")(x)
        return x


class _UpBlock(_Stage):
    """Residual blocks, then twice the size (except at the finest level)."""

    level: int

    @nn.compact
    def __call__(self, x: FeatureMap) -> NewMap:
        for index in range(self.config.layers_per_block + 1):
            channels = self.config.block_out_channels[self.level]
            x = self.residual(channels, f"resnets_{index}")(x)
        if self.level > 0:
            x = Upsample(self.compute, name="upsamplers_0")(x)
        return x


class _Encoder(_Stage):
    """Pixels to the mean and log-variance of the latents."""

    @nn.compact
    def __call__(self, pixels: Pixels) -> Latents:
        channels = self.config.block_out_channels
        x = self.conv(channels[0], "conv_in")(pixels)
        for level in range(len(channels)):
            name = f"down_blocks_{level}"
            x = _DownBlock(self.config, self.compute, level, name=name)(x)
        x = _MidBlock(self.config, self.compute, name="mid_block")(x)
        return self.finish(x, 2 * self.config.latent_channels)


class _Decoder(_Stage):
    """Latents to pixels."""

    @nn.compact
    def __call__(self, latents: Latents) -> Pixels:
        channels = self.config.block_out_channels
        x = self.conv(channels[-1], "conv_in")(latents)
        x = _MidBlock(self.config, self.compute, name="mid_block")(x)
        for index, level in enumerate(reversed(range(len(channels)))):
            name = f"up_blocks_{index}"
            x = _UpBlock(self.config, self.compute, level, name=name)(x)
        return self.finish(x, 3)


class VAE(nn.Module):
    """`AutoencoderKL`: pixels to Gaussian latents, latents to pixels.

    Source: Kingma & Welling 2014; Rombach et al. 2022, section 3.1; diffusers
    `AutoencoderKL`, to which `docs/parity.md` finds a relative difference below 1e-4.
    """

    config: VAEConfig
    compute: Compute = Compute()

    def setup(self):
        """Declares the parts."""
        channels, dtype = self.config.latent_channels, self.compute.dtype
        self.encoder = _Encoder(self.config, self.compute)
        self.decoder = _Decoder(self.config, self.compute)
        if self.config.use_quant_conv:
            self.quant_conv = nn.Conv(2 * channels, (1, 1), dtype=dtype)
        if self.config.use_post_quant_conv:
            self.post_quant_conv = nn.Conv(channels, (1, 1), dtype=dtype)

    def moments(self, pixels: Pixels) -> tuple[Latents, Latents]:
        """Returns mean and log-variance of the *unscaled* latents, float32."""
        both = self.encoder(pixels)
        if self.config.use_quant_conv:
            both = self.quant_conv(both)
        mean, log_variance = jnp.split(both.astype(jnp.float32), 2, axis=-1)
        return mean, jnp.clip(log_variance, -30.0, 20.0)

    def encode(self, pixels: Pixels) -> Latents:
        """Returns the latents' mean, scaled to about unit variance."""
        return self.moments(pixels)[0] * self.config.scaling_factor

    def decode(self, latents: Latents) -> Pixels:
        """Returns pixels, about -1 to 1, from scaled latents."""
        unscaled = latents / self.config.scaling_factor
        if self.config.use_post_quant_conv:
            unscaled = self.post_quant_conv(unscaled)
        return self.decoder(unscaled).astype(jnp.float32)

    def __call__(self, pixels: Pixels) -> Pixels:
        """Returns the reconstruction from the latents' mean."""
        return self.decode(self.encode(pixels))
