"""Large pictures decoded tile by tile: memory is that of a tile."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float, Float32

Pixels = Float[np.ndarray, "batch height width 3"]
Latents = Float[np.ndarray, "batch rows columns channels"]

TILE = 64
"""Side of a tile, in latents: half a thousand pixels, what most VAEs learnt from."""

OVERLAP = 16
"""Latents that neighbouring tiles share; there one fades into the other."""

LARGEST_AT_ONCE = 128**2
"""Latents of one picture that are decoded without tiles."""


def is_tiled(rows: int, columns: int) -> bool:
    """Returns whether a picture of so many latents is decoded tile by tile."""
    return rows * columns > LARGEST_AT_ONCE and min(rows, columns) >= TILE


def decode(
    decode_tile: Callable[[Latents], Pixels], latents: Latents, reduction: int
) -> Pixels:
    """Returns the pixels of latents of any size, at least `TILE` a side.

    Args:
        decode_tile: Decodes latents of `TILE` × `TILE`.
        latents: To be decoded.
        reduction: Pixels a latent stands for, along one side.
    """
    batch, rows, columns, _ = latents.shape
    total = np.zeros((batch, rows * reduction, columns * reduction, 3), np.float32)
    weights = np.zeros((*total.shape[1:3], 1), np.float32)
    fade = _fade(TILE * reduction, OVERLAP * reduction)
    window = (fade[:, None] * fade[None, :])[..., None]
    for top in _starts(rows):
        for left in _starts(columns):
            tile = latents[:, top : top + TILE, left : left + TILE]
            place = tuple(
                slice(start * reduction, (start + TILE) * reduction)
                for start in (top, left)
            )
            total[:, *place] += decode_tile(tile) * window
            weights[place] += window
    return total / weights


def _starts(side: int) -> Iterator[int]:
    """Where tiles begin: as few as cover the side, the last one at its end."""
    yield from range(0, side - TILE, TILE - OVERLAP)
    yield side - TILE


def _fade(side: int, overlap: int) -> Float32[np.ndarray, " side"]:
    """A tile's weight along one side: rises, stays, falls; never quite nothing."""
    ramp = (np.arange(side, dtype=np.float32) + 0.5) / overlap
    return np.minimum(1.0, np.minimum(ramp, ramp[::-1]))
