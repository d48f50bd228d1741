"""Devices, what lies on them, and functions mapped over them.

One mesh with one axis, `data`: each device has its share of the batch. Weights lie on
every device whole, or split, a part on each; a split weight is gathered where a network
uses it. The devices may belong to several processes, each of which runs the same
program and names the same arguments.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import flax.linen as nn
import jax
import numpy as np
from flax import struct
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from jaxsoundart.runtime.programs import Program, put

DATA = "data"


class Split(struct.PyTreeNode, nn.meta.AxisMetadata):
    """A weight of which each device holds a part.

    Flax opens such boxes where a module asks for its parameter. Within a function from
    `pmapped` that gathers the whole, there and no earlier: of all weights, only those
    in use are whole.

    Attributes:
        part: The whole array, split over the mesh; within a mapped function, a part.
        axis: Along which it is split.
    """

    part: Any
    axis: int = struct.field(pytree_node=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """The whole weight's, outside of mapped functions."""
        return self.part.shape

    def unbox(self) -> Any:
        """Returns the whole weight; only within a mapped function."""
        return jax.lax.all_gather(self.part, DATA, axis=self.axis, tiled=True)

    def replace_boxed(self, val: Any) -> "Split":
        """Returns a box with another part."""
        return self.replace(part=val)

    def add_axis(self, index: int, params: dict[Any, Any]) -> "Split":
        """Returns the box of a weight that was stacked with others."""
        return self.replace(axis=self.axis + (index <= self.axis))

    def remove_axis(self, index: int, params: dict[Any, Any]) -> "Split":
        """Returns the box of one of the stacked weights."""
        return self.replace(axis=self.axis - (index < self.axis))


def data_mesh(devices: Sequence[Any] | None = None) -> Mesh:
    """Returns the one-axis mesh over `devices`, by default all there are.

    The axis is `Auto`: JAX's default, `Explicit`, refuses ordinary operations of a
    network at trace time (see docs/decisions/0003-auto-mesh.md).
    """
    devices = jax.devices() if devices is None else devices
    return jax.make_mesh(
        (len(devices),), (DATA,), axis_types=(AxisType.Auto,), devices=devices
    )


def pmapped(
    function: Callable[..., Any],
    mesh: Mesh,
    *,
    shared: int,
    donated: Sequence[int] = (),
) -> Program:
    """Maps `function` over the devices of `mesh`, as `jax.pmap` would.

    Args:
        function: From arrays to a tree of arrays; it sees one device's share.
        mesh: From `data_mesh`.
        shared: The first `shared` arguments go to every device whole (weights, tables)
            or, where they are `Split`, in parts; the leading axis of all others, and of
            the result, is split over devices.
        donated: Numbers of the arguments whose memory the result may take.

    Returns:
        A program over the whole arrays.
    """

    # Lists over leaves, not trees: types that check their fields would refuse these.
    def specs(args: Sequence[Any]) -> list[P]:
        listed: list[P] = []
        for number, arg in enumerate(args):
            leaves = jax.tree.leaves(arg, is_leaf=_is_split)
            listed += [_spec(leaf) if number < shared else P(DATA) for leaf in leaves]
        return listed

    def mapped(*args: Any, **fixed: Any) -> Any:
        leaves, tree = jax.tree.flatten(args)
        return jax.shard_map(
            lambda *shares: function(*jax.tree.unflatten(tree, shares), **fixed),
            mesh=mesh,
            in_specs=tuple(specs(args)),
            out_specs=P(DATA),
            check_vma=False,
        )(*leaves)

    def places(args: Sequence[Any]) -> list[NamedSharding]:
        return [NamedSharding(mesh, spec) for spec in specs(args)]

    return Program(mapped, donated=donated, places=places)


def _is_split(leaf: Any) -> bool:
    return isinstance(leaf, Split)


def _spec(leaf: Any) -> P:
    return P(*[None] * leaf.axis, DATA) if isinstance(leaf, Split) else P()


def replicated(tree: Any, mesh: Mesh) -> Any:
    """Returns `tree` with a copy on every device."""
    return jax.tree.map(lambda leaf: put(leaf, NamedSharding(mesh, P())), tree)


def split(array: np.ndarray, mesh: Mesh) -> Split | jax.Array:
    """Returns a weight with a part on each device, or whole where that is as well.

    It is split along the longest axis that the devices can share evenly. Vectors stay
    whole: all together they are a thousandth of a network, and many.
    """
    axis = split_axis(array.shape, mesh.size)
    if axis is None:
        return replicated(array, mesh)
    box = Split(array, axis)
    return box.replace(part=put(array, NamedSharding(mesh, _spec(box))))


def split_axis(shape: Sequence[int], count: int) -> int | None:
    """Returns the axis along which a weight is split, or None for one left whole."""
    shared = [axis for axis, length in enumerate(shape) if length % count == 0]
    if len(shape) < 2 or not shared or not math.prod(shape):
        return None
    return max(shared, key=lambda axis: shape[axis])


def gathered_late(weights: Any, values: Any) -> tuple[Any, Any]:
    """Returns both; split weights are gathered only once the values are known.

    To be called in a loop's body with what its turn begins with: a gather that depends
    on no turn is moved out before the loop, and the weights are whole all along.
    """
    if not any(map(_is_split, jax.tree.leaves(weights, is_leaf=_is_split))):
        return weights, values
    return jax.lax.optimization_barrier((weights, values))
