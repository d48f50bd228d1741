"""The denoiser's objective: text encoder and U-Net predict the velocity together."""

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
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.schedule import Schedule
from jaxsoundart.paint.words.conditioning import Conditioning
from train import autoencoder, reader, stage
from train.gallery.captions import caption
from train.latents import LatentCorpus
from train.optimiser import Averaged, muon
from train.painter_config import PainterConfig
from train.words import open_words

Latents = Float[Array, "batch height width channels"]


class Denoiser(nn.Module):
    """Text encoder and U-Net as one network, so that they learn as one."""

    config: PainterConfig

    def setup(self):
        """Declares the two parts under the names of their folders."""
        self.text_encoder = TextEncoder(self.config.text)
        self.unet = UNet(self.config.unet)

    def __call__(
        self,
        noisy: Latents,
        timesteps: Float[Array, " batch"],
        ids: Int32[Array, "batch tokens"],
    ) -> Latents:
        """Returns the predicted velocity."""
        told = Conditioning(self.text_encoder(ids).last)
        return self.unet(noisy, timesteps, told)


@partial(jax.jit, static_argnames=("config", "optimiser"), donate_argnames="state")
def train_step(
    config: PainterConfig,
    optimiser: optax.GradientTransformation,
    state: Averaged,
    batch: dict[str, Any],
    seed_key: jax.Array,
) -> tuple[Averaged, stage.Metrics]:
    """Returns the state after one update and what to log.

    Args:
        config: The run.
        optimiser: Of `state`.
        state: Donated.
        batch: "latents" scaled, "ids" of their captions, "empty" ids of no caption.
        seed_key: With the step, the source of times, noise and dropout.
    """
    latents = batch["latents"].astype(jnp.float32)
    time_key, noise_key, drop_key = jax.random.split(
        jax.random.fold_in(seed_key, state.train.step), 3
    )
    squared = jnp.asarray(Schedule.create(config.schedule).alphas_cumprod, jnp.float32)
    count = len(latents)
    # One time from each of `count` equal strata: less noise in the loss, same mean.
    strata = (jnp.arange(count) + jax.random.uniform(time_key, (count,))) / count
    times = jnp.clip((strata * len(squared)).astype(jnp.int32), 0, len(squared) - 1)
    alpha = jnp.sqrt(squared[times])[:, None, None, None]
    sigma = jnp.sqrt(1.0 - squared[times])[:, None, None, None]
    noise = jax.random.normal(noise_key, latents.shape)
    noisy = alpha * latents + sigma * noise
    velocity = alpha * noise - sigma * latents
    dropped = jax.random.bernoulli(drop_key, config.caption_dropout, (count, 1))
    ids = jnp.where(dropped, batch["empty"][None, :], batch["ids"])

    def loss_fn(params):
        predicted = Denoiser(config).apply(
            {"params": params}, noisy, times.astype(jnp.float32), ids
        )
        return jnp.mean(jnp.square(predicted - velocity))

    loss, grads = jax.value_and_grad(loss_fn)(state.train.params)
    metrics = {"loss": loss, "gradient_norm": optax.tree.norm(grads)}
    return state.updated(grads, optimiser, config.denoiser.ema), metrics


def create(config: PainterConfig) -> Averaged:
    """Returns a state with random parameters."""
    size, channels = config.unet.sample_size, config.unet.in_channels
    params = Denoiser(config).init(
        jax.random.key(config.corpus.seed),
        jnp.zeros((1, size, size, channels)),
        jnp.zeros(1),
        jnp.zeros((1, config.text.max_position_embeddings), jnp.int32),
    )["params"]
    return Averaged.create(params, muon(config.denoiser))


def begin(config: PainterConfig, workdir: Path) -> Averaged:
    """Returns the state before the first step: words are read as learnt before."""
    params = create(config).train.params
    params = {**params, "text_encoder": reader.trained(config, workdir)}
    return Averaged.create(params, muon(config.denoiser))


def trained(config: PainterConfig, workdir: Path) -> dict:
    """Returns the averaged parameters of the newest checkpoint."""
    return stage.newest_mean(workdir / "denoiser", lambda: create(config))


def train(config: PainterConfig, workdir: Path) -> None:
    """Runs the stage: text encoder and U-Net, on the autoencoder's latents."""
    settings = config.denoiser
    corpus = LatentCorpus(
        config, autoencoder.trained(config, workdir), workdir / "latents"
    )
    tokenizer = open_words(config, workdir)
    step_key = jax.random.key(config.corpus.seed + 1)
    optimiser = muon(settings)

    def batch(step: int) -> dict[str, np.ndarray]:
        corpus.grow_to(step)
        generator = np.random.default_rng((config.corpus.seed, step))
        latents, subjects = corpus.sample(generator, settings.batch)
        said = [caption(generator, *subject) for subject in subjects]
        return {
            "latents": latents,
            "ids": tokenizer(said),
            "empty": tokenizer([""])[0],
        }

    def update(state: Averaged, given: Any) -> tuple[Averaged, stage.Metrics]:
        return train_step(config, optimiser, state, given, step_key)

    stage.run(
        workdir / "denoiser", settings, lambda: begin(config, workdir), batch, update
    )
