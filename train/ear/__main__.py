r"""Teaches an ear from records: several heads on one network.

    python -m train.ear --config=configs/ear_sounds.py --records DIR [DIR ...] \
        --workdir runs/sounds --export DIR

Learns from the part `train`, keeps the weights that are best on `valid`, fits
temperatures and thresholds there, and reports on `test`, which decides nothing. A
stopped run goes on where its last checkpoint left it, bit for bit. On several hosts
(`--multihost`) every process runs the same command.
"""

import argparse
import json
import runpy
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from jaxsoundart.errors import ArgumentError, SoundArtError
from jaxsoundart.listen import ear_file
from jaxsoundart.listen.ear_file import EarFile
from jaxsoundart.listen.heads import Head
from jaxsoundart.runtime.mesh import DATA, data_mesh, replicated
from train import best, stage
from train.ear import batches, judging, learning
from train.ear.config import EarConfig
from train.ear.judging import Said
from train.optimiser import Averaged, adamw

Folders = tuple[Path, ...]


def train(config: EarConfig, folders: Folders, workdir: Path) -> tuple[Head, ...]:
    """Runs what is left of a run; returns its heads, calibrated on `valid`."""
    mesh = data_mesh()
    if config.optimisation.batch % mesh.size:
        raise ArgumentError(
            f"batch {config.optimisation.batch} does not divide over {mesh.size} "
            f"devices; use a multiple of {mesh.size}"
        )
    heads = batches.find_heads(config, folders)
    data = batches.training(
        config,
        heads,
        folders,
        process=jax.process_index(),
        processes=jax.process_count(),
    )
    valid = [record for folder in folders for record in batches.sounds(folder, "valid")]
    split = NamedSharding(mesh, PartitionSpec(DATA))
    optimiser = adamw(config.optimisation)
    key = jax.random.key(config.seed + 1)

    def batch(step: int) -> Mapping[str, Any]:
        mine = data[step]
        assert mine is not None  # Grain gives None where it filters; we do not
        return {
            name: jax.make_array_from_process_local_data(split, np.asarray(values))
            for name, values in mine.items()
        }

    def update(state: Averaged, given: Any) -> tuple[Averaged, stage.Metrics]:
        return learning.train_step(config, heads, optimiser, state, given, key)

    def score(params: Any) -> Mapping[str, float]:
        said = ask(config, heads, _here(params), valid)
        return {"mean": judging.headline(said)} | {
            f"{name} {figure}": value
            for name, one in said.items()
            for figure, value in judging.scores(one).items()
        }

    stage.run(
        workdir / "ear",
        config.optimisation,
        lambda: replicated(learning.create(config, heads), mesh),
        batch,
        update,
        judge=best.Judge(score, "mean", config.evaluate_every, config.patience),
    )
    said = ask(config, heads, trained(config, heads, workdir), valid)
    return tuple(
        judging.calibrated(said[h.name]) if h.name in said else h for h in heads
    )


def ask(
    config: EarConfig, heads: tuple[Head, ...], params: Any, records: Iterable[bytes]
) -> Mapping[str, Said]:
    """Returns what a run's network says of sounds."""
    length = config.window_samples
    return judging.ask(config.network, heads, params, records, length)


def trained(config: EarConfig, heads: tuple[Head, ...], workdir: Path) -> Any:
    """Returns the best parameters of a run, on this process's first device."""
    everywhere = NamedSharding(data_mesh(), PartitionSpec())
    like = stage.abstract(lambda: learning.create(config, heads).mean, everywhere)
    return _here(best.restore(workdir / "ear", like))


def _here(params: Any) -> Any:
    """Returns parameters that lie whole on every device, on this process's first."""
    return jax.tree.map(lambda leaf: leaf.addressable_data(0), params)


def main(arguments: list[str] | None = None) -> int:
    """Parses the command line, trains, exports, reports."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--records", type=Path, required=True, nargs="+", metavar="DIR", action="extend"
    )
    parser.add_argument("--workdir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write the bundle")
    parser.add_argument(
        "--multihost", action="store_true", help="one of several processes"
    )
    options = parser.parse_args(arguments)
    try:
        if not options.config.is_file():
            raise ArgumentError(
                f"--config {options.config} is no file; see configs/ear_*.py"
            )
        if options.multihost:
            jax.distributed.initialize()
        config = runpy.run_path(str(options.config))["get_config"]()
        folders = tuple(options.records)
        heads = train(config, folders, options.workdir)
        params = trained(config, heads, options.workdir)
        if options.export and jax.process_index() == 0:
            ear = EarFile(
                name=config.name,
                config=config.network,
                heads=heads,
                window_s=config.window_s,
                params=params,
            )
            ear_file.write(options.export, ear)
    except SoundArtError as error:
        print(f"train.ear: {error}", file=sys.stderr)
        return error.exit_code
    test = [r for folder in folders for r in batches.sounds(folder, "test")]
    said = ask(config, heads, params, test)
    if jax.process_index() == 0:
        print(json.dumps({name: judging.scores(one) for name, one in said.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
