r"""The same network with a better optimiser: Adam, its rate falling to nothing.

    python -m train.listener --config=configs/listener_adam.py \
        --table DIR --workdir runs/listener_adam --export DIR

A quarter of the steps of plain gradient descent.
"""

from functools import partial

import optax

from train.listener_config import ListenerConfig


def get_config() -> ListenerConfig:
    """Returns the run."""
    steps = 500
    return ListenerConfig(
        name="gtzan-adam",
        hidden=(32,),
        members=8,
        columns_share=0.7,
        optimiser=partial(
            optax.adam, learning_rate=optax.cosine_decay_schedule(0.01, steps)
        ),
        weight_decay=5e-3,
        shrinkage=0.1,
        jitter_std=0.2,
        batch_size=64,
        steps=steps,
        save_every=50,
    )
