"""How networks learn: rates, optimisers, and the mean of weights that is kept."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import optax
import optax.contrib
from flax import struct

from jaxsoundart.runtime.train_state import TrainState

_SQUARES = 0.99
_ADAM_RMS = 0.2


@dataclass(frozen=True, kw_only=True)
class Optimisation:
    """How one network learns.

    The learning rate rises linearly, stays, and falls linearly to nothing over the last
    part of the run, so that a run may be lengthened before the fall has begun.

    Attributes:
        steps: Updates in all.
        batch: Examples a step.
        peak_rate: Highest learning rate.
        warmup_steps: Steps the rate rises.
        decay_share: Share of `steps` over which it falls.
        weight_decay: AdamW's decoupled decay.
        clip: Largest gradient norm.
        ema: Decay of the running mean of the weights, which is what is kept.
        save_every: Steps between checkpoints.
        log_every: Steps between lines of the logbook.
    """

    steps: int
    batch: int
    peak_rate: float
    warmup_steps: int = 100
    decay_share: float = 0.3
    weight_decay: float = 0.01
    clip: float = 1.0
    ema: float = 0.999
    save_every: int = 200
    log_every: int = 20


class Averaged(struct.PyTreeNode):
    """A training state and the running mean of its parameters.

    Attributes:
        train: Parameters and optimiser state.
        mean: Exponential moving average of the parameters; what is exported.
    """

    train: TrainState
    mean: Any

    @classmethod
    def create(cls, params: Any, optimiser: optax.GradientTransformation):
        """Returns the state before the first update; the mean starts at `params`."""
        # A copy: state buffers are donated, and one buffer cannot be donated twice.
        mean = jax.tree.map(jnp.copy, params)
        return cls(train=TrainState.create(params, optimiser), mean=mean)

    def updated(self, grads: Any, optimiser: optax.GradientTransformation, ema: float):
        """Returns the state one update further.

        Early means are short, (1 + n)/(10 + n), so that they forget the first weights.
        """
        train = self.train.updated(grads, optimiser)
        step = train.step.astype(jnp.float32)
        decay = jnp.minimum(ema, (1 + step) / (10 + step))
        mean = jax.tree.map(
            lambda old, new: old + (1 - decay) * (new - old), self.mean, train.params
        )
        return self.replace(train=train, mean=mean)


def adamw(config: Optimisation) -> optax.GradientTransformation:
    """Returns AdamW with warm-up, plateau, linear fall, and clipped gradients."""
    return optax.chain(
        optax.clip_by_global_norm(config.clip),
        optax.adamw(_rate(config), b2=_SQUARES, weight_decay=config.weight_decay),
    )


def muon(config: Optimisation) -> optax.GradientTransformation:
    """Returns Muon for kernels and NAdamW for the rest, with the rate of `adamw`.

    Muon makes every direction of a kernel's update as large as the others (Jordan et
    al. 2024). Updates are scaled to the size of AdamW's (Liu et al. 2025), so that one
    rate suits both; tables of embeddings are not maps of vectors and stay with Adam.
    """
    return optax.chain(
        optax.clip_by_global_norm(config.clip),
        optax.contrib.muon(
            _rate(config),
            weight_decay=config.weight_decay,
            adam_b2=_SQUARES,
            muon_weight_dimension_numbers=_kernels,
            consistent_rms=_ADAM_RMS,
        ),
    )


def _rate(config: Optimisation) -> optax.Schedule:
    fall = round(config.decay_share * config.steps)
    return optax.join_schedules(
        [
            optax.linear_schedule(0.0, config.peak_rate, config.warmup_steps),
            optax.constant_schedule(config.peak_rate),
            optax.linear_schedule(config.peak_rate, 0.0, fall),
        ],
        [config.warmup_steps, config.steps - fall],
    )


def _kernels(params: Any) -> Any:
    """Returns how kernels are matrices, from all inputs to outputs; None elsewhere."""

    def matrix(path: Any, values: jax.Array) -> Any:
        if path[-1].key != "kernel":
            return None
        last = values.ndim - 1
        return optax.contrib.MuonDimensionNumbers(tuple(range(last)), last)

    return jax.tree.map_with_path(matrix, params)
