r"""Trains a listener: sigmoid units, cross-entropy, gradient descent.

    python -m train.listener --config=configs/listener_sigmoid.py \
        --table DIR --workdir runs/listener --export DIR

Learns from the table's parts `train` and `valid`, fits the temperature on what
networks that did not know the artist say of them (cross-validation), and reports on
`test`, which decides nothing. A stopped run goes on where its last checkpoint left it,
bit for bit.
"""

import argparse
import json
import runpy
import sys
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from jaxsoundart.errors import ArgumentError, SoundArtError
from jaxsoundart.listen import bundle as bundles
from jaxsoundart.listen import calibration
from jaxsoundart.listen.bundle import Bundle
from jaxsoundart.listen.listener import Listener
from train import gtzan_table
from train.folds import artist_folds
from train.gtzan_table import Rows, Table
from train.listener_config import ListenerConfig
from train.listener_fit import fit


def cross_validate(
    config: ListenerConfig, rows: Rows, *, labels: int, workdir: Path
) -> Float[np.ndarray, "rows labels"]:
    """Returns the logits of each row by a network that does not know its artist."""
    logits = np.zeros((len(rows.targets), labels))
    folds = artist_folds(rows.targets, rows.groups, count=config.folds)
    for number, held in enumerate(folds):
        chosen = fit(
            config,
            rows[~held],
            labels=labels,
            steps=config.steps,
            workdir=workdir / f"fold_{number}",
        )
        logits[held] = chosen.logits(rows[held])
    return logits


def train(
    config: ListenerConfig, table: Table, workdir: Path
) -> tuple[Bundle, dict[str, float]]:
    """Trains as the module says.

    Returns:
        The joined, calibrated listener, and the scores of cross-validation.
    """
    rows, labels = table.parts["train"] + table.parts["valid"], len(table.labels)
    logits = cross_validate(config, rows, labels=labels, workdir=workdir)
    temperature = calibration.best_temperature(logits, rows.targets)
    chosen = fit(
        config, rows, labels=labels, steps=config.steps, workdir=workdir / "all"
    )
    tensors = {
        f"{layer}.{kind}": np.asarray(tensor)
        for layer, kinds in chosen.network().items()
        for kind, tensor in kinds.items()
    }
    bundle = Bundle(
        name=config.name,
        head="genre",
        labels=table.labels,
        hidden=tuple(units * config.members for units in config.hidden),
        tensors=tensors
        | {
            "features.mean": chosen.scale.mean,
            "features.std": chosen.scale.std,
            "temperature": np.array(temperature),
        },
    )
    said = np.exp(logits / temperature)
    return bundle, scores(said / said.sum(axis=1, keepdims=True), rows.targets)


def scores(
    heard: Float[np.ndarray, "rows labels"], targets: Int[np.ndarray, " rows"]
) -> dict[str, float]:
    """Returns accuracy, calibration error and cross-entropy of probabilities."""
    of_target = heard[np.arange(len(targets)), targets]
    return {
        "accuracy": float((heard.argmax(axis=1) == targets).mean()),
        "calibration_error": calibration.expected_calibration_error(heard, targets),
        "cross_entropy": float(-np.log(of_target).mean()),
    }


def _read_config(path: Path) -> ListenerConfig:
    if not path.is_file():
        raise ArgumentError(f"--config {path} is no file; see configs/listener_*.py")
    return runpy.run_path(str(path))["get_config"]()


def main(arguments: list[str] | None = None) -> int:
    """Parses the command line, trains, exports, reports."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--table", type=Path, required=True, metavar="DIR")
    parser.add_argument("--workdir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write the bundle")
    options = parser.parse_args(arguments)
    try:
        config = _read_config(options.config)
        table = gtzan_table.read(options.table)
        bundle, cross_validation = train(config, table, options.workdir)
        if options.export:
            bundles.write(options.export, bundle)
    except SoundArtError as error:
        print(f"train.listener: {error}", file=sys.stderr)
        return error.exit_code
    test = table.parts["test"]
    heard = Listener(bundle, "unsaved").judge(test.features)
    said = {"cross_validation": cross_validation, "test": scores(heard, test.targets)}
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
