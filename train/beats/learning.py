"""The objective: cross-entropy of beats, bars and drops, frame by frame."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from jaxsoundart.runtime.modules import run
from jaxsoundart.sound.beat_network import BeatNetwork
from train import stage
from train.beats.config import BeatRun
from train.beats.corpus import Known
from train.optimiser import Averaged, adamw

# How far from an event a frame still counts as one in part: a beat, a bar, a drop.
_WIDTH_FRAMES = (1.5, 1.5, 3.0)


def create(config: BeatRun) -> Averaged:
    """Returns the state before the first step."""
    levels = jnp.zeros((1, 8, config.network.num_mels))
    network = BeatNetwork(config.network)
    params = network.init(jax.random.key(config.seed), levels)["params"]
    return Averaged.create(params, adamw(config.optimisation))


def excerpt(
    known: Known, start: float, speed: float, frames: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns a stretch of a piece, faster or slower, and its targets, frame by frame.

    Args:
        known: The piece.
        start: First frame, fractional.
        speed: Above 1 is faster.
        frames: Of the stretch; after the piece's end there is silence.
    """
    place = start + speed * np.arange(frames)
    before = np.clip(place.astype(int), 0, len(known.levels) - 1)
    after = np.minimum(before + 1, len(known.levels) - 1)
    share = (place - before)[:, None]
    levels = (1.0 - share) * known.levels[before] + share * known.levels[after]
    levels = np.where((place < len(known.levels))[:, None], levels, 0.0)
    targets = np.zeros((frames, len(known.events_s)), np.float32)
    for column, (times_s, width) in enumerate(
        zip(known.events_s, _WIDTH_FRAMES, strict=True)
    ):
        at = (times_s * known.frame_rate_hz - start) / speed
        for shift in range(-int(width) - 1, int(width) + 2):
            frame = np.round(at).astype(int) + shift
            near = np.maximum(0.0, 1.0 - np.abs(frame - at) / width)
            inside = (frame >= 0) & (frame < frames)
            np.maximum.at(targets[:, column], frame[inside], near[inside])
    return levels.astype(np.float32), targets


def worn(generator: np.random.Generator, levels: np.ndarray) -> np.ndarray:
    """Returns levels as other studios, rooms and speakers would give them.

    Louder and quieter parts lie nearer together or further apart, bands are louder or
    quieter, a noise floor covers what is quiet; now and then the lowest or the highest
    bands are not there at all.
    """
    mels = levels.shape[1]
    levels = np.clip(levels, 0.0, None) ** np.exp(generator.uniform(-0.4, 0.4))
    points = np.linspace(0, mels - 1, 5)
    tilt = np.interp(np.arange(mels), points, generator.uniform(-0.2, 0.2, 5))
    levels = np.where(levels > 0.0, np.maximum(levels + tilt, 0.0), 0.0)
    if generator.random() < 0.5:
        levels = np.maximum(levels, generator.uniform(0.0, 0.35))
    cut = generator.random()
    if cut < 0.15:
        levels[:, : generator.integers(1, mels // 5)] = 0.0
    elif cut < 0.3:
        levels[:, -generator.integers(1, mels // 3) :] = 0.0
    return levels.astype(np.float32)


def batch(config: BeatRun, pieces: Sequence[Known], step: int) -> dict[str, np.ndarray]:
    """Returns what a step learns from."""
    generator = np.random.default_rng((config.seed, step))
    chosen = []
    for _ in range(config.optimisation.batch):
        known = pieces[int(generator.integers(len(pieces)))]
        speed = float(np.exp(generator.uniform(-1, 1) * np.log1p(config.speed)))
        spare = max(0.0, len(known.levels) - speed * config.frames)
        start = generator.uniform(0.0, spare)
        levels, targets = excerpt(known, start, speed, config.frames)
        chosen.append((worn(generator, levels), targets))
    every, wanted = zip(*chosen, strict=True)
    return {"levels": np.stack(every), "targets": np.stack(wanted)}


@partial(jax.jit, static_argnames=("config", "optimiser"), donate_argnames="state")
def train_step(
    config: BeatRun,
    optimiser: optax.GradientTransformation,
    state: Averaged,
    given: dict[str, Any],
) -> tuple[Averaged, stage.Metrics]:
    """Returns the state after one update and what to log."""

    def loss_fn(params):
        losses = losses_of(config, params, given)
        return losses.sum(), losses

    (loss, losses), grads = jax.value_and_grad(loss_fn, has_aux=True)(
        state.train.params
    )
    metrics = {"loss": loss, "beat": losses[0], "bar": losses[1], "drop": losses[2]}
    return state.updated(grads, optimiser, config.optimisation.ema), metrics


def losses_of(config: BeatRun, params: Any, given: dict[str, Any]) -> jax.Array:
    """Returns the cross-entropy of each event, in nats a frame."""
    logits = run(BeatNetwork(config.network), params, given["levels"])
    target, weight = given["targets"], jnp.asarray(config.weights)[None, None]
    missed = -target * jax.nn.log_sigmoid(logits) * weight
    claimed = -(1.0 - target) * jax.nn.log_sigmoid(-logits)
    return jnp.mean(missed + claimed, axis=(0, 1))
