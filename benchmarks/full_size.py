"""A full-size Stable Diffusion 1.5 of random weights, painted with on this machine.

    python -m benchmarks.full_size runs/random-sd15
    python -m benchmarks.full_size runs/random-sd15 --size 512 --steps 2 --json

Writes the folder, 2.1 GB in float16 and in the diffusers layout, unless it is there,
and runs `jaxsoundart paint` on it in a process of its own. Says how long that took,
stage by stage, and the most memory it held. The pictures are noise: what is shown is
that a checkpoint of this size opens, paints and fits.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import jax
import numpy as np

from benchmarks import published
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.config import TextConfig, UNetConfig, VAEConfig
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.settings import parse
from jaxsoundart.runtime import json_file, layout
from jaxsoundart.runtime.layout import save_params

FILES = {
    "text_encoder": "model.safetensors",
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
}
CONFIGS: dict[str, dict[str, Any]] = {
    "text_encoder": {"architectures": ["CLIPTextModel"], **published.TEXT},
    "unet": {"_class_name": "UNet2DConditionModel", **published.UNETS["sd15"].config},
    "vae": {"_class_name": "AutoencoderKL", **published.VAE},
    "scheduler": {
        "_class_name": "PNDMScheduler",
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "beta_start": 0.00085,
        "num_train_timesteps": 1000,
        "set_alpha_to_one": False,
        "skip_prk_steps": True,
        "steps_offset": 1,
    },
}
INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "scheduler": ["diffusers", "PNDMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def write(folder: Path) -> None:
    """Writes the checkpoint; its weights keep signals from growing and from dying."""
    text = {**CONFIGS["text_encoder"], "projection_dim": 0}
    parts = {
        "text_encoder": TextEncoder(parse(TextConfig, text, "text")),
        "unet": UNet(parse(UNetConfig, CONFIGS["unet"], "unet")),
        "vae": VAE(parse(VAEConfig, CONFIGS["vae"], "vae")),
    }
    for part, like in abstract_params(parts).items():
        params = jax.tree_util.tree_map_with_path(_draw, like)
        save_params(folder / part / FILES[part], params, np.float16)
        json_file.write(folder / part / "config.json", CONFIGS[part])
    json_file.write(folder / "scheduler/scheduler_config.json", CONFIGS["scheduler"])
    _write_tokenizer(folder / "tokenizer")
    # Last: its presence says that the rest is there.
    json_file.write(folder / "model_index.json", INDEX)


def _draw(path: Any, leaf: Any) -> np.ndarray:
    names = tuple(str(key.key) for key in path)
    seed = zlib.crc32(layout.published_name(names).encode())
    values = np.random.default_rng(seed).standard_normal(leaf.shape, np.float32)
    fan_in = leaf.size // leaf.shape[-1] if len(leaf.shape) > 1 else 100
    return (values * fan_in**-0.5 + (names[-1] == "scale")).astype(np.float16)


def _write_tokenizer(folder: Path) -> None:
    """Writes as many tokens as CLIP has: bytes, ends of words, and numbers."""
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    count = published.TEXT["vocab_size"] - len(tokens) - 2
    tokens += [f"#{number}" for number in range(count)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    numbered = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(numbered), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")


def paint(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Returns what the command said, and the most memory it held, in bytes."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "jaxsoundart", "paint", "--json", "-o", out]
        command += ["--painter", str(folder), "--prompt", "a harbour at dusk"]
        command += ["--negative", "people", "--size", str(options.size)]
        command += ["--steps", str(options.steps)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"jaxsoundart paint ended with {status}: {said}")
    seconds = json.loads(said)["seconds"]
    return {"seconds": seconds, "peak_bytes": usage.ru_maxrss * 1024}


def main() -> int:
    """Parses the command line, writes, paints, prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=512, metavar="PX")
    parser.add_argument("--steps", type=int, default=2, metavar="N")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (options.folder / "model_index.json").exists():
        print(f"writing {options.folder}", file=sys.stderr)
        write(options.folder)
    figures = paint(options.folder, options)
    if options.json:
        print(json.dumps(figures))
        return 0
    stages = ", ".join(f"{name} {s:.1f}" for name, s in figures["seconds"].items())
    print(f"{options.size} px, {options.steps} steps; seconds: {stages}")
    print(f"most memory: {figures['peak_bytes'] / 1e9:.1f} GB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
