"""Large pictures decoded and upscaled tile by tile: memory is that of a tile."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float, Float32

Pixels = Float[np.ndarray, "batch height width 3"]
Cells = Float[np.ndarray, "batch rows columns channels"]

TILE = 64
"""Side of a tile, in cells: latents to decode, or pixels to upscale. As latents half a
thousand pixels, what most VAEs learnt from."""

OVERLAP = 16
"""Cells that neighbouring tiles share; there one fades into the other."""

LARGEST_AT_ONCE = 128**2
"""Cells of one picture that are taken without tiles."""


def is_tiled(rows: int, columns: int) -> bool:
    """Returns whether a picture of so many cells is taken tile by tile."""
    return rows * columns > LARGEST_AT_ONCE and min(rows, columns) >= TILE


def by_tiles(program: Callable[[Cells], Pixels], cells: Cells, factor: int) -> Pixels:
    """Returns the pixels that cells become, of any size, at least `TILE` a side.

    Args:
        program: Makes pixels of `TILE` × `TILE` cells.
        cells: Latents to decode, or pixels to upscale.
        factor: Pixels that become of a cell, along one side.
    """
    batch, rows, columns, _ = cells.shape
    total = np.zeros((batch, rows * factor, columns * factor, 3), np.float32)
    weights = np.zeros((*total.shape[1:3], 1), np.float32)
    fade = _fade(TILE * factor, OVERLAP * factor)
    window = (fade[:, None] * fade[None, :])[..., None]
    for top in _starts(rows):
        for left in _starts(columns):
            tile = cells[:, top : top + TILE, left : left + TILE]
            place = tuple(
                slice(start * factor, (start + TILE) * factor) for start in (top, left)
            )
            total[:, *place] += program(tile) * window
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
