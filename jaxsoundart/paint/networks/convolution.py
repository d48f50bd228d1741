"""Convolutions, in the form that is fast on the machine at hand.

What is faster than XLA's own form may want its kernel in another shape: a module
declares that shape, and `fit` brings published kernels into it, once.
"""

from collections.abc import Callable
from typing import Any, Literal

import flax.linen as nn
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike
from jaxtyping import Array, Float

from jaxsoundart.paint.networks import winograd
from jaxsoundart.paint.networks.compute import Compute, FeatureMap, NewMap, Platform
from jaxsoundart.paint.networks.plain_convolution import convolve

Form = Literal["plain", "patches", "winograd2", "winograd4", "repeated", "doubled"]

_FEWEST_CHANNELS = 256

_initial = nn.initializers.lecun_normal()


def choose(
    platform: Platform,
    height: int,
    width: int,
    channels_in: int,
    channels_out: int,
    *,
    doubled: bool = False,
    cropped: bool = False,
) -> Form:
    """Returns the fastest form of a convolution for a map of height × width.

    Only CPUs gain from another form than XLA's: accelerators multiply faster than they
    add and move. The borders were measured one thread at a time, with the maps of
    Stable Diffusion 1.5.

    Args:
        platform: The machine.
        height: Of the map that comes in.
        width: Of the map that comes in.
        channels_in: Its channels.
        channels_out: Channels of the map that goes out.
        doubled: Whether the map is doubled in height and width first.
        cropped: Whether a row or a column of the doubled map is left out.
    """
    few = min(channels_in, channels_out) < _FEWEST_CHANNELS
    if doubled:
        return "repeated" if platform != "cpu" or few or cropped else "doubled"
    # Small networks, and the first and last convolutions of large ones, have too little
    # to multiply: what they would gain is less than the longer compilation costs.
    if platform != "cpu" or few:
        return "plain"
    # A larger kernel than nine taps costs more to read than it saves.
    if height * width <= 64:
        return "patches"
    if height % 4 == 0 and width % 4 == 0 and height * width >= 1024:
        return "winograd4"
    if height % 2 == 0 and width % 2 == 0:
        return "winograd2"
    return "plain"


def kernel_shape(form: Form, channels_in: int, channels_out: int) -> tuple[int, ...]:
    """Returns the shape in which a form wants its kernel."""
    match form:
        case "plain" | "patches" | "repeated":
            return 3, 3, channels_in, channels_out
        case "doubled":
            return 9, channels_in, channels_out
        case "winograd2":
            return 16, channels_in, channels_out
        case "winograd4":
            return 36, channels_in, channels_out


def transform(kernel: Any, shape: tuple[int, ...]) -> Any:
    """Returns a plain kernel, (3, 3, in, out), in one of the shapes of `kernel_shape`.

    NumPy's arrays stay NumPy's, and JAX's stay JAX's.
    """
    if kernel.shape == shape:
        return kernel
    sums = winograd.FILTERS[shape[0]].astype(kernel.dtype)
    return (sums @ kernel.reshape(9, -1)).reshape(shape)


def fit(leaf: Any, shape: tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """Returns a published parameter in the shape and type that a module wants it in.

    Args:
        leaf: An array, or anything that NumPy can read, such as a tensor on disk.
        shape: Its own, or one of `kernel_shape` for a plain kernel.
        dtype: What it is cast to.
    """
    if tuple(leaf.shape) == shape:
        return np.asarray(leaf, dtype)
    # Sums of half-precision weights would be rounded a second time.
    wide = np.promote_types(dtype, np.float32)
    return transform(np.asarray(leaf, wide), shape).astype(dtype, copy=False)


def _repeated(
    x: FeatureMap,
    kernel: Float[Array, "3 3 channels features"],
    size: tuple[int, int] | None = None,
) -> NewMap:
    batch, height, width, channels = x.shape
    # Broadcast and reshape: its gradient is a sum, that of a gather a slow scatter.
    x = jnp.broadcast_to(
        x[:, :, None, :, None, :], (batch, height, 2, width, 2, channels)
    )
    x = x.reshape(batch, 2 * height, 2 * width, channels)
    if size is not None:
        x = x[:, : size[0], : size[1]]
    return convolve(x, kernel)


def _patches(x: FeatureMap, kernel: Float[Array, "3 3 channels features"]) -> NewMap:
    _, height, width, channels = x.shape
    padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    taps = [
        padded[:, row : row + height, column : column + width]
        for row in range(3)
        for column in range(3)
    ]
    return jnp.concatenate(taps, axis=-1) @ kernel.reshape(9 * channels, -1)


FORMS: dict[Form, Callable[[Array, Array], Array]] = {
    "plain": convolve,
    "patches": _patches,
    "repeated": _repeated,
    "winograd2": winograd.winograd,
    "winograd4": winograd.winograd,
    "doubled": winograd.doubled,
}


class Convolution3x3(nn.Module):
    """A 3×3 convolution of stride 1 that keeps the map's size, or doubles it first.

    With platform "any" it is `flax.linen.Conv`, with the same parameters.

    Attributes:
        channels: Channels of the map that goes out.
        doubled: Whether height and width are doubled by repetition before.
        compute: In which type, and for which machine.
    """

    channels: int
    doubled: bool = False
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, x: FeatureMap, size: tuple[int, int] | None = None) -> NewMap:
        """Returns the map convolved.

        Args:
            x: The map.
            size: Of the doubled map, where that is to have a row or a column less.
        """
        dtype = self.compute.dtype
        _, height, width, channels = x.shape
        doubled = 2 * height, 2 * width
        size = doubled if size is None else size
        form = choose(
            self.compute.platform,
            *(height, width, channels, self.channels),
            doubled=self.doubled,
            cropped=size != doubled,
        )
        shape = kernel_shape(form, channels, self.channels)
        # Differences of rounded sums are worthless: these are taken in float32.
        wide = dtype if shape[0] == 3 else jnp.promote_types(dtype, jnp.float32)

        def initial(key: Array) -> Array:
            return transform(_initial(key, (3, 3, channels, self.channels)), shape)

        kernel = self.param("kernel", initial)
        bias = self.param("bias", nn.initializers.zeros, (self.channels,))
        x, kernel = x.astype(wide), kernel.astype(wide)
        y = FORMS[form](x, kernel) if size == doubled else _repeated(x, kernel, size)
        return (y + bias.astype(wide)[None, None, None]).astype(dtype)


class Convolution1x1(nn.Module):
    """A 1×1 convolution, with the parameters of `flax.linen.Conv`.

    Written as the matrix product that it is: on a CPU up to twice as fast.
    """

    channels: int
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, x: FeatureMap) -> NewMap:
        """Returns the map with every place's channels mixed."""
        dtype = self.compute.dtype
        shape = 1, 1, x.shape[-1], self.channels
        kernel = self.param("kernel", _initial, shape).astype(dtype)
        bias = self.param("bias", nn.initializers.zeros, (self.channels,)).astype(dtype)
        return x.astype(dtype) @ kernel[0, 0] + bias[None, None, None]
