"""Weights on the devices, in the shapes that the networks want them there."""

from dataclasses import dataclass, field
from typing import Any

import jax
from jax.sharding import Mesh

from jaxsoundart.paint.model import StableDiffusion, own_params
from jaxsoundart.paint.networks.convolution import fit
from jaxsoundart.runtime.mesh import replicated, split

Size = tuple[int, int] | None

_SIZES = 2
"""For how many sizes of pictures a part's weights are kept: one, and its enlargement.
Most are the same for both, and lie on the devices once."""


@dataclass(frozen=True)
class Weights:
    """A model's weights, read when they are first wanted.

    Attributes:
        model: Whose they are.
        mesh: The devices.
        are_split: Whether each device holds a part of them only.
    """

    model: StableDiffusion
    mesh: Mesh
    are_split: bool = False
    _placed: dict[str, dict[Size, Any]] = field(default_factory=dict, init=False)

    def of(self, part: str, size: tuple[int, ...] | None = None) -> Any:
        """Returns a part's weights.

        Args:
            part: Its name.
            size: Rows and columns of latents; on a CPU forms of kernels depend on it.
        """
        network = self.model.parts[part]
        tuned = self.model.unet.compute.platform == "cpu"
        key = (size[0], size[1]) if tuned and size is not None else None
        placed = self._placed.setdefault(part, {})
        if key not in placed:
            others = list(placed.values())[-_SIZES + 1 :]
            like = own_params(network, key)
            trees = (like, self.model.params[part], *others)
            placed[key] = jax.tree.map(self._place, *trees)
            while len(placed) > _SIZES:
                del placed[next(iter(placed))]
        return placed[key]

    def _place(self, like: Any, leaf: Any, *others: Any) -> Any:
        """Returns a leaf on the devices; one that is there already is taken again."""
        for other in others:
            if other.shape == like.shape:
                return other
        fitted = fit(leaf, like.shape, self.model.unet.compute.dtype)
        # One leaf after the other: no more than one lies on the host at a time.
        place = split if self.are_split else replicated
        return jax.block_until_ready(place(fitted, self.mesh))

    @property
    def held_bytes(self) -> int:
        """What is there takes so much of a device's memory."""
        trees = [tree for sizes in self._placed.values() for tree in sizes.values()]
        arrays = {id(leaf): leaf for leaf in jax.tree.leaves(trees)}
        return sum(leaf.addressable_shards[0].data.nbytes for leaf in arrays.values())
