"""A glance at latents without the VAE: one small matrix from latents to colours."""

from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Float, Float32

from jaxsoundart.arrays import Images

Latents = Float[np.ndarray, "batch rows columns channels"]
Pixels = Float[np.ndarray, "batch height width 3"]
Matrix = Float32[np.ndarray, "channels_and_one 3"]

SIDE = 16
"""Side of the latents that the matrix is found from."""

_PICTURES = 4


def examples(channels: int) -> Latents:
    """Returns smooth made-up latents of about unit variance, always the same."""
    generator = np.random.default_rng(0)
    coarse = generator.standard_normal((_PICTURES, SIDE // 4, SIDE // 4, channels))
    shape = (_PICTURES, SIDE, SIDE, channels)
    return np.asarray(jax.image.resize(coarse.astype(np.float32), shape, "linear"))


def fit(decode: Callable[[Latents], Pixels], channels: int) -> Matrix:
    """Returns the matrix that best maps latents, and a one, to their pixels' means."""
    latents = examples(channels)
    pixels = np.asarray(decode(latents))
    side = pixels.shape[1] // SIDE
    means = pixels.reshape(_PICTURES, SIDE, side, SIDE, side, 3).mean((2, 4))
    columns = latents.reshape(-1, channels)
    inputs = np.concatenate([columns, np.ones((len(columns), 1))], axis=1)
    matrix, *_ = np.linalg.lstsq(inputs, means.reshape(-1, 3), rcond=None)
    return matrix.astype(np.float32)


def look(latents: Latents, matrix: Matrix) -> Images:
    """Returns pictures as wide and high as the latents."""
    colours = latents @ matrix[:-1] + matrix[-1]
    return np.round(127.5 * (np.clip(colours, -1.0, 1.0) + 1.0)).astype(np.uint8)
