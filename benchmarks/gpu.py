"""How fast a GPU paints, beside PyTorch diffusers compiled, on the same card.

    python -m benchmarks.gpu
    python -m benchmarks.gpu --models sd15 --batches 1 4 --json

Guided pictures with a negative prompt, random weights, bfloat16, from noise to pixels:
Stable Diffusion 1.5 at 512 px in 50 steps, XL at 1024 px in 20, by Euler. Each side
runs in processes of its own, in turn, one a model, and compiles before it is timed;
the better of two runs counts. Without torch and diffusers ours runs alone. The share of
the card's rate is that of the U-Net's matrix products and convolutions, as XLA counts
them, to what large bfloat16 matrix products reach on the same card.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.published import UNETS, VAE

ROOT = Path(__file__).parents[1]
STEPS = {"sd15": 50, "sdxl": 20}
SCALE = 7.5
WORDS = 77


def timed(run: Callable[[], Any]) -> tuple[float, float]:
    """Returns the seconds of the first run, and of the better of two more."""
    seconds = []
    for _ in range(3):
        begun_s = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begun_s)
    return seconds[0], min(seconds[1:])


def jax_side(model: str, batches: list[int], *, tiny: bool) -> dict[str, Any]:
    """Times our walk and decoder."""
    import jax
    import jax.numpy as jnp

    from benchmarks.denoising import shapes
    from jaxsoundart.paint.model import abstract_params
    from jaxsoundart.paint.networks import vae as coder
    from jaxsoundart.paint.networks.compute import Compute
    from jaxsoundart.paint.networks.config import UNetConfig, VAEConfig
    from jaxsoundart.paint.networks.unet import UNet
    from jaxsoundart.paint.settings import parse
    from jaxsoundart.paint.walk import walk
    from jaxsoundart.runtime.mesh import data_mesh, pmapped
    from jaxsoundart.runtime.modules import run

    backend = jax.default_backend()
    platform = backend if backend in ("gpu", "tpu") else "any"
    compute = Compute(jnp.bfloat16, platform)
    unet = UNet(parse(UNetConfig, configuration(model, tiny=tiny), model), compute)
    vae = coder.VAE(parse(VAEConfig, VAE, "vae"), compute)
    mesh, steps = data_mesh(jax.devices()[:1]), 2 if tiny else STEPS[model]
    generator = np.random.default_rng(0)

    def draw(like: Any) -> Any:
        if like.dtype == jnp.uint32:
            return np.arange(like.size, dtype=np.uint32).reshape(like.shape)
        values = generator.random(like.shape, np.float32) - 0.5
        fan_in = max(1, like.size // like.shape[-1]) if len(like.shape) > 1 else 1
        return jax.device_put((values * fan_in**-0.5).astype(like.dtype))

    weights, table, _, *_ = shapes(unet, 1)
    params = jax.tree.map(draw, weights)
    decoder = jax.tree.map(
        lambda leaf: draw(jax.ShapeDtypeStruct(leaf.shape, jnp.bfloat16)),
        abstract_params({"vae": vae})["vae"],
    )
    walked = pmapped(partial(walk, unet, "epsilon"), mesh, shared=3)
    decoded = pmapped(
        lambda params, states: run(vae, params, states[:, 0], method=vae.decode),
        mesh,
        shared=1,
    )
    results = {}
    for batch in batches:
        *_, task, states = jax.tree.map(draw, shapes(unet, batch)[3:])
        span = np.asarray((0, steps), np.int32)

        def paint(task: Any = task, states: Any = states, span: Any = span) -> Any:
            done = walked(params, table, span, task, states)
            return np.asarray(decoded(decoder, done))

        first_s, best_s = timed(paint)
        # A loop's body is counted once: this is one step.
        program = walked.compiled(params, table, span, task, states)
        flops = program.cost_analysis().get("flops", 0.0)
        results[batch] = {
            "pictures_a_s": batch / best_s,
            "first_s": first_s,
            "flops_a_s": flops * steps / best_s,
        }
    return {
        "batches": results,
        "device": jax.devices()[0].device_kind,
        "matrix_flops_a_s": matrix_rate(128 if tiny else 8192),
        "jax": jax.__version__,
    }


def matrix_rate(side: int) -> float:
    """Returns the floating-point operations a second of large bfloat16 products."""
    import jax
    import jax.numpy as jnp

    count = 16
    x = jnp.full((side, side), 1.0 / side, jnp.bfloat16)
    chain = jax.jit(lambda x: jax.lax.fori_loop(0, count, lambda _, y: y @ x, x))
    _, best_s = timed(lambda: chain(x).block_until_ready())
    return 2.0 * side**3 * count / best_s


def torch_side(
    model: str, batches: list[int], *, mode: str, tiny: bool
) -> dict[str, Any]:
    """Times PyTorch diffusers, compiled, in its fastest layout."""
    import diffusers
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = True
    config, steps = configuration(model, tiny=tiny), 2 if tiny else STEPS[model]
    place = {"device": device, "dtype": torch.bfloat16}
    kind = {"memory_format": torch.channels_last}
    unet = diffusers.UNet2DConditionModel(**config).to(**place).to(**kind).eval()
    vae = diffusers.AutoencoderKL(**VAE)
    vae = vae.to(**place).to(**kind).eval()
    if not tiny:
        unet = torch.compile(unet, mode=mode, fullgraph=True)
        vae.decode = torch.compile(vae.decode, mode=mode, fullgraph=True)
    scheduler = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
    )
    results = {}
    for batch in batches:
        size, large = config["sample_size"], "addition_embed_type" in config
        text = torch.randn(2 * batch, WORDS, config["cross_attention_dim"], **place)
        told = None
        if large:
            told = {
                "text_embeds": torch.randn(2 * batch, 1280, **place),
                "time_ids": torch.full((2 * batch, 6), 1024.0, **place),
            }
        noise = torch.randn(batch, 4, size, size, **place).to(**kind)

        @torch.inference_mode()
        def paint(noise: Any = noise, text: Any = text, told: Any = told) -> Any:
            scheduler.set_timesteps(steps, device=device)
            latents = noise.float() * scheduler.init_noise_sigma
            for t in scheduler.timesteps:
                seen = scheduler.scale_model_input(torch.cat([latents] * 2), t)
                seen = seen.to(torch.bfloat16)
                out = unet(seen, t, text, added_cond_kwargs=told, return_dict=False)
                negative, prompt = out[0].float().chunk(2)
                guided = negative + SCALE * (prompt - negative)
                latents = scheduler.step(guided, t, latents, return_dict=False)[0]
            scaled = (latents / 0.18215).to(torch.bfloat16)
            return vae.decode(scaled, return_dict=False)[0].float().cpu()

        first_s, best_s = timed(paint)
        results[batch] = {"pictures_a_s": batch / best_s, "first_s": first_s}
    return {"batches": results, "torch": torch.__version__}


def configuration(model: str, *, tiny: bool) -> dict[str, Any]:
    """Returns a U-Net's settings; tiny ones try the program itself."""
    config = dict(UNETS[model].config)
    if tiny:
        levels = len(config["block_out_channels"])
        config |= {"block_out_channels": [32] * levels, "sample_size": 8}
        config |= {"attention_head_dim": 4, "norm_num_groups": 8}
    return config


def side(name: str, model: str, options: argparse.Namespace) -> dict[str, Any] | None:
    """Runs one side in a process of its own; None where it cannot run."""
    command = [sys.executable, "-m", "benchmarks.gpu", "--side", name]
    command += ["--models", model, "--torch-mode", options.torch_mode]
    command += ["--batches", *map(str, options.batches)]
    if options.tiny:
        command.append("--tiny")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        print(f"{model}, {name}: {last}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def as_text(reports: dict[str, Any]) -> str:
    """Returns a table, a row a model and batch."""
    head = "| model | batch | ours, pictures/s | PyTorch | ours ÷ PyTorch | "
    head += "share of the card's rate | ours first, s | PyTorch first, s |"
    lines = [head, "|" + "---|" * 8]
    for model, (ours, theirs) in reports.items():
        for batch, mine in (ours or {}).get("batches", {}).items():
            other = (theirs or {}).get("batches", {}).get(batch, {})
            rate = other.get("pictures_a_s")
            share = mine["flops_a_s"] / ours["matrix_flops_a_s"]
            cells = (
                UNETS[model].title,
                batch,
                f"{mine['pictures_a_s']:.3f}",
                f"{rate:.3f}" if rate else "–",
                f"{mine['pictures_a_s'] / rate:.2f}" if rate else "–",
                f"{share:.0%}",
                f"{mine['first_s']:.0f}",
                f"{other['first_s']:.0f}" if other else "–",
            )
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> int:
    """Parses the command line, runs both sides, prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", choices=UNETS, default=list(UNETS))
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 4, 16])
    parser.add_argument(
        "--torch-mode", default="default", help="of torch.compile, as max-autotune"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--tiny", action="store_true", help="try the program, on any machine"
    )
    parser.add_argument("--side", choices=("jax", "torch"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        (model,) = options.models
        if options.side == "jax":
            result = jax_side(model, options.batches, tiny=options.tiny)
        else:
            mode = options.torch_mode
            result = torch_side(model, options.batches, mode=mode, tiny=options.tiny)
        print(json.dumps(result))
        return 0
    reports = {
        model: (side("jax", model, options), side("torch", model, options))
        for model in options.models
    }
    print(json.dumps(reports) if options.json else as_text(reports))
    return 0 if all(ours for ours, _ in reports.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
