r"""Trains a listener: sigmoid units, cross-entropy, gradient descent.

    python -m train.listener --config=configs/listener_sigmoid.py \
        --table DIR --workdir runs/listener --export DIR

Learns from the table's part `train`, keeps the step with the least cross-entropy on
`valid`, fits the temperature there, and reports on `test`, which decides nothing. A
stopped run goes on where its last checkpoint left it, bit for bit.
"""

import argparse
import json
import runpy
import sys
from pathlib import Path

import numpy as np

from jaxsoundart.errors import ArgumentError, SoundArtError
from jaxsoundart.listen import bundle as bundles
from jaxsoundart.listen import calibration
from jaxsoundart.listen.bundle import Bundle
from jaxsoundart.listen.listener import Listener
from train import gtzan_table
from train.gtzan_table import Rows, Table
from train.listener_config import ListenerConfig
from train.listener_fit import fit


def train(config: ListenerConfig, table: Table, workdir: Path) -> Bundle:
    """Trains as the module says and returns the joined, calibrated listener."""
    parts, labels = table.parts, len(table.labels)
    chosen = fit(
        config,
        parts["train"],
        labels=labels,
        steps=config.steps,
        workdir=workdir,
        valid=parts["valid"],
    )
    temperature = calibration.best_temperature(
        chosen.logits(parts["valid"]), parts["valid"].targets
    )
    tensors = {
        f"{layer}.{kind}": np.asarray(tensor)
        for layer, kinds in chosen.network().items()
        for kind, tensor in kinds.items()
    }
    return Bundle(
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


def scores(bundle: Bundle, rows: Rows) -> dict[str, float]:
    """Returns accuracy, calibration error and cross-entropy of a bundle on rows."""
    heard = Listener(bundle, "unsaved").judge(rows.features)
    of_target = heard[np.arange(len(rows.targets)), rows.targets]
    return {
        "accuracy": float((heard.argmax(axis=1) == rows.targets).mean()),
        "calibration_error": calibration.expected_calibration_error(
            heard, rows.targets
        ),
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
        bundle = train(config, table, options.workdir)
        if options.export:
            bundles.write(options.export, bundle)
    except SoundArtError as error:
        print(f"train.listener: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps({"test": scores(bundle, table.parts["test"])}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
