"""Begins a run with parts that were trained before, instead of with nothing.

    python -m train.begin --config=configs/painter_small.py --workdir=runs/small PAINTER

PAINTER is a folder in the diffusers layout, whole or in part. Stages whose part lies
there count as done, but for the denoiser's: with a text encoder and a U-Net it begins
anew from their weights, which trains a painter further.
"""

import argparse
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from jaxsoundart.errors import ModelError, SoundArtError
from jaxsoundart.paint.checkpoints.checkpoint import find_weights, load_params
from jaxsoundart.runtime.checkpoint import Checkpoints
from train import autoencoder, denoiser, reader, upscaler
from train.painter_config import PainterConfig


def begin(config: PainterConfig, workdir: Path, painter: Path) -> list[str]:
    """Writes the checkpoints that a run goes on from.

    Args:
        config: The run.
        workdir: Where its stages lie; there must be none yet.
        painter: A folder with parts of a painter.

    Returns:
        The parts that were found.

    Raises:
        ModelError: There are none, a part does not fit the config, or the run has
            begun already.
    """
    if any(workdir.glob("*/*")):
        raise ModelError(f"{workdir} holds a run already; name an empty folder")
    stages = (
        ("autoencoder", config.autoencoder.steps, autoencoder.create, ("vae",)),
        ("upscaler", config.enlargement.steps, upscaler.create, ("upscaler",)),
        ("reader", config.reader.steps, reader.create, ("text_encoder",)),
        ("denoiser", 0, denoiser.create, ("text_encoder", "unet")),
    )
    found: list[str] = []
    for stage, step, create, parts in stages:
        if not all((painter / part).is_dir() for part in parts):
            continue
        state = create(config)
        params = state.train.params
        # A stage of one network has its parameters alone, others have them by part.
        nested = parts[0] in params
        tree = params if nested else {parts[0]: params}
        read = {part: _read(painter / part, tree[part]) for part in parts}
        params = {**tree, **read} if nested else read[parts[0]]
        train = state.train.replace(params=params)
        # A copy: where a run goes on both are donated.
        mean = jax.tree.map(jnp.copy, params)
        Checkpoints(workdir / stage).save(step, state.replace(train=train, mean=mean))
        found += [part for part in parts if part not in found]
    if not found:
        raise ModelError(f"{painter} holds no part of a painter")
    if (painter / "tokenizer").is_dir():
        shutil.copytree(painter / "tokenizer", workdir / "tokenizer")
    return found


def _read(folder: Path, like: Any) -> Any:
    return load_params(find_weights(folder), like, jnp.float32)


def main() -> int:
    """Parses the command line, begins, says with what."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("painter", type=Path, metavar="PAINTER")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--workdir", type=Path, required=True)
    options = parser.parse_args()
    config = runpy.run_path(str(options.config))["get_config"]()
    try:
        found = begin(config, options.workdir, options.painter)
    except SoundArtError as error:
        print(f"train.begin: {error}", file=sys.stderr)
        return error.exit_code
    print(f"begins with {', '.join(found)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
