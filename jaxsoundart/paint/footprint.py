"""What each network takes of memory while it computes, told from its config alone.

Counted is the place where most is alive at once. What XLA fuses is never written and
does not count; what a convolution or a matrix product is given, and gives, does. Held
against compiled programs by `tests/paint/test_memory.py`.
"""

import math
from collections.abc import Iterator

import numpy as np

from jaxsoundart.paint.compute import Compute
from jaxsoundart.paint.config import TextConfig, TinyVAEConfig, UNetConfig, VAEConfig

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
    config: UNetConfig, compute: Compute, size: tuple[int, int], words: int
) -> int:
    """Returns bytes a prediction for one picture takes.

    Args:
        config: Of the U-Net.
        compute: How it computes.
        size: Rows and columns of latents.
        words: Tokens of the prompt.
    """
    itemsize = np.dtype(compute.dtype).itemsize
    return max(
        values * itemsize + scores
        for values, scores in _alive(config, compute, size, words)
    )


def _alive(
    config: UNetConfig, compute: Compute, size: tuple[int, int], words: int
) -> Iterator[tuple[int, int]]:
    """Yields values, and bytes of scores, that are alive at once, place by place."""
    channels, last = config.block_out_channels, config.levels - 1
    rows, columns = size
    areas = [
        -(-rows // 2**level) * -(-columns // 2**level) for level in range(last + 1)
    ]

    def transformer(level: int, kept: int) -> Iterator[tuple[int, int]]:
        here, heads = areas[level] * channels[level], config.heads(level)
        scores = max(
            score_bytes(compute, areas[level], seen, heads)
            for seen in (areas[level], words)
        )
        yield kept + _ATTENTION_MAPS * here, scores
        yield kept + _FEED_FORWARD_MAPS * here, 0

    skips = [areas[0] * channels[0]]
    for level in range(last + 1):
        attends = config.down_block_types[level] == "CrossAttnDownBlock2D"
        for index in range(config.layers_per_block):
            width = channels[max(level - 1, 0)] if index == 0 else channels[level]
            yield sum(skips) + _residual(areas[level], width, channels[level]), 0
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
                + _residual(areas[level], joined, channels[level]),
                0,
            )
            above = channels[level]
            if config.up_block_types[index] == "CrossAttnUpBlock2D":
                yield from transformer(level, sum(skips))
        if level:
            yield sum(skips) + 2 * areas[level - 1] * above, 0


def _residual(area: int, before: int, after: int) -> int:
    """Values a residual block holds beside what it is given."""
    return area * max(before + after, 3 * after)


def score_bytes(compute: Compute, queries: int, keys: int, heads: int) -> int:
    """Returns bytes of attention's scores, of one picture and in float32.

    They are held as they are, as exponentials and, where there are several heads, once
    more in the order in which the values are gathered.
    """
    copies = 3 if heads > 1 and compute.platform in ("any", "cpu") else 2
    return 4 * copies * heads * queries * keys


def decoding(config: VAEConfig | TinyVAEConfig, itemsize: int, area: int) -> int:
    """Returns bytes that pixels from that many latents of one picture take."""
    if isinstance(config, TinyVAEConfig):
        widest = max(config.decoder_block_out_channels)
        return itemsize * 3 * area * config.reduction**2 * widest
    channels = config.block_out_channels
    values = []
    for level, after in enumerate(channels):
        before = channels[min(level + 1, len(channels) - 1)]
        here = area * 4 ** (len(channels) - 1 - level)
        values.append(here * before + _residual(here, before, after))
    return max(itemsize * max(values), _at_middle(channels[-1], itemsize, area))


def encoding(
    config: VAEConfig | TinyVAEConfig, itemsize: int, size: tuple[int, int]
) -> int:
    """Returns bytes that so many rows and columns of latents of one picture take."""
    area = math.prod(size)
    if isinstance(config, TinyVAEConfig):
        widest = max(config.encoder_block_out_channels)
        return itemsize * 3 * area * config.reduction**2 * widest
    channels = config.block_out_channels
    widest = max(
        area * 4 ** (len(channels) - 1 - level) * channels[level]
        for level in range(len(channels))
    )
    return max(itemsize * 3 * widest, _at_middle(channels[-1], itemsize, area))


def _at_middle(channels: int, itemsize: int, area: int) -> int:
    """Bytes of the VAE's attention, each latent to each."""
    return itemsize * 5 * area * channels + 2 * 4 * area**2
