"""Devices, and functions mapped over them.

One mesh with one axis, `data`. Data parallelism only: each device has all the weights
and its share of the batch.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from jaxsoundart.runtime.programs import Program

DATA = "data"


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
        shared: The first `shared` arguments go to every device whole (weights, tables);
            the leading axis of all others, and of the result, is split over devices.
        donated: Numbers of the arguments whose memory the result may take.

    Returns:
        A program over the whole arrays.
    """

    def mapped(*args: Any) -> Any:
        specs = tuple(P() if i < shared else P(DATA) for i in range(len(args)))
        return jax.shard_map(
            function, mesh=mesh, in_specs=specs, out_specs=P(DATA), check_vma=False
        )(*args)

    return Program(mapped, donated=donated)


def replicated(tree: Any, mesh: Mesh) -> Any:
    """Returns `tree` with a copy on every device."""
    return jax.device_put(tree, NamedSharding(mesh, P()))
