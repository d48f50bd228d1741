"""What a listener's training run can be told; `configs/listener_*.py` fill it in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import optax


@dataclass(frozen=True, kw_only=True)
class ListenerConfig:
    """One training run.

    Attributes:
        name: What the listener will be called.
        hidden: Units of each hidden layer of one member.
        members: Networks trained side by side from different beginnings, and joined
            at the end into one wider network that gives their mean logits.
        columns_share: Share of the features that each member sees, drawn at random, so
            that the members err differently.
        optimiser: Makes the optimiser: a `functools.partial` of one of optax's.
        weight_decay: Weight of ½‖kernels‖² in the loss.
        shrinkage: Of the whitening, see `whitening.within_labels`.
        jitter_std: Standard deviation of the noise added to the standardised features
            of each batch.
        batch_size: Examples in a batch.
        steps: Updates to do.
        folds: Parts in the cross-validation that the temperature is fitted on.
        save_every: Steps between checkpoints.
        seed: Of beginnings, batches and noise.
    """

    name: str
    hidden: tuple[int, ...] = (32,)
    members: int = 1
    columns_share: float = 1.0
    optimiser: Callable[[], optax.GradientTransformation] = field(
        default_factory=lambda: partial(optax.sgd, learning_rate=0.3)
    )
    weight_decay: float = 0.0
    shrinkage: float = 0.2
    jitter_std: float = 0.0
    batch_size: int = 64
    steps: int = 4000
    folds: int = 4
    save_every: int = 100
    seed: int = 0
