"""A network that hears where beats, bars and drops begin.

Levels of mel bands in, three logits a frame out. Dilated convolutions, each twice as
wide as the one before, let every frame hear 24 seconds to either side: enough to tell a
beat from an off-beat, and a drop from a build.

Source: Davies and Böck, "Temporal convolutional networks for musical audio beat
tracking" (EUSIPCO 2019), with bars as in Böck and Davies, "Deconstruct, analyse,
reconstruct" (ISMIR 2020); drops are ours.
"""

from dataclasses import dataclass

import flax.linen as nn
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32

EVENTS = ("beat", "bar", "drop")

# What a band does this far below its own loud level is not heard beside the rest.
_RANGE_DB = 48.0


@dataclass(frozen=True, kw_only=True)
class BeatConfig:
    """What a network is made of.

    Attributes:
        num_mels: Bands it is given.
        channels: Of every layer.
        blocks: How many convolutions, each with twice the dilation of the one before.
        taps: Frames that one convolution joins, odd.
    """

    num_mels: int = 40
    channels: int = 32
    blocks: int = 9
    taps: int = 5


def features(
    mels: Float[np.ndarray, "frames mels"],
) -> Float32[np.ndarray, "frames mels"]:
    """Returns the level of each band, 1 where it is loud and 0 where it is silent.

    Each band is measured against its own loud level (its 98th percentile), so that
    neither loudness nor equalisation makes a difference.

    Args:
        mels: Power in mel bands, of a whole song.
    """
    loud = np.quantile(mels, 0.98, axis=0)
    floor = max(1e-6 * float(loud.max()), 1e-12)
    level_db = 10.0 * np.log10(np.maximum(mels, 1e-30) / np.maximum(loud, floor))
    return np.clip(1.0 + level_db / _RANGE_DB, 0.0, 1.2).astype(np.float32)


class BeatNetwork(nn.Module):
    """The whole network."""

    config: BeatConfig

    @nn.compact
    def __call__(
        self, levels: Float[Array, "songs frames mels"]
    ) -> Float[Array, "songs frames 3"]:
        """Returns the logit of each of `EVENTS` for each frame."""
        config = self.config
        x = nn.Dense(config.channels, name="stem")(_taps(levels, config.taps, 1))
        for number in range(config.blocks):
            y = nn.LayerNorm(name=f"norm_{number}")(x)
            y = _taps(y, config.taps, 2**number)
            y = nn.gelu(nn.Dense(config.channels, name=f"conv_{number}")(y))
            x = x + nn.Dense(config.channels, name=f"mix_{number}")(y)
        x = nn.LayerNorm(name="norm")(x)
        return nn.Dense(len(EVENTS), name="events")(x)


def _taps(
    x: Float[Array, "songs frames channels"], taps: int, dilation: int
) -> Float[Array, "songs frames joined"]:
    """Returns each frame beside those `dilation` apart; a dilated convolution's rows.

    Convolutions with dilation are slow on CPUs; one matrix product is not.
    """
    frames, reach = x.shape[1], taps // 2 * dilation
    padded = jnp.pad(x, ((0, 0), (reach, reach), (0, 0)))
    shifted = [padded[:, n * dilation : n * dilation + frames] for n in range(taps)]
    return jnp.concatenate(shifted, axis=-1)
