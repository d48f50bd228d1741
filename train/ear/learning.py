"""The ear's objective: cross-entropy of every head that a sound has an answer to."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.networks import network
from train import stage
from train.ear.config import EarConfig, Wear
from train.optimiser import Averaged, adamw

Samples = Float[Array, "batch samples"]
Heads = tuple[Head, ...]


def create(config: EarConfig, heads: Heads) -> Averaged:
    """Returns the state before the first step."""
    key = jax.random.key(config.seed)
    samples = jnp.zeros((1, config.window_samples))
    params = jax.jit(network(config.network, heads).init)(key, samples)["params"]
    return Averaged.create(params, adamw(config.optimisation))


def cross_entropy(
    head: Head,
    logits: Float[Array, "batch labels"],
    target: Float[Array, "batch labels"],
    smoothing: float,
) -> Float[Array, " batch"]:
    """Returns the loss of each sound in nats; the mean over labels that do not exclude.

    Args:
        head: The question.
        logits: The network's.
        target: 1 where a label is right.
        smoothing: Share of an exclusive target that is spread over all labels.
    """
    if head.exclusive:
        soft = (1.0 - smoothing) * target + smoothing / target.shape[-1]
        return -jnp.sum(soft * jax.nn.log_softmax(logits), axis=-1)
    return optax.sigmoid_binary_cross_entropy(logits, target).mean(axis=-1)


def worn(key: jax.Array, samples: Samples, wear: Wear) -> Samples:
    """Returns sounds at one level, in noise."""
    level_key, noise_key = jax.random.split(key)
    root_mean_square = jnp.sqrt(jnp.mean(samples**2, axis=1, keepdims=True))
    samples = samples / jnp.maximum(root_mean_square, 1e-6)
    quiet_db, loud_db = wear.noise_db
    level_db = jax.random.uniform(
        level_key, (len(samples), 1), minval=quiet_db, maxval=loud_db
    )
    noise = jax.random.normal(noise_key, samples.shape)
    return samples + 10.0 ** (level_db / 20.0) * noise


@partial(
    jax.jit, static_argnames=("config", "heads", "optimiser"), donate_argnames="state"
)
def train_step(
    config: EarConfig,
    heads: Heads,
    optimiser: optax.GradientTransformation,
    state: Averaged,
    batch: Mapping[str, Any],
    seed_key: jax.Array,
) -> tuple[Averaged, stage.Metrics]:
    """Returns the state after one update and what to log.

    Args:
        config: The run.
        heads: The questions.
        optimiser: Of `state`.
        state: Donated.
        batch: From `batches.training`.
        seed_key: With the step, the source of wear, masks and dropout.
    """
    key = jax.random.fold_in(seed_key, state.train.step)
    wear_key, share_key, mask_key, drop_key = jax.random.split(key, 4)
    samples = worn(wear_key, batch["samples"], config.wear)
    count = len(samples)
    if config.wear.mixup:
        # The neighbour in the batch is a random one: batches are shuffled.
        mixup = config.wear.mixup
        share = jax.random.beta(share_key, mixup, mixup, (count,))
        samples = share[:, None] * samples + (1.0 - share)[:, None] * jnp.roll(
            samples, 1, axis=0
        )
    else:
        share = jnp.ones(count)

    def loss_fn(params):
        heard: Any = network(config.network, heads).apply(
            {"params": params},
            samples,
            learning=True,
            rngs={"masks": mask_key, "dropout": drop_key},
        )
        losses = {}
        for head in heads:
            target, asked = (batch[f"{w}:{head.name}"] for w in ("target", "asked"))
            total = weight = jnp.zeros(())
            for shift, part in ((0, share), (1, 1.0 - share)):
                counts = part * jnp.roll(asked, shift)
                target_now = jnp.roll(target, shift, axis=0)
                each = cross_entropy(
                    head, heard.logits[head.name], target_now, config.wear.smoothing
                )
                total += jnp.sum(counts * each)
                weight += jnp.sum(counts)
            losses[head.name] = total / jnp.maximum(weight, 1.0)
        weighted = [one.weight * losses[one.name] for one in config.questions]
        return sum(weighted), losses

    (loss, losses), grads = jax.value_and_grad(loss_fn, has_aux=True)(
        state.train.params
    )
    metrics = {"loss": loss, **{f"loss {name}": one for name, one in losses.items()}}
    return state.updated(grads, optimiser, config.optimisation.ema), metrics
