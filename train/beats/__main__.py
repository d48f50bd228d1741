r"""Teaches the network that hears beats, bars and drops.

    python -m train.beats --config=configs/beats.py --workdir runs/beats \
        --fonts FluidR3_GM.sf2 MuseScore_General.sf2 GMbank.sf2 --export DIR

Pieces of the studio are rendered first, and kept in the workdir; a stopped run goes on.
How well it hears is told by `python -m benchmarks.rendered`.
"""

import argparse
import json
import runpy
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxsoundart.errors import ArgumentError, SoundArtError
from jaxsoundart.sound import beat_network
from jaxsoundart.sound.beat_model import BeatModel
from train import stage
from train.beats import corpus, learning
from train.beats.config import BeatRun
from train.beats.corpus import Known
from train.optimiser import Averaged, adamw


def train(config: BeatRun, pieces: Sequence[Known], workdir: Path) -> None:
    """Runs what is left of a run."""
    optimiser = adamw(config.optimisation)

    def update(state: Averaged, given: Any) -> tuple[Averaged, stage.Metrics]:
        return learning.train_step(config, optimiser, state, given)

    stage.run(
        workdir / "network",
        config.optimisation,
        lambda: learning.create(config),
        lambda step: learning.batch(config, pieces, step),
        update,
    )


def judge(config: BeatRun, params: Any, pieces: Sequence[Known]) -> Mapping[str, float]:
    """Returns the mean cross-entropy of each event over the beginnings of pieces."""
    losses = []
    for known in pieces:
        levels, targets = learning.excerpt(known, 0.0, 1.0, config.frames)
        given = {"levels": jnp.asarray(levels)[None], "targets": targets[None]}
        losses.append(np.asarray(learning.losses_of(config, params, given)))
    return dict(zip(beat_network.EVENTS, map(float, np.mean(losses, 0)), strict=True))


def main(arguments: list[str] | None = None) -> int:
    """Parses the command line, trains, exports."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--workdir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--fonts", type=Path, nargs="+", required=True)
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write the weights")
    options = parser.parse_args(arguments)
    try:
        if not options.config.is_file():
            raise ArgumentError(
                f"--config {options.config} is no file; see configs/beats.py"
            )
        config = runpy.run_path(str(options.config))["get_config"]()
        collect = partial(
            corpus.collect,
            fonts=options.fonts,
            folder=options.workdir / "pieces",
            workers=options.workers,
        )
        valid = collect("valid", config.valid_pieces)
        pieces = collect("train", config.pieces)
        train(config, pieces, options.workdir)
        params = stage.newest_mean(
            options.workdir / "network", lambda: learning.create(config)
        )
        if options.export:
            BeatModel(config.network, params).save(options.export)
    except SoundArtError as error:
        print(f"train.beats: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(judge(config, params, valid)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
