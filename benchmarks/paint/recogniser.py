"""Names what a picture shows: a small network, trained on gallery pictures.

It learns from pictures that no painter learnt from, half of them as the painter's
autoencoder shows them, so that it judges what is painted and not how sharply.
"""

import sys
from dataclasses import dataclass
from functools import partial
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Float32, Int

from jaxsoundart.arrays import Images
from jaxsoundart.runtime.modules import run
from jaxsoundart.runtime.train_state import TrainState
from train.gallery import vocabulary

HEADS: dict[str, tuple[str, ...]] = {
    "family": vocabulary.FAMILIES,
    "palette": vocabulary.PALETTES,
    "light": vocabulary.LIGHTS,
    "texture": vocabulary.TEXTURES,
}
"""What is named, and the names."""

_WIDTHS = (24, 48, 96, 128)
_FEATURES = 128
_EPOCHS, _BATCH, _RATE = 12, 32, 2e-3

Names = dict[str, Int[np.ndarray, " pictures"]]
"""For each head, which of its names."""


class Network(nn.Module):
    """Strided convolutions, means over quarters, one layer of features, the heads."""

    @nn.compact
    def __call__(
        self, pixels: Float[Array, "batch height width 3"]
    ) -> tuple[Float[Array, "batch features"], dict[str, Float[Array, "batch _"]]]:
        """Returns features, and logits of every head."""
        x = pixels
        for level, width in enumerate(_WIDTHS):
            size = 5 if level == 0 else 3
            x = nn.Conv(width, (size, size), (2, 2), name=f"conv_{level}")(x)
            x = nn.silu(nn.LayerNorm(name=f"norm_{level}")(x))
        batch, height, width, channels = x.shape
        x = x.reshape(batch, 2, height // 2, 2, width // 2, channels).mean((2, 4))
        features = nn.Dense(_FEATURES, name="features")(x.reshape(batch, -1))
        heads = {
            head: nn.Dense(len(names), name=head)(nn.silu(features))
            for head, names in HEADS.items()
        }
        return features, heads


@partial(jax.jit, static_argnames="optimiser", donate_argnames="state")
def _step(
    optimiser: optax.GradientTransformation, state: TrainState, images: Any, names: Any
) -> tuple[TrainState, Array]:
    def loss_fn(params):
        _, heads = run(Network(), params, _pixels(images))
        losses = [
            optax.softmax_cross_entropy_with_integer_labels(heads[head], some)
            for head, some in names.items()
        ]
        return sum(loss.mean() for loss in losses)

    loss, grads = jax.value_and_grad(loss_fn)(state.params)
    return state.updated(grads, optimiser), loss


@jax.jit
def _look(params: Any, images: Any) -> Any:
    features, heads = run(Network(), params, _pixels(images))
    return features, {head: logits.argmax(-1) for head, logits in heads.items()}


def _pixels(images: Array) -> Array:
    return images.astype(jnp.float32) / 127.5 - 1.0


@dataclass(frozen=True)
class Recogniser:
    """The trained network.

    Attributes:
        params: Its parameters.
    """

    params: Any

    @classmethod
    def learn(cls, images: Images, names: Names, *, seed: int = 0) -> "Recogniser":
        """Trains from pictures and what they show."""
        count = len(images)
        steps = _EPOCHS * (count // _BATCH)
        rate = optax.cosine_onecycle_schedule(steps, _RATE)
        optimiser = optax.adamw(rate, weight_decay=0.05)
        params = Network().init(jax.random.key(seed), jnp.zeros((1, *images.shape[1:])))
        state = TrainState.create(params["params"], optimiser)
        generator = np.random.default_rng(seed)
        for epoch in range(_EPOCHS):
            order = generator.permutation(count)
            losses = []
            for start in range(0, count - _BATCH + 1, _BATCH):
                rows = order[start : start + _BATCH]
                mirrored = generator.random(_BATCH) < 0.5
                some = images[rows]
                some[mirrored] = some[mirrored, :, ::-1]
                named = {head: which[rows] for head, which in names.items()}
                state, loss = _step(optimiser, state, some, named)
                losses.append(loss)
            mean = float(np.mean(losses))
            print(f"recogniser: {epoch + 1} of {_EPOCHS}, {mean:.3f}", file=sys.stderr)
        return cls(state.params)

    def look(
        self, images: Images
    ) -> tuple[Float32[np.ndarray, "pictures features"], Names]:
        """Returns features of pictures, and what they are named."""
        features, names = [], {head: [] for head in HEADS}
        for start in range(0, len(images), _BATCH):
            some = images[start : start + _BATCH]
            # One shape compiles once.
            full = np.resize(some, (_BATCH, *some.shape[1:]))
            seen, named = _look(self.params, full)
            features.append(np.asarray(seen)[: len(some)])
            for head, which in named.items():
                names[head].append(np.asarray(which)[: len(some)])
        joined = {head: np.concatenate(which) for head, which in names.items()}
        return np.concatenate(features), joined
