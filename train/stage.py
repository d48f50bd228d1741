"""A stage of training: batch, step, log, judge, save; stopped anywhere, it goes on."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.sharding import Sharding, SingleDeviceSharding

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime.checkpoint import Checkpoints
from jaxsoundart.runtime.logbook import Logbook
from train.best import Best, Judge
from train.optimiser import Averaged, Optimisation
from train.progress import Progress

Metrics = dict[str, jax.Array]


def run(
    folder: Path,
    settings: Optimisation,
    begin: Callable[[], Averaged],
    batch: Callable[[int], Any],
    update: Callable[[Averaged, Any], tuple[Averaged, Metrics]],
    *,
    headline: str = "loss",
    judge: Judge | None = None,
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
        judge: Scores the averaged weights now and then; the best are kept beside the
            newest, and the stage ends where they have not been bettered for long.

    Raises:
        ModelError: The headline is no finite number any more.
    """
    state = begin()
    checkpoints, logbook = Checkpoints(folder), Logbook(folder)
    start = checkpoints.latest_step()
    if start is not None:
        state = checkpoints.restore(start, state)
    best = Best(folder, judge, start or 0) if judge else None
    progress = Progress(folder.name, start or 0, settings.steps)
    gathered: list[Metrics] = []
    for step in range(start or 0, settings.steps):
        if best and best.past(step):
            return
        state, metrics = update(state, batch(step))
        gathered.append(metrics)
        done = step + 1
        if done % settings.log_every == 0:
            means = {
                name: float(np.mean([one[name] for one in gathered]))
                for name in gathered[0]
            }
            gathered.clear()
            if not math.isfinite(means[headline]):
                raise ModelError(
                    f"{folder.name}: {headline} is {means[headline]} at step {done}; "
                    f"the run goes on from step {checkpoints.latest_step() or 0} with "
                    "a lower peak_rate"
                )
            logbook.write(step=done, **means)
            progress.say(done, f"{headline} {means[headline]:.4f}")
        if best and done % best.judge.every == 0:
            scores = best.consider(done, state.mean)
            logbook.write(step=done, judged=scores)
            progress.say(done, ", ".join(f"{n} {s:.3f}" for n, s in scores.items()))
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
    return checkpoints.restore(step, abstract(begin)).mean


def abstract(begin: Callable[[], Any], sharding: Sharding | None = None) -> Any:
    """Returns the shapes of a state without making it, as a restore wants them.

    Args:
        begin: Would make it.
        sharding: Where its leaves are to lie; on the first device unless given.
    """
    sharding = sharding or SingleDeviceSharding(jax.devices()[0])
    return jax.tree.map(
        lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding),
        jax.eval_shape(begin),
    )
