"""A convolutional network on the waveform itself: it learns its own filters.

Second in the room: samples in, a logit for each label of each head out.

Source: Lee, Park, Kim and Nam, "Sample-level deep convolutional neural networks for
music auto-tagging using raw waveforms" (SMC 2017); its stages here are residual.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.heard import Answers, Heard
from jaxsoundart.listen.residual_block import ResidualBlock

_STRIDE = 4


@dataclass(frozen=True, kw_only=True)
class WaveConfig:
    """What a network is made of.

    Attributes:
        sample_rate_hz: Of the samples it is given.
        filter_samples: Length of the first filters.
        hop_samples: From one place of theirs to the next.
        channels: Of each stage; after each but the last, time is divided by four.
        width: Of the embedding.
        norm_groups: Of the channels, in group norms.
        dropout: Share of the embedding that is left out while it learns.
        dtype: What it computes in; parameters and logits are float32.
    """

    sample_rate_hz: int = 22_050
    filter_samples: int = 64
    hop_samples: int = 8
    channels: tuple[int, ...] = (48, 64, 96, 128, 192)
    width: int = 256
    norm_groups: int = 8
    dropout: float = 0.3
    dtype: str = "float32"

    @property
    def least_samples(self) -> int:
        """The shortest sound it can be given."""
        return self.hop_samples * _STRIDE ** (len(self.channels) - 1)


class WaveNetwork(nn.Module):
    """The whole network."""

    config: WaveConfig
    heads: Sequence[Head]

    @nn.compact
    def __call__(
        self, samples: Float[Array, "batch samples"], *, learning: bool = False
    ) -> Heard:
        """Returns logits and the embedding.

        Args:
            samples: At the config's rate, at least `least_samples`; their level makes
                no difference.
            learning: Whether to drop out; wants the random stream "dropout".
        """
        config, dtype = self.config, jnp.dtype(self.config.dtype)
        peak = jnp.max(jnp.abs(samples), axis=1, keepdims=True)
        x = (samples / jnp.maximum(peak, 1e-6))[..., None].astype(dtype)
        x = nn.Conv(
            config.channels[0],
            (config.filter_samples,),
            (config.hop_samples,),
            dtype=dtype,
            name="filters",
        )(x)
        for number, channels in enumerate(config.channels):
            if number:
                x = nn.max_pool(x, (_STRIDE,), (_STRIDE,))
            x = ResidualBlock(
                channels, (3,), config.norm_groups, dtype, name=f"stage_{number}"
            )(x)
        x = jnp.concatenate([x.mean(axis=1), x.max(axis=1)], axis=-1)
        embedding = nn.Dense(config.width, dtype=dtype, name="embedding")(nn.gelu(x))
        answers = Answers(self.heads, config.dropout, name="answers")
        return answers(embedding.astype(jnp.float32), learning=learning)
