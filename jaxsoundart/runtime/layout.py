"""Published names and PyTorch's order of axes ⇄ our parameter trees; strict both ways.

The one place that transposes: PyTorch keeps kernels as (out, in, height, width) and
matrices as (out, in), Flax as (height, width, in, out) and (in, out).

Names need no table. A parameter's path in our tree *is* its published name, except that
Flax joins a list's index by `_` where PyTorch writes `.`, and that Flax says kernel,
scale or embedding where PyTorch says weight.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike
from safetensors.numpy import save_file

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime.stored import Tensors

Tree = Mapping[str, Any]

_LISTS = (
    "down_blocks|up_blocks|resnets|attentions|downsamplers|upsamplers|"
    "transformer_blocks|net|to_out|layers|layer|conv"
)
_INDEXED = re.compile(rf"^({_LISTS})_(\d+)$")

# What Flax calls what PyTorch calls the weight; other parameters keep their names.
_WEIGHTS = {"kernel", "scale", "embedding"}


def published_name(path: tuple[str, ...]) -> str:
    """Returns the PyTorch name of the parameter at `path` in our tree."""
    *modules, leaf = path
    parts = [_INDEXED.sub(r"\1.\2", module) for module in modules]
    return ".".join([*parts, "weight" if leaf in _WEIGHTS else leaf])


def paths(tree: Tree) -> list[tuple[tuple[str, ...], Any]]:
    """Returns all leaves, each with the path to it."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return [(tuple(str(key.key) for key in path), leaf) for path, leaf in leaves]


def published_order(path: tuple[str, ...], rank: int) -> tuple[int, ...]:
    """Returns our axes in PyTorch's order, for a parameter of that rank."""
    if path[-1] != "kernel":
        return tuple(range(rank))
    return (rank - 1, rank - 2, *range(rank - 2))


def our_order(path: tuple[str, ...], rank: int) -> tuple[int, ...]:
    """Returns PyTorch's axes in our order, for a parameter of that rank."""
    if path[-1] != "kernel":
        return tuple(range(rank))
    return (*range(2, rank), 1, 0)


def arrange(tensors: Tensors, like: Tree, source: str) -> Tree:
    """Returns stored tensors as a tree shaped like `like`; none is read.

    Args:
        tensors: A part's tensors by published name.
        like: The part's parameters, arrays or `jax.ShapeDtypeStruct`.
        source: Where the tensors come from, as messages say it.

    Raises:
        ModelError: A name is missing or unexpected, a shape or type differs. The
            message names which.
    """
    wanted = {published_name(path): (path, leaf) for path, leaf in paths(like)}
    _compare_names(source, tensors.keys(), wanted.keys())
    tree: dict[str, Any] = {}
    misfits = []
    for name, (path, leaf) in wanted.items():
        tensor = tensors[name]
        rank = len(leaf.shape)
        # Old files keep attention's matrices as kernels of 1×1 convolutions.
        if rank == 2 and path[-1] == "kernel" and set(tensor.shape[2:]) == {1}:
            tensor = tensor.as_matrix()
        shape = tuple(leaf.shape[axis] for axis in published_order(path, rank))
        if tensor.shape != shape:
            misfits.append(f"{name} has shape {tensor.shape}, wanted {shape}")
        elif not jnp.issubdtype(tensor.dtype, jnp.floating):
            misfits.append(f"{name} is stored as {tensor.code}")
        else:
            put(tree, path, tensor.transpose(*our_order(path, rank)))
    if misfits:
        raise ModelError(
            f"{source} does not fit its config: {some(misfits, '; ')} "
            "(in PyTorch's order of axes)"
        )
    return tree


def read_params(params: Tree, dtype: DTypeLike) -> Tree:
    """Returns a tree with all leaves read, one after the other, and cast.

    Beside what is returned, memory holds no more than one leaf.

    Raises:
        ModelError: A file has gone or changed, or a value is not finite.
    """
    # Blocks, or the arrays that are still to be copied would pile up.
    return jax.tree.map(
        lambda leaf: jax.device_put(np.asarray(leaf, dtype)).block_until_ready(), params
    )


def put(tree: dict[str, Any], path: tuple[str, ...], leaf: Any) -> None:
    """Sets the leaf at `path`."""
    for module in path[:-1]:
        tree = tree.setdefault(module, {})
    tree[path[-1]] = leaf


def to_published(params: Tree, dtype: np.dtype) -> dict[str, np.ndarray]:
    """Returns parameters by published name, in PyTorch's order of axes."""
    return {
        published_name(path): np.ascontiguousarray(
            np.asarray(leaf, dtype).transpose(published_order(path, len(leaf.shape)))
        )
        for path, leaf in paths(params)
    }


def save_params(file: Path, params: Tree, dtype: DTypeLike) -> None:
    """Writes parameters under their published names."""
    file.parent.mkdir(parents=True, exist_ok=True)
    tensors = to_published(params, np.dtype(dtype))
    save_file(tensors, file, metadata={"format": "pt"})


def some(items: Iterable[str], separator: str = ", ", count: int = 4) -> str:
    """Returns the first few items, and how many more there are."""
    listed = list(items)
    shown = separator.join(listed[:count])
    more = len(listed) - count
    return f"{shown} and {more} more" if more > 0 else shown


def _compare_names(
    source: str, there: Collection[str], wanted: Collection[str]
) -> None:
    faults = []
    if missing := set(wanted) - set(there):
        faults.append(f"missing {some(sorted(missing))}")
    if extra := set(there) - set(wanted):
        faults.append(f"unexpected {some(sorted(extra))}")
    if faults:
        raise ModelError(f"{source} does not fit its config: {'; '.join(faults)}")
