"""What a training run carries from one step to the next."""

from typing import Any

import jax.numpy as jnp
import optax
from flax import struct


class TrainState(struct.PyTreeNode):
    """Parameters and the optimiser's memory after `step` updates.

    Attributes:
        step: Updates done, an int32 scalar.
        params: The network's parameters.
        opt_state: The optimiser's memory of them.
    """

    step: Any  # an array; while a tree is mapped, whatever stands for one
    params: Any
    opt_state: optax.OptState

    @classmethod
    def create(cls, params: Any, optimiser: optax.GradientTransformation):
        """Returns the state before the first update."""
        return cls(
            step=jnp.zeros((), jnp.int32),
            params=params,
            opt_state=optimiser.init(params),
        )

    def updated(self, grads: Any, optimiser: optax.GradientTransformation):
        """Returns the state one update further: w ← w + optimiser(∂L/∂w)."""
        updates, opt_state = optimiser.update(grads, self.opt_state, self.params)
        return self.replace(
            step=self.step + 1,
            params=optax.apply_updates(self.params, updates),
            opt_state=opt_state,
        )
