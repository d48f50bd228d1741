r"""The bundled ear, by the paper's recipe: sigmoid units and plain gradient descent.

    python -m train.listener --config=configs/listener_sigmoid.py \
        --table DIR --workdir runs/listener --export DIR

A minute on two CPU cores.
"""

from functools import partial

import optax

from train.listener_config import ListenerConfig


def get_config() -> ListenerConfig:
    """Returns the run."""
    return ListenerConfig(
        name="gtzan-sigmoid",
        hidden=(32,),
        members=8,
        columns_share=0.7,
        optimiser=partial(optax.sgd, learning_rate=0.3),
        weight_decay=5e-3,
        shrinkage=0.1,
        jitter_std=0.2,
        batch_size=64,
        steps=1400,
    )
