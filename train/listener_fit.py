"""Gradient descent on a table's rows, resumable: what `train.listener` runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from jaxsoundart.listen import calibration, classifier, features
from jaxsoundart.listen.classifier import SigmoidClassifier, cross_entropy
from jaxsoundart.runtime.checkpoint import Checkpoints
from jaxsoundart.runtime.logbook import Logbook
from jaxsoundart.runtime.train_state import TrainState
from train.gtzan_table import Rows
from train.listener_config import ListenerConfig
from train.whitening import within_groups


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How rows of features are brought to the network while it learns.

    Attributes:
        mean: Of the training rows, spread.
        std: Of the same.
        whitening: See `whitening.within_groups`.
    """

    mean: features.FeatureRow
    std: features.FeatureRow
    whitening: Float[np.ndarray, "features features"]

    @classmethod
    def of(cls, rows: Rows, *, shrinkage: float) -> "Scale":
        """Returns the scale of the rows to learn from."""
        spread = features.spread(rows.features)
        mean, std = spread.mean(axis=0), spread.std(axis=0)
        inputs = features.standardise(rows.features, mean, std)
        whitening = within_groups(inputs, rows.groups, shrinkage=shrinkage)
        return cls(mean=mean, std=std, whitening=whitening.astype(np.float32))

    def standardise(self, rows: Rows) -> Float[np.ndarray, "rows features"]:
        """Returns standardised rows, not yet whitened."""
        return features.standardise(rows.features, self.mean, self.std)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What a run of gradient descent came to.

    Attributes:
        params: Of all members, each leaf with a leading axis of members.
        step: After how many updates.
        scale: Of the rows it learnt from.
    """

    params: Any
    step: int
    scale: Scale

    def logits(self, rows: Rows) -> Float[np.ndarray, "rows labels"]:
        """Returns the mean of the members' logits."""
        inputs = self.scale.standardise(rows) @ self.scale.whitening
        return np.asarray(_members_mean(self.params, inputs), np.float64)

    def network(self) -> dict[str, dict[str, Array]]:
        """Returns the members joined into one network that takes unwhitened inputs.

        The whitening is linear, as is the way into the first layer: one matrix does
        both.
        """
        joined = classifier.join(self.params)
        first = joined["hidden_0"]
        return joined | {
            "hidden_0": first | {"kernel": self.scale.whitening @ first["kernel"]}
        }


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


def make_step(
    config: ListenerConfig, whitening: np.ndarray
) -> Callable[..., tuple[TrainState, Array]]:
    """Returns the compiled update (state, inputs, one_hot, key) → (state, loss).

    Args:
        config: The run.
        whitening: Applied to the inputs after the noise.
    """
    optimiser = config.optimiser()

    def loss_of(params: Any, inputs: Array, one_hot: Array) -> Array:
        """Returns the loss of one member."""
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
        seen = (inputs + config.jitter_std * noise) @ whitening
        losses, grads = jax.vmap(jax.value_and_grad(loss_of))(
            state.params, seen, one_hot
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
    scale = Scale.of(rows, shrinkage=config.shrinkage)
    inputs = scale.standardise(rows)
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
    take_step, loss = make_step(config, scale.whitening), None

    for done in range(resumed or 0, steps + 1):
        if done != resumed and (done % config.evaluate_every == 0 or done == steps):
            if valid is not None:
                run |= _better(run, scale, valid, done)
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
        return Fit(params=run["state"].params, step=done, scale=scale)
    return Fit(params=run["best"], step=run["best_step"], scale=scale)


def _better(
    run: dict[str, Any],
    scale: Scale,
    valid: Rows,
    step: int,
) -> dict[str, Any]:
    """Returns what is new in `run` where its parameters are the best so far."""
    now = Fit(params=run["state"].params, step=step, scale=scale)
    loss = calibration.mean_cross_entropy(now.logits(valid), valid.targets)
    if loss >= run["best_loss"]:
        return {}
    return {"best": now.params, "best_step": step, "best_loss": loss}


@jax.jit
def _members_mean(params: Any, inputs: Array) -> Array:
    return jax.vmap(classifier.logits, in_axes=(0, None))(params, inputs).mean(axis=0)
