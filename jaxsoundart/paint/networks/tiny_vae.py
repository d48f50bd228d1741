"""A small autoencoder without norms and attention: a fast stand-in for the VAE."""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.attention import FeatureMap
from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import TinyVAEConfig

Pixels = Float[Array, "batch height width 3"]
Latents = Float[Array, "batch rows columns channels"]


def _conv(
    channels: int, compute: Compute, name: str, *, stride: int = 1, bias: bool = True
) -> nn.Conv:
    return nn.Conv(
        channels,
        (3, 3),
        (stride, stride),
        padding=((1, 1), (1, 1)),
        use_bias=bias,
        dtype=compute.dtype,
        name=name,
    )


class _Block(nn.Module):
    """Three convolutions with a skip; channels stay as many as they are."""

    compute: Compute

    @nn.compact
    def __call__(self, x: FeatureMap) -> FeatureMap:
        h = x
        # Numbered as in the published files, which count the activations between.
        for index in (0, 2, 4):
            h = nn.relu(h) if index else h
            h = _conv(x.shape[-1], self.compute, f"conv_{index}")(h)
        return nn.relu(x + h)


class _Encoder(nn.Module):
    """Pixels to latents: a convolution, blocks, and so on at every level."""

    config: TinyVAEConfig
    compute: Compute

    @nn.compact
    def __call__(self, pixels: Pixels) -> Latents:
        config, place = self.config, 0
        x = (pixels + 1.0) / 2.0
        levels = zip(
            config.encoder_block_out_channels, config.num_encoder_blocks, strict=True
        )
        for channels, blocks in levels:
            first = place == 0
            conv = _conv(
                channels,
                self.compute,
                f"layers_{place}",
                stride=1 if first else 2,
                bias=first,
            )
            x, place = conv(x), place + 1
            for _ in range(blocks):
                x = _Block(self.compute, name=f"layers_{place}")(x)
                place += 1
        return _conv(config.latent_channels, self.compute, f"layers_{place}")(x)


class _Decoder(nn.Module):
    """Latents to pixels: blocks, twice the size, a convolution, at every level."""

    config: TinyVAEConfig
    compute: Compute

    @nn.compact
    def __call__(self, latents: Latents) -> Pixels:
        config = self.config
        channels, blocks = config.decoder_block_out_channels, config.num_decoder_blocks
        x = jnp.tanh(latents / 3.0) * 3.0
        x = nn.relu(_conv(channels[0], self.compute, "layers_0")(x))
        place = 2  # the activation has a number of its own
        for level, count in enumerate(blocks):
            for _ in range(count):
                x = _Block(self.compute, name=f"layers_{place}")(x)
                place += 1
            last = level == len(blocks) - 1
            if not last:
                x = jnp.repeat(jnp.repeat(x, 2, axis=1), 2, axis=2)
                place += 1
            width = 3 if last else channels[level]
            x = _conv(width, self.compute, f"layers_{place}", bias=last)(x)
            place += 1
        return 2.0 * x - 1.0


class TinyVAE(nn.Module):
    """`AutoencoderTiny`: decodes in a hundredth of the VAE's time, a little softer.

    Source: the TAESD models; diffusers `AutoencoderTiny`, to which
    `docs/parity.md` finds a relative difference below 1e-4.
    """

    config: TinyVAEConfig
    compute: Compute = Compute()

    def setup(self):
        """Declares the parts."""
        self.encoder = _Encoder(self.config, self.compute)
        self.decoder = _Decoder(self.config, self.compute)

    def encode(self, pixels: Pixels) -> Latents:
        """Returns the latents, scaled to about unit variance."""
        latents = self.encoder(pixels) * self.config.scaling_factor
        return latents.astype(jnp.float32)

    def decode(self, latents: Latents) -> Pixels:
        """Returns pixels, about -1 to 1, from scaled latents."""
        return self.decoder(latents / self.config.scaling_factor).astype(jnp.float32)

    def __call__(self, pixels: Pixels) -> Pixels:
        """Returns the reconstruction."""
        return self.decode(self.encode(pixels))
