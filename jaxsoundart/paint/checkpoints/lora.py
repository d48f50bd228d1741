"""Styles and subjects trained as low-rank changes (LoRA), merged into the weights.

A layer's weight W becomes W + s·up·down, where s is the user's weight times alpha over
the rank. Merged leaves are summed when they are read: nothing is held twice.

Source: Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models".
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.typing import DTypeLike

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints.lora_file import LoRAFile, Pair, open_lora
from jaxsoundart.paint.checkpoints.original import unet_name
from jaxsoundart.paint.checkpoints.spelling import plain_name
from jaxsoundart.runtime.layout import (
    Tree,
    paths,
    published_name,
    published_order,
    some,
)

Place = tuple[str, tuple[str, ...]]
"""A leaf: its part, and the path to it."""


@dataclass(frozen=True)
class Merged:
    """A kernel and what is to be added to it, not yet read.

    Attributes:
        base: The kernel, any leaf.
        path: Where it stands in its part.
        changes: What is added, each with its factor.
    """

    base: Any
    path: tuple[str, ...]
    changes: tuple[tuple[Pair, float], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The kernel's."""
        return self.base.shape

    @property
    def dtype(self) -> np.dtype:
        """The kernel's."""
        return self.base.dtype

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> np.ndarray:
        """Reads all and sums it up in float32.

        Raises:
            ModelError: A file has gone or changed, or a value is not finite.
        """
        if copy is False:
            raise ValueError("a merged kernel is always made anew")
        rank = len(self.shape)
        total = np.array(self.base, np.float32)
        published = total.transpose(published_order(self.path, rank))
        for pair, factor in self.changes:
            up = np.asarray(pair.up, np.float32).reshape(len(published), -1)
            down = np.asarray(pair.down, np.float32).reshape(up.shape[1], -1)
            published += (factor * up @ down).reshape(published.shape)
        return total.astype(dtype or self.dtype, copy=False)


def merge(
    params: Mapping[str, Tree], loras: Sequence[tuple[Path, float]]
) -> dict[str, Tree]:
    """Returns the parameters with LoRA files merged in, still unread.

    Args:
        params: Trees by part: unet, text_encoder and so on; leaves read or not.
        loras: Files, each with the weight it is added with.

    Raises:
        ModelError: A file is damaged, a pickle or no LoRA; its kind is not read; it
            names layers that the parts do not have, or changes of another shape.
    """
    leaves = {
        (part, path): leaf for part in params for path, leaf in paths(params[part])
    }
    modules = {
        (part, _flat(path)): (part, path)
        for part, path in leaves
        if path[-1] == "kernel"
    }
    layers = sum(
        name.startswith("resnets_")
        for name in params.get("unet", {}).get("down_blocks_0", {})
    )
    changes: dict[Place, list[tuple[Pair, float]]] = {}
    for file, weight in loras:
        lora = open_lora(file)
        for place, pair in _placed(lora, modules, layers).items():
            _check_shape(lora, pair, place, leaves[place].shape)
            factor = weight * pair.alpha_over_rank
            changes.setdefault(place, []).append((pair, factor))

    def merged(part: str, keys: Any, leaf: Any) -> Any:
        path = tuple(str(key.key) for key in keys)
        found = changes.get((part, path))
        return Merged(leaf, path, tuple(found)) if found else leaf

    return {
        part: jax.tree_util.tree_map_with_path(
            lambda keys, leaf, part=part: merged(part, keys, leaf), tree
        )
        for part, tree in params.items()
    }


def _flat(path: tuple[str, ...]) -> str:
    """Returns the name of a leaf's module as LoRA files join it."""
    name = plain_name(published_name(path)).removesuffix(".weight")
    return name.replace(".", "_")


def _placed(
    lora: LoRAFile, modules: Mapping[tuple[str, str], Place], layers: int
) -> dict[Place, Pair]:
    placed = {}
    strangers = []
    for (part, module), pair in lora.pairs.items():
        # Files for XL may name the U-Net's layers as its first files do.
        name = unet_name(module, layers, "_") if part == "unet" else module
        if place := modules.get((part, name)):
            placed[place] = pair
        else:
            strangers.append(f"{part} {module}")
    if strangers:
        raise ModelError(
            f"{lora.file}: {len(strangers)} of its {len(lora.pairs)} layers are not in "
            f"this painter: {some(strangers)}; is it for another Stable Diffusion?"
        )
    return placed


def _check_shape(
    lora: LoRAFile, pair: Pair, place: Place, shape: tuple[int, ...]
) -> None:
    part, path = place
    wanted = tuple(shape[axis] for axis in published_order(path, len(shape)))
    up, down = pair.up.shape, pair.down.shape
    fits = (
        min(len(up), len(down)) >= 2
        and math.prod(up[2:]) == 1
        and up[0] == wanted[0]
        and up[1] == down[0]
        and down[1] == wanted[1]
        and math.prod(down[2:]) == math.prod(wanted[2:])
    )
    if not fits:
        raise ModelError(
            f"{lora.file}: {part} {_flat(path)} has shape {wanted} (in PyTorch's "
            f"order), to which up {up} times down {down} cannot be added"
        )
