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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from jaxsoundart.errors import SoundArtError
from jaxsoundart.listen import bundle as bundles
from jaxsoundart.listen import calibration, classifier, features
from jaxsoundart.listen.bundle import Bundle
from jaxsoundart.listen.classifier import SigmoidClassifier, cross_entropy, join
from jaxsoundart.listen.listener import Listener
from jaxsoundart.runtime.checkpoint import Checkpoints
from jaxsoundart.runtime.logbook import Logbook
from jaxsoundart.runtime.train_state import TrainState
from train import gtzan_table
from train.gtzan_table import Rows, Table
from train.listener_config import ListenerConfig


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What a run of gradient descent came to.

    Attributes:
        params: Of all members, each leaf with a leading axis of members.
        step: After how many updates.
        mean: Of the features it learnt from.
        std: Of the same.
    """

    params: Any
    step: int
    mean: features.FeatureRow
    std: features.FeatureRow

    def logits(self, rows: Rows) -> Float[np.ndarray, "rows labels"]:
        """Returns the mean of the members' logits."""
        inputs = features.standardise(rows.features, self.mean, self.std)
        return _mean_logits(self.params, inputs)


def batch_rows(
    *, seed: int, step: int, members: int, count: int, batch_size: int
) -> Int[np.ndarray, "members batch"]:
    """Returns which of `count` rows each member learns from in `step`.

    Each member goes through all rows in an order of its own, then again in another.
    That order follows from the arguments alone: where a run stands in its data is its
    step, and a checkpoint need not say more.
    """
    places = step * batch_size + np.arange(batch_size)
    epochs = places // count

    def order(member: int, epoch: int) -> np.ndarray:
        return np.random.default_rng((seed, member, epoch)).permutation(count)

    return np.stack(
        [
            np.concatenate(
                [
                    order(member, epoch)[places[epochs == epoch] % count]
                    for epoch in range(epochs[0], epochs[-1] + 1)
                ]
            )
            for member in range(members)
        ]
    )


def make_step(config: ListenerConfig) -> Callable[..., tuple[TrainState, Array]]:
    """Returns the compiled update: (state, inputs, one_hot, key) → (state, loss)."""
    optimiser = config.optimiser()

    def loss_of(params: Any, inputs: Array, one_hot: Array) -> Array:
        logits = classifier.logits(params, inputs)
        kernels = [layer["kernel"] for layer in params.values()]
        decay = 0.5 * sum(jnp.sum(kernel**2) for kernel in kernels)
        return cross_entropy(logits, one_hot).mean() + config.weight_decay * decay

    @jax.jit
    def step(
        state: TrainState,
        inputs: Float[Array, "members batch features"],
        one_hot: Float[Array, "members batch labels"],
        key: Array,
    ) -> tuple[TrainState, Array]:
        noise = jax.random.normal(jax.random.fold_in(key, state.step), inputs.shape)
        losses, grads = jax.vmap(jax.value_and_grad(loss_of))(
            state.params, inputs + config.jitter_std * noise, one_hot
        )
        return state.updated(grads, optimiser), losses.mean()

    return step


def fit(
    config: ListenerConfig,
    rows: Rows,
    *,
    labels: int,
    steps: int,
    workdir: Path,
    valid: Rows | None = None,
) -> Fit:
    """Descends for `steps` updates, or goes on with what `workdir` holds.

    Args:
        config: The run.
        rows: To learn from.
        labels: How many labels there are.
        steps: Updates.
        workdir: Of checkpoints and logbook.
        valid: If given, the step with the least cross-entropy here is returned instead
            of the last.
    """
    spread = features.spread(rows.features)
    mean, std = spread.mean(axis=0), spread.std(axis=0)
    inputs = features.standardise(rows.features, mean, std)
    one_hot = np.eye(labels, dtype=np.float32)[rows.targets]
    key, init_key = jax.random.split(jax.random.key(config.seed))
    network = SigmoidClassifier(config.hidden, labels)
    params = jax.vmap(lambda key: network.init(key, inputs[:1])["params"])(
        jax.random.split(init_key, config.members)
    )
    state = TrainState.create(params, config.optimiser())
    run = {"state": state, "best": params, "best_step": 0, "best_loss": np.inf}
    checkpoints, logbook = Checkpoints(workdir), Logbook(workdir)
    resumed = checkpoints.latest_step()
    if resumed is not None:
        run = checkpoints.restore(resumed, run)
    take_step, loss = make_step(config), None

    for done in range(resumed or 0, steps + 1):
        if done != resumed and (done % config.evaluate_every == 0 or done == steps):
            if valid is not None:
                run |= _better(run, mean, std, valid, done)
            checkpoints.save(done, run)
            if loss is not None:
                logbook.write(step=done, loss=loss, best_valid_loss=run["best_loss"])
        if done >= steps:
            break
        chosen = batch_rows(
            seed=config.seed,
            step=done,
            members=config.members,
            count=len(inputs),
            batch_size=config.batch_size,
        )
        run["state"], loss = take_step(
            run["state"], inputs[chosen], one_hot[chosen], key
        )
    if valid is None:
        return Fit(params=run["state"].params, step=done, mean=mean, std=std)
    return Fit(params=run["best"], step=run["best_step"], mean=mean, std=std)


def train(config: ListenerConfig, table: Table, workdir: Path) -> Bundle:
    """Trains as the module says and returns the joined, calibrated listener."""
    parts, labels = table.parts, len(table.labels)
    chosen = fit(
        config,
        parts["train"],
        labels=labels,
        steps=config.steps,
        workdir=workdir / "select",
        valid=parts["valid"],
    )
    temperature = calibration.best_temperature(
        chosen.logits(parts["valid"]), parts["valid"].targets
    )
    if config.refit:
        both = parts["train"] + parts["valid"]
        epochs = chosen.step * config.batch_size / len(parts["train"].targets)
        chosen = fit(
            config,
            both,
            labels=labels,
            steps=round(epochs * len(both.targets) / config.batch_size),
            workdir=workdir / "refit",
        )
    tensors = {
        f"{layer}.{kind}": np.asarray(tensor)
        for layer, kinds in join(chosen.params).items()
        for kind, tensor in kinds.items()
    }
    return Bundle(
        name=config.name,
        head="genre",
        labels=table.labels,
        hidden=tuple(units * config.members for units in config.hidden),
        tensors=tensors
        | {
            "features.mean": chosen.mean,
            "features.std": chosen.std,
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


def _better(
    run: dict[str, Any],
    mean: features.FeatureRow,
    std: features.FeatureRow,
    valid: Rows,
    step: int,
) -> dict[str, Any]:
    """Returns what is new in `run` where its parameters are the best so far."""
    now = Fit(params=run["state"].params, step=step, mean=mean, std=std)
    loss = calibration.mean_cross_entropy(now.logits(valid), valid.targets)
    if loss >= run["best_loss"]:
        return {}
    return {"best": now.params, "best_step": step, "best_loss": loss}


@jax.jit
def _members_mean(params: Any, inputs: Array) -> Array:
    return jax.vmap(classifier.logits, in_axes=(0, None))(params, inputs).mean(axis=0)


def _mean_logits(params: Any, inputs: np.ndarray) -> np.ndarray:
    return np.asarray(_members_mean(params, jnp.asarray(inputs)), np.float64)


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
    config = runpy.run_path(str(options.config))["get_config"]()
    try:
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
