"""3×3 convolutions with fewer multiplications, as batched matrix products.

Each takes sums of the map, multiplies them by sums of the kernel, place by place, and
adds up the products. The kernel's sums, `FILTERS[n] @ taps`, are taken beforehand.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.compute import FeatureMap, NewMap, largest_divisor

Matrix = tuple[tuple[int | float, ...], ...]

# Winograd's minimal filtering along one side: the sums of the map, of the kernel's taps
# and of the products, by how many outputs a tile gives.
_MAP: dict[int, Matrix] = {
    2: ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)),
    4: (
        (4, 0, -5, 0, 1, 0),
        (0, -4, -4, 1, 1, 0),
        (0, 4, -4, -1, 1, 0),
        (0, -2, -1, 2, 1, 0),
        (0, 2, -1, -2, 1, 0),
        (0, 4, 0, -5, 0, 1),
    ),
}
_TAPS: dict[int, Matrix] = {
    2: ((1, 0, 0), (1 / 2, 1 / 2, 1 / 2), (1 / 2, -1 / 2, 1 / 2), (0, 0, 1)),
    4: (
        (1 / 4, 0, 0),
        (-1 / 6, -1 / 6, -1 / 6),
        (-1 / 6, 1 / 6, -1 / 6),
        (1 / 24, 1 / 12, 1 / 6),
        (1 / 24, -1 / 12, 1 / 6),
        (0, 0, 1),
    ),
}
_PRODUCTS: dict[int, Matrix] = {
    2: ((1, 1, 1, 0), (0, 1, -1, -1)),
    4: (
        (1, 1, 1, 1, 1, 0),
        (0, 1, -1, 2, -2, 0),
        (0, 1, 1, 4, 4, 0),
        (0, 1, -1, 8, -8, 1),
    ),
}
# The kernel's sums of `doubled`: all taps, the first, the last.
_DOUBLED: Matrix = ((1, 1, 1), (1, 0, 0), (0, 0, 1))

# Numbers in a large map's sums and in a band's: 128 MiB and 4 MiB in float32.
_LARGE, _BAND = 2**25, 2**20

# From a kernel's nine taps to all its sums, by how many these are.
FILTERS = {len(taps) ** 2: np.kron(taps, taps) for taps in (*_TAPS.values(), _DOUBLED)}


def _combine(weights: Sequence[int | float], parts: Sequence[Array]) -> Array:
    """Returns the weighted sum of `parts`; what weighs nothing costs nothing."""
    terms = [
        part if weight == 1 else -part if weight == -1 else weight * part
        for weight, part in zip(weights, parts, strict=True)
        if weight
    ]
    return sum(terms[1:], terms[0])


def _multiply(
    sums: Iterable[Array], kernel: Float[Array, "sums channels features"], side: int
) -> Float[Array, "side side batch height width features"]:
    """Returns each sum of the map times its sum of the kernel, by row and column."""
    stacked = jnp.stack(list(sums))
    products = jnp.einsum(
        "spc,scf->spf", stacked.reshape(len(kernel), -1, kernel.shape[1]), kernel
    )
    return products.reshape(side, side, *stacked.shape[1:-1], -1)


def _interlace(rows: Sequence[Sequence[Array]]) -> NewMap:
    """Returns one map of n × m maps that hold every n-th row and m-th column."""
    across = [jnp.stack(row, axis=3) for row in rows]
    batch, height, width, _, channels = across[0].shape
    return jnp.stack(across, axis=2).reshape(
        batch, height * len(rows), width * len(rows[0]), channels
    )


def _by_bands(
    form: Callable[[Array, Array], NewMap],
    x: FeatureMap,
    kernel: Float[Array, "sums channels features"],
    tile: int,
) -> NewMap:
    """Returns what `form` makes of `x`: of large maps a band of tiles at a time.

    A band's sums should stay in cache, yet not be few beside the kernel, which each
    band reads again. Smaller maps lose more by the cutting than they gain.
    """
    padded = jnp.pad(x, ((0, 0), (1, 1), (0, 0), (0, 0)))
    batch, height, width, channels = x.shape
    of_a_row = batch * width * channels * len(kernel) // tile
    most = max(_BAND, kernel.size // 2) // of_a_row
    rows = tile * largest_divisor(height // tile, max(1, most))
    if of_a_row * (height // tile) < _LARGE or rows == height:
        return form(padded, kernel)
    bands = jax.lax.map(
        lambda start: form(
            jax.lax.dynamic_slice_in_dim(padded, start, rows + 2, axis=1), kernel
        ),
        jnp.arange(0, height, rows),
    )
    return jnp.moveaxis(bands, 0, 1).reshape(batch, -1, *bands.shape[3:])


def winograd(x: FeatureMap, kernel: Float[Array, "sums channels features"]) -> NewMap:
    """Returns `x` convolved, tile by tile, by the minimal filters F(m×m, 3×3).

    Tiles of 2 × 2 multiply 4 times an output instead of 9, those of 4 × 4 only 2.25
    times, and lose a decimal digit.

    Source: Lavin & Gray 2016, "Fast algorithms for convolutional neural networks".

    Args:
        x: A map whose sides the tile's side divides.
        kernel: 16 sums for tiles of 2 × 2, 36 for tiles of 4 × 4.
    """
    return _by_bands(_winograd, x, kernel, math.isqrt(len(kernel)) - 2)


def _widened(band: Array) -> Array:
    # Here, not before the bands are cut: XLA then copies a band once, where it would
    # otherwise cut it anew for each of its sums, at twice the time.
    return jnp.pad(band, ((0, 0), (0, 0), (1, 1), (0, 0)))


def _winograd(band: Array, kernel: Array) -> NewMap:
    padded = _widened(band)
    side = math.isqrt(len(kernel))
    tile = side - 2
    down = padded.shape[1] - tile - 1
    along = padded.shape[2] - tile - 1
    starts = range(side)
    rows = [padded[:, start : start + down : tile] for start in starts]
    sums = []
    for weights in _MAP[tile]:
        row = _combine(weights, rows)
        columns = [row[:, :, start : start + along : tile] for start in starts]
        sums += [_combine(weights, columns) for weights in _MAP[tile]]
    products = _multiply(sums, kernel, side)
    # All columns of a row are one array: XLA then keeps it, where it would otherwise
    # add up all 36 products anew for each of the 16 outputs.
    by_row = [_combine(weights, list(products)) for weights in _PRODUCTS[tile]]
    return _interlace(
        [
            [_combine(weights, list(row)) for weights in _PRODUCTS[tile]]
            for row in by_row
        ]
    )


def doubled(x: FeatureMap, kernel: Float[Array, "sums channels features"]) -> NewMap:
    """Returns `x`, doubled by repetition, convolved: a quarter of the products.

    Along one side the taps a, b, c meet no more than two neighbours of the small map:
    the even outputs are (a + b + c)·x[j] + a·(x[j-1] - x[j]), the odd ones
    (a + b + c)·x[j] + c·(x[j+1] - x[j]). So three products make two outputs, and nine
    make the four that a place is doubled to, where plain convolution takes 36.

    Args:
        x: The small map.
        kernel: Nine sums.
    """
    return _by_bands(_doubled, x, kernel, 1)


def _doubled(band: Array, kernel: Array) -> NewMap:
    padded = _widened(band)

    def differences(middle: Array, before: Array, after: Array) -> list[Array]:
        return [middle, before - middle, after - middle]

    sums = []
    for row in differences(padded[:, 1:-1], padded[:, :-2], padded[:, 2:]):
        sums += differences(row[:, :, 1:-1], row[:, :, :-2], row[:, :, 2:])
    products = _multiply(sums, kernel, 3)
    by_row = [products[0] + products[1], products[0] + products[2]]
    return _interlace([[row[0] + row[1], row[0] + row[2]] for row in by_row])
