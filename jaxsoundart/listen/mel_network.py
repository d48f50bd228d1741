"""A convolutional network on log-mel spectrograms.

Second in the room: samples in, a logit for each label of each head out. Four stages of
residual convolutions see ever more time and pitch; what all of a sound's time gave is
averaged, and its largest kept, so that a sound may be of any length.

Source: the short-chunk residual CNN of Won, Ferraro, Bogdanov and Serra, "Evaluation of
CNN-based automatic music tagging models" (SMC 2020), made small; masks are those of
Park et al., "SpecAugment" (Interspeech 2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.heard import Answers, Heard
from jaxsoundart.listen.residual_block import ResidualBlock
from jaxsoundart.sound.spectrum import log_mel

_RANGE_DB = 80.0


@dataclass(frozen=True, kw_only=True)
class MelConfig:
    """What a network is made of.

    Attributes:
        sample_rate_hz: Of the samples it is given.
        fft_samples: Length of a frame.
        hop_samples: From one frame to the next.
        num_mels: Bands.
        channels: Of each stage; after each but the last, time and pitch are halved.
        width: Of the embedding.
        norm_groups: Of the channels, in group norms.
        dropout: Share of the embedding that is left out while it learns.
        masks: How many stripes of time, and of pitch, are hidden while it learns.
        mask_share: The most that one of them hides.
        dtype: What it computes in; parameters and logits are float32.
    """

    sample_rate_hz: int = 22_050
    fft_samples: int = 1024
    hop_samples: int = 512
    num_mels: int = 64
    channels: tuple[int, ...] = (32, 64, 128, 192)
    width: int = 256
    norm_groups: int = 8
    dropout: float = 0.3
    masks: int = 2
    mask_share: float = 0.12
    dtype: str = "float32"

    @property
    def least_samples(self) -> int:
        """The shortest sound it can be given."""
        return self.hop_samples * 2 ** len(self.channels)


def features(
    config: MelConfig, samples: Float[Array, "batch samples"]
) -> Float[Array, "batch frames mels"]:
    """Returns log-mel spectrograms, -1 to 1, the loudest of each sound at 1."""
    level_db = log_mel(
        samples,
        sample_rate_hz=config.sample_rate_hz,
        fft_samples=config.fft_samples,
        hop_samples=config.hop_samples,
        num_mels=config.num_mels,
        range_db=_RANGE_DB,
    )
    return jnp.swapaxes(level_db, 1, 2) / (0.5 * _RANGE_DB) + 1.0


def masked(
    key: jax.Array, spectrum: Float[Array, "frames mels"], *, masks: int, share: float
) -> Float[Array, "frames mels"]:
    """Returns a spectrogram with stripes of time and of pitch at its mean.

    Args:
        key: Where and how wide.
        spectrum: Of one sound.
        masks: How many of each kind.
        share: The most of its axis that one hides.
    """
    hidden = jnp.zeros(spectrum.shape, bool)
    for number in range(masks):
        for axis, length in enumerate(spectrum.shape):
            one = jax.random.fold_in(key, 2 * number + axis)
            width, place = jax.random.uniform(one, (2,))
            width = width * share * length
            start = place * (length - width)
            along = jnp.arange(length)
            stripe = (along >= start) & (along < start + width)
            hidden |= jnp.expand_dims(stripe, 1 - axis)
    return jnp.where(hidden, spectrum.mean(), spectrum)


class MelNetwork(nn.Module):
    """The whole network."""

    config: MelConfig
    heads: Sequence[Head]

    @nn.compact
    def __call__(
        self, samples: Float[Array, "batch samples"], *, learning: bool = False
    ) -> Heard:
        """Returns logits and the embedding.

        Args:
            samples: At the config's rate, at least `least_samples`; their level makes
                no difference.
            learning: Whether to hide stripes and drop out; wants the random streams
                "masks" and "dropout".
        """
        config, dtype = self.config, jnp.dtype(self.config.dtype)
        spectra = features(config, samples)
        if learning:
            keys = jax.random.split(self.make_rng("masks"), len(samples))
            spectra = jax.vmap(
                lambda key, one: masked(
                    key, one, masks=config.masks, share=config.mask_share
                )
            )(keys, spectra)
        # Which band is which: convolutions alone would not know a bass from a flute.
        bands = (1, 1, config.num_mels)
        gain = self.param("band_gain", nn.initializers.ones, bands)
        bias = self.param("band_bias", nn.initializers.zeros, bands)
        x = (spectra * gain + bias)[..., None].astype(dtype)
        x = nn.Conv(config.channels[0], (5, 5), (2, 2), dtype=dtype, name="stem")(x)
        for number, channels in enumerate(config.channels):
            if number:
                x = nn.avg_pool(x, (2, 2), (2, 2))
            x = ResidualBlock(
                channels, (3, 3), config.norm_groups, dtype, name=f"stage_{number}"
            )(x)
        x = x.reshape(*x.shape[:2], -1)
        x = nn.gelu(nn.Dense(config.width, dtype=dtype, name="bands")(x))
        x = jnp.concatenate([x.mean(axis=1), x.max(axis=1)], axis=-1)
        embedding = nn.Dense(config.width, dtype=dtype, name="embedding")(x)
        answers = Answers(self.heads, config.dropout, name="answers")
        return answers(embedding.astype(jnp.float32), learning=learning)
