"""The text encoder's first lesson: to name what a caption says.

A denoiser learns from noise, and words are a small part of what it learns: an encoder
that begins with nothing takes it thousands of steps to be heard. Naming family, palette
and the rest from captions takes minutes; the denoiser's stage goes on from there.
"""

from functools import partial
from pathlib import Path
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int32

from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.words.tokenizer import PromptTokenizer
from jaxsoundart.runtime.modules import run
from train import stage
from train.gallery import vocabulary
from train.gallery.captions import caption
from train.optimiser import Averaged, adamw
from train.painter_config import PainterConfig
from train.words import open_words, random_subject

_NAMES = (
    vocabulary.FAMILIES,
    vocabulary.PALETTES,
    vocabulary.LIGHTS,
    vocabulary.TEXTURES,
    vocabulary.COMPOSITIONS,
    vocabulary.MOODS,
)


class Namer(nn.Module):
    """A text encoder, and for each part of a subject a linear layer that names it."""

    config: PainterConfig

    def setup(self):
        """Declares the encoder under the name of its folder."""
        self.text_encoder = TextEncoder(self.config.text)
        self.names = nn.Dense(sum(map(len, _NAMES)))

    def __call__(
        self, ids: Int32[Array, "batch tokens"], end: int
    ) -> list[Float[Array, "batch names"]]:
        """Returns logits of the names, part by part.

        They are told from the states of all tokens that end the caption: these have
        seen all of it, and the denoiser attends to them.
        """
        states = self.text_encoder(ids).last
        ends = (ids == end)[..., None]
        seen = jnp.sum(states * ends, axis=1) / jnp.sum(ends, axis=1)
        places = np.cumsum([len(some) for some in _NAMES])[:-1]
        return jnp.split(self.names(seen), places, axis=-1)


@partial(
    jax.jit, static_argnames=("config", "optimiser", "end"), donate_argnames="state"
)
def train_step(
    config: PainterConfig,
    optimiser: optax.GradientTransformation,
    state: Averaged,
    batch: dict[str, Any],
    end: int,
) -> tuple[Averaged, stage.Metrics]:
    """Returns the state after one update and what to log.

    Args:
        config: The run.
        optimiser: Of `state`.
        state: Donated.
        batch: "ids" of captions, "names" what they are of, (batch, 6).
        end: The id that ends captions.
    """

    def loss_fn(params):
        logits = run(Namer(config), params, batch["ids"], end)
        losses = [
            optax.softmax_cross_entropy_with_integer_labels(
                some, batch["names"][:, part]
            ).mean()
            for part, some in enumerate(logits)
        ]
        return sum(losses), {"loss": sum(losses), "family": losses[0]}

    grads, losses = jax.grad(loss_fn, has_aux=True)(state.train.params)
    return state.updated(grads, optimiser, config.reader.ema), losses


def create(config: PainterConfig) -> Averaged:
    """Returns the state before the first step."""
    ids = jnp.ones((1, config.text.max_position_embeddings), jnp.int32)
    key = jax.random.key(config.corpus.seed)
    params = Namer(config).init(key, ids, 1)["params"]
    return Averaged.create(params, adamw(config.reader))


def trained(config: PainterConfig, workdir: Path) -> dict:
    """Returns the text encoder's averaged parameters of the newest checkpoint."""
    mean = stage.newest_mean(workdir / "reader", lambda: create(config))
    return mean["text_encoder"]


def train(config: PainterConfig, workdir: Path) -> None:
    """Runs the stage: captions to what they say."""
    tokenizer: PromptTokenizer = open_words(config, workdir)
    optimiser = adamw(config.reader)

    def batch(step: int) -> dict[str, np.ndarray]:
        generator = np.random.default_rng((config.corpus.seed, step))
        textures = config.corpus.textures
        subjects = [
            random_subject(generator, textures) for _ in range(config.reader.batch)
        ]
        said = [caption(generator, *subject) for subject in subjects]
        names = [
            [some.index(name) for some, name in zip(_NAMES, subject, strict=True)]
            for subject in subjects
        ]
        return {"ids": tokenizer(said), "names": np.asarray(names, np.int32)}

    def update(state: Averaged, given: Any) -> tuple[Averaged, stage.Metrics]:
        return train_step(config, optimiser, state, given, tokenizer.end)

    stage.run(workdir / "reader", config.reader, lambda: create(config), batch, update)
