"""What painting takes of a device's memory, told before anything is compiled."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.experimental.multihost_utils import process_allgather
from jax.sharding import Mesh

from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint import footprint, tiling
from jaxsoundart.paint.model import StableDiffusion, own_params
from jaxsoundart.paint.order import Settled
from jaxsoundart.runtime.mesh import split_axis

_MEMINFO = Path("/proc/meminfo")

# How often the largest kernel is there beside the weights: gathered, or reordered.
_KERNEL_COPIES = 3


@dataclass(frozen=True)
class Estimate:
    """Bytes of one device.

    Attributes:
        weights_bytes: What lies there all along.
        activations_bytes: The most that comes on top of it while painting.
    """

    weights_bytes: int
    activations_bytes: int

    @property
    def bytes(self) -> int:
        """All together."""
        return self.weights_bytes + self.activations_bytes


def estimate(
    model: StableDiffusion,
    settings: Settled,
    *,
    guided: bool,
    batch: int,
    chunks: int,
    over: bool = False,
    parts: int = 1,
) -> Estimate:
    """Returns what painting takes of each device, about.

    Args:
        model: What paints.
        settings: Of the pictures.
        guided: Whether a step takes two predictions.
        batch: Pictures a device paints at once.
        chunks: Of the longest prompt.
        over: Whether pictures are painted over.
        parts: Devices that the weights are split over.
    """
    compute = model.unet.compute
    unet, vae = model.unet.config, model.vae.config
    small = settings.height_px // vae.reduction, settings.width_px // vae.reduction
    rows, columns = (round(side * settings.enlarge) for side in small)
    whole = rows * columns
    shapes = {
        name: [leaf.shape for leaf in jax.tree.leaves(_wanted(model, name, small))]
        for name in model.parts
    }
    itemsize = np.dtype(compute.dtype).itemsize
    largest = max(map(math.prod, shapes["unet"])) * itemsize
    texts = batch * (2 if guided else 1)
    words = chunks * model.readers[0].encoder.config.max_position_embeddings
    decoded = tiling.TILE**2 if tiling.is_tiled(rows, columns) else whole
    needs = [
        *(
            texts * chunks * footprint.reading(reader.encoder.config)
            for reader in model.readers
        ),
        footprint.denoising(unet, compute, texts, (rows, columns), words)
        + _KERNEL_COPIES * largest,
        footprint.decoding(vae, compute, batch, decoded),
    ]
    if over or settings.decode_passes > 1:
        encoded = whole if settings.decode_passes > 1 else math.prod(small)
        needs.append(footprint.encoding(vae, compute, batch, encoded))
    if settings.upscale:
        assert model.upscaler is not None
        sides = rows * vae.reduction, columns * vae.reduction
        area = tiling.TILE**2 if tiling.is_tiled(*sides) else math.prod(sides)
        needs.append(footprint.upscaling(model.upscaler.config, compute, batch, area))
    held = sum(_held(shape, parts) for some in shapes.values() for shape in some)
    return Estimate(held * itemsize, max(needs))


def _wanted(model: StableDiffusion, part: str, size: tuple[int, int]) -> Any:
    """A part's weights in the shapes they have on devices."""
    if model.unet.compute.platform != "cpu":
        return model.params[part]
    return own_params(model.parts[part], size)


def _held(shape: tuple[int, ...], parts: int) -> int:
    """Values of a weight that one device holds."""
    return math.prod(shape) // (1 if split_axis(shape, parts) is None else parts)


def available_bytes(device: Any) -> int | None:
    """Returns what a device has free, or None where nobody knows.

    All CPU devices of a process share the machine's.
    """
    if device.platform != "cpu":
        stats = device.memory_stats() or {}
        if "bytes_limit" not in stats:
            return None
        return stats["bytes_limit"] - stats.get("bytes_in_use", 0)
    try:
        lines = _MEMINFO.read_text("ascii").splitlines()
    except OSError:
        return None
    sizes = dict(line.split(":", 1) for line in lines)
    known = sizes.get("MemAvailable", "").split()
    return 1024 * int(known[0]) if known else None


def check(needed: Estimate, held_bytes: int, mesh: Mesh, settings: Settled) -> None:
    """Checks that every device of a mesh has room.

    Args:
        needed: Of each device.
        held_bytes: What each holds of it already.
        mesh: The devices; every process asks its own, and all come to one answer.
        settings: As the message says them.

    Raises:
        ArgumentError: One has not; where nobody knows what is free, nothing is said.
    """
    local = mesh.local_devices
    free = [available_bytes(device) for device in local]
    # The devices of a CPU are one machine.
    share = len(local) if local[0].platform == "cpu" else 1
    least = min(
        (held_bytes + one / share for one in free if one is not None), default=math.inf
    )
    if len(local) < mesh.size:
        least = float(np.min(process_allgather(np.float32(least))))
    if needed.bytes <= least:
        return
    sides = (settings.width_px, settings.height_px)
    size = "×".join(str(round(side * settings.enlarge)) for side in sides)
    raise ArgumentError(
        f"painting {size} px takes about {needed.bytes / 1e9:.1f} GB, the device has "
        f"{least / 1e9:.1f} GB free; use a smaller --size, or --shard-weights on "
        "several devices"
    )
