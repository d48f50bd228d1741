"""What each network takes of memory while it computes, told from its config alone.

Counted is the place where most is alive at once. What XLA fuses is never written and
does not count; what a convolution or a matrix product is given, and gives, does. Held
against compiled programs by `tests/paint/test_memory.py`.
"""

from collections.abc import Iterator, Sequence

import jax
import numpy as np

from jaxsoundart.paint.networks.attend import held_scores
from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import (
    TextConfig,
    TinyVAEConfig,
    UNetConfig,
    UpscalerConfig,
    VAEConfig,
)

# Maps beside scores that attention holds: queries, keys, values, these with their heads
# first, what comes in, normed, and what is gathered.
_ATTENTION_MAPS = 9

# Maps a transformer's feed-forward part holds: the residual; values and gates, four
# times as wide each; their product.
_FEED_FORWARD_MAPS = 13


def reading(config: TextConfig) -> int:
    """Returns bytes a text encoder takes for one chunk, whose states are float32."""
    length = config.max_position_embeddings
    wide = 3 * config.hidden_size + 2 * config.intermediate_size
    return 4 * length * (wide + 2 * config.num_attention_heads * length)


def denoising(
    config: UNetConfig, compute: Compute, batch: int, size: tuple[int, int], words: int
) -> int:
    """Returns bytes that predictions take.

    Args:
        config: Of the U-Net.
        compute: How it computes.
        batch: Predictions at once.
        size: Rows and columns of latents.
        words: Tokens of the prompt.
    """
    itemsize = np.dtype(compute.dtype).itemsize
    return max(
        batch * values * itemsize + scores
        for values, scores in _alive(config, compute, batch, size, words)
    )


def _alive(
    config: UNetConfig, compute: Compute, batch: int, size: tuple[int, int], words: int
) -> Iterator[tuple[int, int]]:
    """Yields values of one picture, and bytes of all scores, that are alive at once."""
    channels, last = config.block_out_channels, config.levels - 1
    rows, columns = size
    areas = [
        -(-rows // 2**level) * -(-columns // 2**level) for level in range(last + 1)
    ]

    def transformer(level: int, kept: int) -> Iterator[tuple[int, int]]:
        here = areas[level] * channels[level]
        heads = config.heads(level)
        shape = batch, areas[level], heads, channels[level] // heads
        scores = max(_scores(compute, shape, seen) for seen in (areas[level], words))
        yield kept + _ATTENTION_MAPS * here, scores
        yield kept + _FEED_FORWARD_MAPS * here, 0

    skips = [areas[0] * channels[0]]
    for level in range(last + 1):
        attends = config.down_block_types[level] == "CrossAttnDownBlock2D"
        for index in range(config.layers_per_block):
            width = channels[max(level - 1, 0)] if index == 0 else channels[level]
            yield (
                sum(skips) + _residual(compute, areas[level], width, channels[level]),
                0,
            )
            if attends:
                yield from transformer(level, sum(skips))
            skips.append(areas[level] * channels[level])
        if level < last:
            skips.append(areas[level + 1] * channels[level])
    if config.mid_block_type is not None:
        yield from transformer(last, sum(skips))
    above = channels[last]
    for index, level in enumerate(reversed(range(last + 1))):
        for _ in range(config.layers_per_block + 1):
            joined = above + skips.pop() // areas[level]
            yield (
                sum(skips)
                + areas[level] * joined
                + _residual(compute, areas[level], joined, channels[level]),
                0,
            )
            above = channels[level]
            if config.up_block_types[index] == "CrossAttnUpBlock2D":
                yield from transformer(level, sum(skips))
        if level:
            yield sum(skips) + 2 * areas[level - 1] * above, 0


def _residual(compute: Compute, area: int, before: int, after: int) -> int:
    """Values a residual block holds beside what it is given."""
    # The forms of convolutions for CPUs are given a copy with a margin.
    copied = before if compute.platform == "cpu" else 0
    return area * (copied + max(before + after, 3 * after))


def _scores(compute: Compute, shape: tuple[int, ...], words: int) -> int:
    """Bytes of attention's scores, which are float32.

    They are held as they are, as exponentials and, where there are several heads and no
    better form, once more in the order in which values are gathered.
    """
    query = jax.ShapeDtypeStruct(shape, np.dtype(compute.dtype))
    copies = 3 if shape[2] > 1 and compute.platform == "any" else 2
    return 4 * copies * held_scores(query, words, compute.platform)


def decoding(
    config: VAEConfig | TinyVAEConfig, compute: Compute, batch: int, area: int
) -> int:
    """Returns bytes that pixels from so many latents of each picture take."""
    itemsize = batch * np.dtype(compute.dtype).itemsize
    if isinstance(config, TinyVAEConfig):
        return itemsize * _tiny(config, config.decoder_block_out_channels, area)
    channels = config.block_out_channels
    values = []
    for level, after in enumerate(channels):
        before = channels[min(level + 1, len(channels) - 1)]
        here = area * 4 ** (len(channels) - 1 - level)
        values.append(here * before + _residual(compute, here, before, after))
    return max(itemsize * max(values), _at_middle(compute, batch, channels[-1], area))


def encoding(
    config: VAEConfig | TinyVAEConfig, compute: Compute, batch: int, area: int
) -> int:
    """Returns bytes that so many latents of each picture take to find."""
    itemsize = batch * np.dtype(compute.dtype).itemsize
    if isinstance(config, TinyVAEConfig):
        return itemsize * _tiny(config, config.encoder_block_out_channels, area)
    channels = config.block_out_channels
    widest = max(
        area * 4 ** (len(channels) - 1 - level) * channels[level]
        for level in range(len(channels))
    )
    maps = 4 if compute.platform == "cpu" else 3
    return max(itemsize * maps * widest, _at_middle(compute, batch, channels[-1], area))


def upscaling(config: UpscalerConfig, compute: Compute, batch: int, area: int) -> int:
    """Returns bytes that pictures of so many pixels take to make larger."""
    first, *others = config.block_out_channels
    itemsize = batch * np.dtype(compute.dtype).itemsize
    values = [
        # The map, what a block adds to it, and what lies between; or four maps of the
        # next size and these in their new order.
        area * 4**level * max(3 * before, before + 2 * 4 * after)
        for level, (before, after) in enumerate(
            zip((first, *others), (*others, 3), strict=True)
        )
    ]
    return itemsize * max(values)


def _tiny(config: TinyVAEConfig, channels: Sequence[int], area: int) -> int:
    """Values of three of a tiny VAE's widest maps, at the size of the picture."""
    return 3 * area * config.reduction**2 * max(channels)


def _at_middle(compute: Compute, batch: int, channels: int, area: int) -> int:
    """Bytes of the VAE's attention, each latent to each."""
    values = batch * 5 * area * channels
    scores = _scores(compute, (batch, area, 1, channels), area)
    return np.dtype(compute.dtype).itemsize * values + scores
