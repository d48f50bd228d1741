"""A stage of training: batch, step, log, save; stopped anywhere, it goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime.checkpoint import Checkpoints
from jaxsoundart.runtime.logbook import Logbook
from train.optimiser import Averaged
from train.painter_config import Optimisation
from train.progress import report

Metrics = dict[str, jax.Array]


def run(
    folder: Path,
    settings: Optimisation,
    begin: Callable[[], Averaged],
    batch: Callable[[int], Any],
    update: Callable[[Averaged, Any], tuple[Averaged, Metrics]],
    *,
    headline: str = "loss",
) -> None:
    """Runs what is left of a stage.

    Args:
        folder: Of its checkpoints and its logbook; its name is the stage's.
        settings: How long, and how often what is saved and logged.
        begin: Returns the state before the first step.
        batch: Returns what a step learns from, the same for the same step, so that a
            run that was stopped equals one that was not.
        update: Returns the state after a step, and metrics.
        headline: The metric that is said while it runs.
    """
    state = begin()
    checkpoints, logbook = Checkpoints(folder), Logbook(folder)
    start = checkpoints.latest_step()
    if start is not None:
        state = checkpoints.restore(start, state)
    gathered: list[Metrics] = []
    for step in range(start or 0, settings.steps):
        state, metrics = update(state, batch(step))
        gathered.append(metrics)
        done = step + 1
        if done % settings.log_every == 0:
            names = gathered[0]
            means = {
                name: float(np.mean([one[name] for one in gathered])) for name in names
            }
            gathered.clear()
            logbook.write(step=done, **means)
            report(folder.name, done, settings.steps, means[headline])
        if done % settings.save_every == 0 or done == settings.steps:
            checkpoints.save(done, state)


def newest_mean(folder: Path, begin: Callable[[], Averaged]) -> Any:
    """Returns the averaged parameters of a stage's newest checkpoint.

    Raises:
        ModelError: The stage has not been run.
    """
    checkpoints = Checkpoints(folder)
    step = checkpoints.latest_step()
    if step is None:
        raise ModelError(f"{folder} holds no checkpoint; run this stage first")
    # A restore wants shapes with a sharding, not values.
    sharding = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    like = jax.tree.map(
        lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding),
        jax.eval_shape(begin),
    )
    return checkpoints.restore(step, like).mean
