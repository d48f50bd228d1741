"""One side of `benchmarks/speed.py`: a Stable Diffusion 1.5 with random weights.

    python -m benchmarks.speed_side SIDE PIECE SIZE_PX BATCH OUTPUT_FILE

Each line on standard input is a turn, answered by its seconds and its CPU seconds; the
end of the input by the most memory that the process ever held, in GiB. The interpreter
may be that of an old environment: what a side needs is imported by that side.
"""

import os
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.published import UNETS, VAE

LATENT = 8  # pixels a latent stands for, along one side
UNET = UNETS["sd15"].config
Run = Callable[[], np.ndarray]


class Drawn:
    """A random weight, the same under its published name wherever it is read."""

    def __init__(self, name: str, shape: tuple[int, ...]):
        self.name, self.shape = name, shape

    def __array__(self, dtype=None, copy=None):
        """Draws it; kernels so that signals neither grow nor die."""
        generator = np.random.default_rng(zlib.crc32(self.name.encode()))
        values = generator.standard_normal(self.shape, np.float32)
        fan_in = max(1, int(np.prod(self.shape[:-1])))
        values *= 0.1 if len(self.shape) == 1 else fan_in**-0.5
        norm = len(self.shape) == 1 and self.name.endswith("weight")
        return values + np.float32(norm)


def inputs(piece: str, size: int, batch: int) -> list[np.ndarray]:
    """Returns latents, and for the U-Net times and text states too."""
    draw = np.random.default_rng(0).standard_normal
    side = size // LATENT
    latents = draw((batch, side, side, 4)).astype(np.float32)
    text = draw((batch, 77, 768)).astype(np.float32)
    times = np.full(batch, 601.0, np.float32)
    return [latents] if piece == "vae" else [latents, times, text]


def ours(piece: str, size: int, batch: int) -> Run:
    """Returns our program, tuned for CPUs."""
    import jax

    from jaxsoundart.paint.networks import unet, vae
    from jaxsoundart.paint.networks.compute import Compute
    from jaxsoundart.paint.networks.config import UNetConfig, VAEConfig
    from jaxsoundart.paint.networks.convolution import fit
    from jaxsoundart.paint.settings import parse
    from jaxsoundart.paint.words.conditioning import Conditioning
    from jaxsoundart.runtime.layout import published_name

    def module(compute: Compute) -> Any:
        if piece == "unet":
            return unet.UNet(parse(UNetConfig, UNET, "unet"), compute)
        return vae.VAE(parse(VAEConfig, VAE, "vae"), compute)

    def shapes(compute: Compute) -> Any:
        method = None if piece == "unet" else "decode"
        return jax.eval_shape(
            lambda: module(compute).init(jax.random.key(0), *given, method=method)
        )

    given: list[Any] = list(map(jax.numpy.asarray, inputs(piece, size, batch)))
    if piece == "unet":
        given[2] = Conditioning(given[2])
    plain, tuned = Compute(), Compute(platform="cpu")

    def drawn(path: Any, leaf: Any) -> Drawn:
        names = tuple(key.key for key in path[1:])
        return Drawn(published_name(names), leaf.shape)

    weights = jax.tree_util.tree_map_with_path(drawn, shapes(plain))
    params = jax.tree.map(
        lambda leaf, wanted: jax.device_put(fit(leaf, wanted.shape, wanted.dtype)),
        weights,
        shapes(tuned),
    )
    method = None if piece == "unet" else "decode"
    program = jax.jit(lambda params, *x: module(tuned).apply(params, *x, method=method))
    return lambda: np.asarray(program(params, *given))


def torch_diffusers(piece: str, size: int, batch: int) -> Run:
    """Returns the program of PyTorch diffusers."""
    import diffusers
    import torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.set_grad_enabled(False)
    with torch.device("meta"):
        module = (
            diffusers.UNet2DConditionModel(**UNET)
            if piece == "unet"
            else diffusers.AutoencoderKL(**VAE)
        ).eval()
    if piece == "vae":
        del module.encoder, module.quant_conv
    module.to_empty(device="cpu")
    for name, parameter in module.named_parameters():
        shape = tuple(parameter.shape)
        ours = (*shape[2:], *shape[1::-1])
        back = (3, 2, 0, 1) if len(shape) == 4 else tuple(range(len(shape)))[::-1]
        drawn = np.asarray(Drawn(name, ours if len(shape) > 1 else shape))
        parameter.copy_(torch.from_numpy(drawn.transpose(back)))
    latents, *rest = [torch.from_numpy(x) for x in inputs(piece, size, batch)]
    latents = latents.permute(0, 3, 1, 2).contiguous()
    if piece == "unet":
        return lambda: module(latents, *rest).sample.permute(0, 2, 3, 1).numpy()
    scaled = latents / module.config.scaling_factor
    return lambda: module.decode(scaled).sample.permute(0, 2, 3, 1).numpy()


def flax_diffusers(piece: str, size: int, batch: int) -> Run:
    """Returns the program of the last diffusers in Flax, on weights of their own."""
    import diffusers
    import jax

    module = (
        diffusers.FlaxUNet2DConditionModel(**UNET)
        if piece == "unet"
        else diffusers.FlaxAutoencoderKL(**VAE)
    )
    shapes = jax.eval_shape(lambda: module.init_weights(jax.random.key(0)))
    params = jax.tree.map(lambda x: jax.numpy.asarray(Drawn("", x.shape)), shapes)
    latents, *rest = inputs(piece, size, batch)
    given = [latents.transpose(0, 3, 1, 2), *rest]
    method = None if piece == "unet" else module.decode
    program = jax.jit(
        lambda params, *x: module.apply({"params": params}, *x, method=method).sample
    )
    return lambda: np.asarray(program(params, *given)).transpose(0, 2, 3, 1)


SIDES = {"ours": ours, "torch": torch_diffusers, "flax": flax_diffusers}


def work(side: str, piece: str, size: str, batch: str, file: str) -> None:
    """Serves one side: each line that comes in is a turn, its seconds the answer."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever libraries print must not be taken for an answer
    program = SIDES[side](piece, int(size), int(batch))
    started_s = time.perf_counter()
    np.save(file, program())
    print(time.perf_counter() - started_s, file=answers)
    for _ in sys.stdin:
        started_s = time.perf_counter(), time.process_time()
        program()
        ended_s = time.perf_counter(), time.process_time()
        print(*np.subtract(ended_s, started_s), file=answers)
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) / 2**20, file=answers)


if __name__ == "__main__":
    work(*sys.argv[1:])
