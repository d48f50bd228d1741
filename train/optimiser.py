"""The optimiser both of the painter's networks use, and the mean that is kept."""

from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import struct

from jaxsoundart.runtime.train_state import TrainState
from train.painter_config import Optimisation


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
    fall = round(config.decay_share * config.steps)
    rate = optax.join_schedules(
        [
            optax.linear_schedule(0.0, config.peak_rate, config.warmup_steps),
            optax.constant_schedule(config.peak_rate),
            optax.linear_schedule(config.peak_rate, 0.0, fall),
        ],
        [config.warmup_steps, config.steps - fall],
    )
    return optax.chain(
        optax.clip_by_global_norm(config.clip),
        optax.adamw(rate, b2=0.99, weight_decay=config.weight_decay),
    )
