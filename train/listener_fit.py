"""Gradient descent on a table's rows, resumable: what `train.listener` runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Int

from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen import classifier, features
from jaxsoundart.listen.classifier import Params, SigmoidClassifier, cross_entropy
from jaxsoundart.runtime.checkpoint import Checkpoints
from jaxsoundart.runtime.logbook import Logbook
from jaxsoundart.runtime.train_state import TrainState
from train.gtzan_table import Rows
from train.listener_config import ListenerConfig
from train.whitening import clip_weights, within_labels


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How rows of features are brought to the network while it learns.

    Attributes:
        mean: Of the training rows, spread.
        std: Of the same.
        whitening: Of each member, over the columns it sees, 0 for the others; see
            `whitening.within_labels`.
    """

    mean: features.FeatureRow
    std: features.FeatureRow
    whitening: Float32[np.ndarray, "members features features"]

    @classmethod
    def of(cls, config: ListenerConfig, rows: Rows) -> "Scale":
        """Returns the scale of the rows to learn from."""
        spread = features.spread(rows.features)
        mean, std = spread.mean(axis=0), spread.std(axis=0)
        inputs = features.standardise(rows.features, mean, std)
        weights = clip_weights(rows.targets, rows.groups)
        generator = np.random.default_rng(config.seed)
        num_columns = round(config.columns_share * inputs.shape[1])
        whitening = np.zeros((config.members, *2 * inputs.shape[1:]), np.float32)
        for member in range(config.members):
            columns = np.sort(generator.permutation(inputs.shape[1])[:num_columns])
            whitening[member][np.ix_(columns, columns)] = within_labels(
                inputs[:, columns], rows.targets, weights, shrinkage=config.shrinkage
            )
        return cls(mean=mean, std=std, whitening=whitening)

    def standardise(self, rows: Rows) -> Float[np.ndarray, "rows features"]:
        """Returns standardised rows, not yet whitened."""
        return features.standardise(rows.features, self.mean, self.std)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What a run of gradient descent came to.

    Attributes:
        params: Of all members, each leaf with a leading axis of members.
        scale: Of the rows it learnt from.
    """

    params: Any
    scale: Scale

    def logits(self, rows: Rows) -> Float[np.ndarray, "rows labels"]:
        """Returns the mean of the members' logits."""
        inputs = self.scale.standardise(rows)
        params = self._unwhitened()
        return np.asarray(_members_mean(params, inputs), np.float64)

    def network(self) -> Params:
        """Returns the members joined into one network."""
        return classifier.join(self._unwhitened())

    def _unwhitened(self) -> Params:
        """Returns the members' parameters for inputs that are not whitened.

        The whitening is linear, as is the way into the first layer: one matrix does
        both.
        """
        first = self.params["hidden_0"]
        kernel = jnp.asarray(self.scale.whitening) @ first["kernel"]
        return {**self.params, "hidden_0": {**first, "kernel": kernel}}


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
    """Returns the compiled update (state, inputs, targets, key) → (state, loss).

    Args:
        config: The run.
        whitening: Of each member, applied to its inputs after the noise.
    """
    optimiser = config.optimiser()

    def loss_of(params: Any, inputs: Array, targets: Array) -> Array:
        """Returns the loss of one member."""
        logits = classifier.logits(params, inputs)
        kernels = [layer["kernel"] for layer in params.values()]
        decay = 0.5 * sum(jnp.sum(kernel**2) for kernel in kernels)
        return cross_entropy(logits, targets).mean() + config.weight_decay * decay

    @jax.jit
    def step(
        state: TrainState,
        inputs: Float[Array, "members batch features"],
        targets: Float[Array, "members batch labels"],
        key: Array,
    ) -> tuple[TrainState, Array]:
        noise = jax.random.normal(jax.random.fold_in(key, state.step), inputs.shape)
        seen = (inputs + config.jitter_std * noise) @ whitening
        losses, grads = jax.vmap(jax.value_and_grad(loss_of))(
            state.params, seen, targets
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
) -> Fit:
    """Descends for `steps` updates, or goes on with what `workdir` holds.

    Args:
        config: The run.
        rows: To learn from.
        labels: How many labels there are.
        steps: Updates.
        workdir: Of checkpoints and logbook.

    Raises:
        ArgumentError: If `workdir` holds a longer run.
        ModelError: If it holds a run of another network or table.
    """
    scale = Scale.of(config, rows)
    inputs = scale.standardise(rows)
    # -Σ t log p is linear in t: a weighted target is a weighted example.
    weights = clip_weights(rows.targets, rows.groups)[:, None]
    targets = (weights * np.eye(labels)[rows.targets]).astype(np.float32)
    key, init_key = jax.random.split(jax.random.key(config.seed))
    network = SigmoidClassifier(config.hidden, labels)
    params = jax.vmap(lambda key: network.init(key, jnp.asarray(inputs[:1]))["params"])(
        jax.random.split(init_key, config.members)
    )
    state = TrainState.create(params, config.optimiser())
    checkpoints, logbook = Checkpoints(workdir), Logbook(workdir)
    start = checkpoints.latest_step() or 0
    if start > steps:
        raise ArgumentError(
            f"{workdir} holds a run of {start} steps, more than the {steps} asked for; "
            "give another --workdir"
        )
    if start:
        state = checkpoints.restore(start, state)
    take_step = make_step(config, scale.whitening)

    for step in range(start, steps):
        chosen = batch_rows(
            seed=config.seed,
            step=step,
            members=config.members,
            count=len(inputs),
            batch_size=config.batch_size,
        )
        state, loss = take_step(state, inputs[chosen], targets[chosen], key)
        done = step + 1
        if done % config.save_every == 0 or done == steps:
            checkpoints.save(done, state)
            logbook.write(step=done, loss=loss)
    return Fit(params=state.params, scale=scale)


@jax.jit
def _members_mean(params: Any, inputs: Array) -> Array:
    return jax.vmap(classifier.logits, in_axes=(0, None))(params, inputs).mean(axis=0)
