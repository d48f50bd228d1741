"""Trains a small Stable Diffusion on the gallery: autoencoder, words, denoiser.

    python -m train.painter --config=configs/painter_small.py --workdir=runs/painter

Each stage resumes where it was stopped; `--export DIR` writes the bundle.
"""

import argparse
import runpy
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from jaxsoundart.paint.vae import VAE
from jaxsoundart.runtime.checkpoint import Checkpoints
from jaxsoundart.runtime.logbook import Logbook
from train.autoencoder import train_step as autoencoder_step
from train.corpus import draw_chunk
from train.optimiser import Averaged, adamw
from train.painter_config import PainterConfig


def train_autoencoder(config: PainterConfig, workdir: Path) -> None:
    """Runs the first stage: pictures to latents and back."""
    settings, folder = config.autoencoder, workdir / "autoencoder"
    key = jax.random.key(config.corpus.seed)
    init_key, step_key = jax.random.split(key)
    pixels = jnp.zeros((1, config.crop_px, config.crop_px, 3))
    params = jax.jit(VAE(config.vae).init)(init_key, pixels)["params"]
    optimiser = adamw(settings)
    state = Averaged.create(params, optimiser)
    checkpoints, logbook = Checkpoints(folder), Logbook(folder)
    start = checkpoints.latest_step() or 0
    if start:
        state = checkpoints.restore(start, state)

    chunk_index, chunk = -1, None
    for step in range(start, settings.steps):
        # A fresh chunk every `save_every` steps: far more pictures than fit in memory.
        if chunk is None or step // settings.save_every != chunk_index:
            chunk_index = step // settings.save_every
            chunk = draw_chunk(config.corpus, chunk_index)
        generator = np.random.default_rng((config.corpus.seed, step))
        rows = generator.integers(len(chunk.images), size=settings.batch)
        state, losses = autoencoder_step(
            config, optimiser, state, chunk.images[rows], step_key
        )
        done = step + 1
        if done % settings.log_every == 0:
            logbook.write(step=done, **losses)
            _progress("autoencoder", done, settings.steps, losses["reconstruction"])
        if done % settings.save_every == 0 or done == settings.steps:
            checkpoints.save(done, state)


def _progress(stage: str, done: int, steps: int, loss: jax.Array) -> None:
    print(f"{stage}: step {done} of {steps}, loss {float(loss):.4f}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> None:
    """Parses the command line and runs the stages in order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--workdir", type=Path, required=True)
    options = parser.parse_args(arguments)
    config = runpy.run_path(str(options.config))["get_config"]()
    train_autoencoder(config, options.workdir)


if __name__ == "__main__":
    main()
