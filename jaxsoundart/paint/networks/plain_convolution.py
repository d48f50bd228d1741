"""XLA's own convolution, with a gradient of its kernel that suits CPUs.

XLA takes that gradient on a CPU through a convolution whose kernel is as large as the
map, slowly. It is a matrix product of patches and what comes back; taken a few rows at
a time both stay in the cache. `benchmarks/gradients.py` compares the two.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.compute import FeatureMap, NewMap, largest_divisor

Kernel = Float[Array, "3 3 channels features"]

# Of the patches taken at once. Measured with a small painter's maps: half or twice as
# much is a tenth slower.
_CACHE_BYTES = 2**20


@jax.custom_vjp
def convolve(x: FeatureMap, kernel: Kernel) -> NewMap:
    """Returns the map convolved, 3×3, stride 1, its size kept."""
    return _convolve(x, kernel)


def _convolve(x: FeatureMap, kernel: Kernel) -> NewMap:
    return jax.lax.conv_general_dilated(
        x,
        kernel,
        window_strides=(1, 1),
        padding=((1, 1), (1, 1)),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


def _forward(x: FeatureMap, kernel: Kernel) -> tuple[NewMap, tuple[Array, Array]]:
    return _convolve(x, kernel), (x, kernel)


def _backward(kept: tuple[Array, Array], change: NewMap) -> tuple[Array, Array]:
    x, kernel = kept
    _, of_map = jax.vjp(lambda x: _convolve(x, kernel), x)
    of_kernel = jax.lax.platform_dependent(
        x, change, cpu=_by_patches, default=_by_convolution
    )
    return of_map(change)[0], of_kernel


convolve.defvjp(_forward, _backward)


def _by_convolution(x: FeatureMap, change: NewMap) -> Kernel:
    shape = (3, 3, x.shape[-1], change.shape[-1])
    _, of_kernel = jax.vjp(lambda k: _convolve(x, k), jnp.zeros(shape, x.dtype))
    return of_kernel(change)[0]


def _by_patches(x: FeatureMap, change: NewMap) -> Kernel:
    batch, height, width, channels = x.shape
    features = change.shape[-1]
    row_bytes = 9 * channels * width * x.dtype.itemsize
    fitting = max(1, _CACHE_BYTES // row_bytes)
    rows = largest_divisor(height, fitting)
    pictures = largest_divisor(batch, max(1, fitting // height))
    padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    wide = jnp.promote_types(x.dtype, jnp.float32)

    def add(total: Array, block: Array) -> tuple[Array, None]:
        picture, row = block // (height // rows) * pictures, block % (height // rows)
        start = (picture, row * rows, 0, 0)
        size = (pictures, rows + 2, width + 2, channels)
        here = jax.lax.dynamic_slice(padded, start, size)
        size = (pictures, rows, width, features)
        coming = jax.lax.dynamic_slice(change, start, size).reshape(-1, features)
        taps = [
            here[:, down : down + rows, right : right + width]
            for down in range(3)
            for right in range(3)
        ]
        patches = jnp.concatenate(taps, axis=-1).reshape(-1, 9 * channels)
        # This way round the larger of the two need not be transposed.
        return total + jnp.einsum(
            "pf,pc->fc", coming, patches, preferred_element_type=wide
        ), None

    nothing = jnp.zeros((features, 9 * channels), wide)
    blocks = jnp.arange((batch // pictures) * (height // rows))
    total, _ = jax.lax.scan(add, nothing, blocks)
    return total.T.reshape(3, 3, channels, features).astype(x.dtype)
