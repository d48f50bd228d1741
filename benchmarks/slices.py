"""Slices of TPUs that are not here, and what their programs must not do."""

import os
import re
from dataclasses import dataclass

import jax
from jax.experimental import topologies
from jax.sharding import Mesh

from jaxsoundart.errors import SoundArtError
from jaxsoundart.runtime.mesh import data_mesh

# No chip is here to be asked, nor a cloud's server that would know of one.
_NOWHERE = {
    "TPU_SKIP_MDS_QUERY": "1",
    "TPU_ACCELERATOR_TYPE": "v5litepod-8",
    "TPU_WORKER_HOSTNAMES": "localhost",
}


@dataclass(frozen=True)
class Chip:
    """A chip's peaks, as cloud.google.com/tpu/docs publishes them."""

    flops_a_s: float
    bytes_a_s: float
    memory_bytes: float


CHIPS = {
    "v5e": Chip(197e12, 819e9, 16e9),
    "v6e": Chip(918e12, 1640e9, 32e9),
}

COLLECTIVES = re.compile(
    r"\b(all-gather|all-reduce|all-to-all|collective-broadcast|collective-permute"
    r"|ragged-all-to-all|reduce-scatter)(?:-start)?\("
)


def described(topology: str) -> Mesh:
    """Returns the mesh of a slice that is not there.

    Raises:
        SoundArtError: libtpu is not installed, or in use by another process.
    """
    jax.config.update("jax_platforms", "cpu")
    os.environ.update(_NOWHERE)
    try:
        chips = topologies.get_topology_desc(platform="tpu", topology_name=topology)
    except RuntimeError as error:
        said = str(error).partition("\n")[0]
        raise SoundArtError(f"{topology}: no libtpu: {said}") from error
    return data_mesh(chips.devices)


def written(*shape: int) -> str:
    """Returns a float32 shape as a compiled program's text has it."""
    return f"f32[{','.join(map(str, shape))}]"


def check_program(text: str, share: str, whole: str) -> None:
    """Asserts of a compiled program that each chip works alone, on its share.

    Args:
        text: Of the HLO module that every chip runs.
        share: Shape of one chip's states, from `written`.
        whole: Shape of all states.

    Raises:
        SoundArtError: It exchanges values, or sees more than its share.
    """
    if found := sorted(set(COLLECTIVES.findall(text))):
        raise SoundArtError(f"the chips exchange values: {', '.join(found)}")
    layout = text.partition("\n")[0]
    if share not in layout or whole in text:
        raise SoundArtError(f"a chip works on {whole}; its share is {share}")
