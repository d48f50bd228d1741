"""The walk of any U-Net's pictures, lowered without weights for described devices."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from jaxsoundart.paint import samplers
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.schedule import Schedule, ScheduleConfig
from jaxsoundart.paint.walk import Task, padded, walk
from jaxsoundart.paint.words.conditioning import Conditioning
from jaxsoundart.runtime.mesh import DATA, pmapped

STEPS = 20
WORDS = 77

# Weights, step table and span go to all devices, task and states are shared.
_SHARED, _STATES = 3, 4


def shapes(unet: UNet, pictures: int) -> tuple[Any, ...]:
    """Returns what `walk` takes after the network: weights, table, span, task, states.

    Args:
        unet: The denoiser; its weights are taken to be of its computing type.
        pictures: Guided ones, of the size and with as many words as in training.
    """
    config, dtype = unet.config, unet.compute.dtype
    size, channels = config.sample_size, config.in_channels

    def each(*shape: int, dtype: Any = jnp.float32) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct((pictures, *shape), dtype)

    told = 6 * (config.addition_time_embed_dim or 0)
    pooled = (config.projection_class_embeddings_input_dim or 0) - told
    large = config.addition_embed_type is not None
    task = Task(
        conditioning=Conditioning(
            text=each(2, WORDS, config.cross_attention_dim, dtype=dtype),
            pooled=each(2, pooled, dtype=dtype) if large else None,
            sizes=each(2, 6) if large else None,
        ),
        scale=each(),
        rescale=each(),
        seeds=each(dtype=jnp.uint32),
    )
    weights = jax.tree.map(
        lambda leaf: jax.ShapeDtypeStruct(leaf.shape, dtype),
        abstract_params({"unet": unet})["unet"],
    )
    schedule = Schedule.create(ScheduleConfig(timestep_spacing="leading"))
    steps = padded(samplers.plan("euler", schedule, STEPS).steps)
    span = np.asarray((0, STEPS), np.int32)
    return weights, steps, span, task, each(samplers.SLOTS, size, size, channels)


def compiled(unet: UNet, mesh: Mesh, batch: int) -> tuple[Any, float]:
    """Compiles the walk for the devices of a mesh, which need not be there.

    Args:
        unet: The denoiser.
        mesh: The devices.
        batch: Pictures on each.

    Returns:
        The executable, and the seconds it took.
    """

    def placed(tree: Any, spec: P) -> Any:
        sharding = NamedSharding(mesh, spec)
        return jax.tree.map(
            lambda leaf: jax.ShapeDtypeStruct(
                leaf.shape, leaf.dtype, sharding=sharding
            ),
            tree,
        )

    arguments = [
        placed(tree, P() if number < _SHARED else P(DATA))
        for number, tree in enumerate(shapes(unet, batch * mesh.size))
    ]
    program = pmapped(
        partial(walk, unet, "epsilon"), mesh, shared=_SHARED, donated=[_STATES]
    )
    return program.compiled(*arguments), program.compile_s
