"""Tensors that stay in their safetensors file until they are asked for.

A leaf of a parameter tree need only have `shape`, `dtype` and `__array__`: a `Stored`
tensor, an array in memory and a sum of both stand in for one another.

Files are read, not mapped: pages of a map count as memory used until it is closed, and
would double what loading takes.
"""

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike
from safetensors import SafetensorError, safe_open

from jaxsoundart.errors import ModelError

_DTYPES = {
    "F64": np.dtype(np.float64),
    "F32": np.dtype(np.float32),
    "F16": np.dtype(np.float16),
    "BF16": np.dtype(jnp.bfloat16),
    # Of integers, only the small scale that some LoRA files give is ever read.
    "I64": np.dtype(np.int64),
    "I32": np.dtype(np.int32),
}

# Read at once: so little that it does not count, enough that disks run at full speed.
_BLOCK_BYTES = 2**21

_PICKLES = (".bin", ".ckpt", ".pt", ".pth")


@dataclass(frozen=True)
class Stored:
    """A tensor in a file, or some rows of one, with its axes in any order.

    Attributes:
        file: The safetensors file.
        name: What the file calls it.
        code: Its values' type as the file says it, such as BF16.
        start: The byte of the file it begins at.
        extent: Its axes' lengths as they lie in the file.
        axes: The order in which it shows these axes.
    """

    file: Path
    name: str
    code: str
    start: int
    extent: tuple[int, ...]
    axes: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The axes' lengths, in the order shown."""
        return tuple(self.extent[axis] for axis in self.axes)

    @property
    def dtype(self) -> np.dtype:
        """The values' type as stored.

        Raises:
            ModelError: It is none that is read; the message names it.
        """
        if self.code not in _DTYPES:
            raise ModelError(
                f"{self.file}: {self.name} is stored as {self.code}; wanted "
                "F32, F16 or BF16"
            )
        return _DTYPES[self.code]

    def transpose(self, *axes: int) -> "Stored":
        """Returns the same tensor with its axes in another order."""
        order = tuple(self.axes[axis] for axis in axes)
        return dataclasses.replace(self, axes=order)

    def rows(self, first: int, last: int) -> "Stored":
        """Returns the rows from `first` to before `last` of a tensor not transposed."""
        row_bytes = self.dtype.itemsize * math.prod(self.extent[1:])
        return dataclasses.replace(
            self,
            start=self.start + first * row_bytes,
            extent=(last - first, *self.extent[1:]),
        )

    def as_matrix(self) -> "Stored":
        """Returns the matrix that a 1×1 convolution's kernel is."""
        return dataclasses.replace(self, extent=self.extent[:2], axes=self.axes[:2])

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> np.ndarray:
        """Reads the values; contiguous, in the order of axes shown.

        Raises:
            ModelError: The file is gone or has changed, or a value is not finite.
        """
        if copy is False:
            raise ValueError("a stored tensor is always read into new memory")
        shown = _aligned(self.shape, np.dtype(dtype or self.dtype))
        extent = self.extent or (1,)
        values = shown.transpose(np.argsort(self.axes)).reshape(extent)
        row_bytes = self.dtype.itemsize * math.prod(extent[1:])
        step = max(1, _BLOCK_BYTES // max(1, row_bytes))
        for first in range(0, extent[0], step):
            block = values[first : first + step]
            block[...] = self._read(first * row_bytes, block.shape)
        return shown

    def _read(self, offset: int, shape: tuple[int, ...]) -> np.ndarray:
        """Reads one block of rows, from a byte of the tensor on."""
        count = math.prod(shape)
        start = self.start + offset
        try:
            values = np.fromfile(self.file, self.dtype, count, offset=start)
        except OSError as error:
            raise ModelError(f"{self.file}: not readable ({error})") from error
        if values.size != count:
            raise ModelError(f"{self.file}: {self.name} is cut short")
        if not np.isfinite(values).all():
            raise ModelError(
                f"{self.file}: {self.name} holds values that are not finite"
            )
        return values.reshape(shape)


Tensors = dict[str, Stored]
"""Tensors by name."""


def _aligned(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Returns an empty array that JAX takes over without a copy, on the CPU."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.empty(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(dtype).reshape(shape)


def open_weights(file: Path) -> Tensors:
    """Returns the tensors of a file by name; reads no more than its header.

    Raises:
        ModelError: There is no such file, it is a pickle, or it is damaged.
    """
    header, start = _read_header(file)
    return {
        name: Stored(
            file,
            name,
            entry["dtype"],
            start + entry["data_offsets"][0],
            tuple(entry["shape"]),
            tuple(range(len(entry["shape"]))),
        )
        for name, entry in header.items()
        if name != "__metadata__"
    }


def read_metadata(file: Path) -> dict[str, str]:
    """Returns what a file says of itself.

    Raises:
        ModelError: As `open_weights`.
    """
    return _read_header(file)[0].get("__metadata__", {})


def _read_header(file: Path) -> tuple[dict[str, Any], int]:
    """Returns the header, and the byte that the first tensor begins at."""
    if file.suffix.lower() in _PICKLES:
        raise ModelError(
            f"{file} is a pickle, which can run code when read, and is not read; "
            "fetch the .safetensors file"
        )
    try:
        # The library proves that the tensors fill the file without gap or overlap.
        with safe_open(file, framework="numpy"):
            pass
        with file.open("rb") as content:
            size = int.from_bytes(content.read(8), "little")
            return json.loads(content.read(size)), 8 + size
    except FileNotFoundError:
        raise ModelError(f"{file}: no such file") from None
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"{file}: not readable as safetensors ({error}); fetch the file again"
        ) from error
