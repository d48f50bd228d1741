"""How fast a Stable Diffusion 1.5 paints on this machine, beside PyTorch diffusers.

    python benchmarks/speed.py
    python benchmarks/speed.py --pieces unet --sizes 512 --threads 1 --json
    python benchmarks/speed.py --flax-python old/bin/python

Random weights, the same for both, float32 on the CPU. Each side runs in a process of
its own and both take turns, so that a busy machine slows both; a ratio is ours ÷
theirs, the median over turns. `--flax-python` names the interpreter of an environment
with the last diffusers that had Flax models (diffusers==0.39.0 transformers==4.57.6 jax
flax), which are then timed too. "first" is compilation, and memory the most that a
process ever held.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
LATENT = 8  # pixels a latent stands for, along one side
UNET = {
    "sample_size": 64,
    "in_channels": 4,
    "out_channels": 4,
    "block_out_channels": (320, 640, 1280, 1280),
    "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
    "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    "cross_attention_dim": 768,
    "attention_head_dim": 8,
}
VAE = {
    "block_out_channels": (128, 256, 512, 512),
    "latent_channels": 4,
    "layers_per_block": 2,
}
BLOCKS = {
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
}
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

    sys.path.insert(0, str(ROOT))
    from jaxsoundart.paint import unet, vae
    from jaxsoundart.paint.compute import Compute
    from jaxsoundart.paint.conditioning import Conditioning
    from jaxsoundart.paint.config import UNetConfig, VAEConfig
    from jaxsoundart.paint.convolution import fit
    from jaxsoundart.paint.layout import published_name

    def module(compute: Compute) -> Any:
        if piece == "unet":
            return unet.UNet(UNetConfig(**UNET), compute)
        return vae.VAE(VAEConfig(**VAE), compute)

    def shapes(compute: Compute) -> Any:
        method = None if piece == "unet" else "decode"
        return jax.eval_shape(
            lambda: module(compute).init(jax.random.key(0), *given, method=method)
        )

    given: list[Any] = inputs(piece, size, batch)
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
            else diffusers.AutoencoderKL(**VAE, **BLOCKS)
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
        else diffusers.FlaxAutoencoderKL(**VAE, **BLOCKS)
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
        started_s = time.perf_counter()
        program()
        print(time.perf_counter() - started_s, file=answers)
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) / 2**20, file=answers)


@contextmanager
def worker(python: str, *call: str, threads: int) -> Iterator[subprocess.Popen]:
    """Starts a side on as many processors as it may use."""
    flags = " --xla_cpu_multi_thread_eigen=false" if threads == 1 else ""
    settings = {"OMP_NUM_THREADS": str(threads), "JAX_PLATFORMS": "cpu"}
    settings["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + flags
    processors = sorted(os.sched_getaffinity(0))[-threads:]
    process = subprocess.Popen(
        [python, __file__, "--work", *call],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **settings},
        preexec_fn=lambda: os.sched_setaffinity(0, processors),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def measure(
    pythons: dict[str, str], piece: str, size: int, batch: int, threads: int, turns: int
) -> dict[str, Any]:
    """Lets the sides take turns at one piece of work, and returns the figures."""
    found: dict[str, Any] = {
        "piece": piece,
        "size_px": size,
        "batch": batch,
        "threads": threads,
    }
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        files = {side: f"{folder}/{side}.npy" for side in pythons}
        workers = {}
        # One after the other, for the drawing of weights takes memory too.
        for side, python in pythons.items():
            call = (side, piece, str(size), str(batch), files[side])
            workers[side] = stack.enter_context(worker(python, *call, threads=threads))
            found[f"{side}_first_s"] = float(workers[side].stdout.readline())
        spent: dict[str, list[float]] = {side: [] for side in pythons}
        for _ in range(turns):
            for side, process in workers.items():
                process.stdin.write("\n")
                process.stdin.flush()
                spent[side].append(float(process.stdout.readline()))
        for side, process in workers.items():
            process.stdin.close()
            found[f"{side}_s"] = statistics.median(spent[side])
            found[f"{side}_gib"] = float(process.stdout.readline())
        theirs = np.load(files["torch"])
        error = np.abs(np.load(files["ours"]) - theirs).max() / np.abs(theirs).max()
        found["difference"] = float(error)
    for side in pythons.keys() - {"ours"}:
        pairs = zip(spent["ours"], spent[side], strict=True)
        found[f"{side}_ratio"] = statistics.median(a / b for a, b in pairs)
    return found


def row(found: dict[str, Any]) -> str:
    """Returns one line of the table."""
    flax = f"{found['flax_ratio']:.2f}" if "flax_ratio" in found else "–"
    cells = [
        f"{found['piece']}, {found['size_px']} px, batch {found['batch']}",
        str(found["threads"]),
        *(f"{found[f'{side}_s']:.2f}" for side in ("ours", "torch")),
        f"**{found['torch_ratio']:.2f}**",
        flax,
        f"{found['ours_first_s']:.0f}",
        *(f"{found[f'{side}_gib']:.1f}" for side in ("ours", "torch")),
        f"{found['difference']:.0e}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Parses the command line, measures, prints."""
    if sys.argv[1:2] == ["--work"]:
        work(*sys.argv[2:])
        return 0
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pieces", nargs="+", default=["unet", "vae"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[256, 512])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    # Under guidance the U-Net sees a picture with and without the words: batch 2.
    parser.add_argument("--batches", nargs="+", type=int, default=[2, 1])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--flax-python", metavar="PATH")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pythons = {"ours": sys.executable, "torch": sys.executable}
    if options.flax_python:
        pythons["flax"] = options.flax_python
    if not options.json:
        print(
            "| piece | threads | ours, s | torch, s | ours ÷ torch | ours ÷ Flax | "
            "first, s | ours, GiB | torch, GiB | difference |\n" + "|---" * 10 + "|"
        )
    for threads in options.threads:
        for piece in options.pieces:
            for size in options.sizes:
                for batch in options.batches if piece == "unet" else [1]:
                    found = measure(pythons, piece, size, batch, threads, options.turns)
                    line = json.dumps(found) if options.json else row(found)
                    print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
