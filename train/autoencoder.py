"""The autoencoder's objective: see the picture again, from latents near a Gaussian."""

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, UInt8

from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.runtime.modules import run
from train import stage
from train.corpus import draw_chunk
from train.optimiser import Averaged, adamw
from train.painter_config import PainterConfig

Pixels = Float[Array, "batch height width 3"]

_EDGE_WEIGHT = 0.35
_SQUARE_WEIGHT = 4.0
_COARSE_WEIGHT = 0.5
_SCALES = 3

_FIRST_LOG_VARIANCE = -6.0


def _half(pixels: Pixels) -> Pixels:
    batch, height, width, channels = pixels.shape
    return pixels.reshape(batch, height // 2, 2, width // 2, 2, channels).mean((2, 4))


def reconstruction_loss(given: Pixels, wanted: Pixels) -> Float[Array, ""]:
    """Returns how different pixels and edges are, at three scales.

    Squares find large errors, those of colour and light, early; absolute differences go
    on where squares are nothing. Edges (differences of neighbours) keep what either
    blurs away first; coarser scales keep colour and light right over large areas.
    """
    loss = jnp.zeros(())
    for scale in range(_SCALES):
        weight = 1.0 if scale == 0 else _COARSE_WEIGHT
        error = given - wanted
        loss += weight * jnp.abs(error).mean()
        loss += weight * _SQUARE_WEIGHT * jnp.square(error).mean()
        loss += _EDGE_WEIGHT * jnp.abs(jnp.diff(error, axis=1)).mean()
        loss += _EDGE_WEIGHT * jnp.abs(jnp.diff(error, axis=2)).mean()
        given, wanted = _half(given), _half(wanted)
    return loss


def random_crops(
    key: jax.Array,
    images: UInt8[Array, "batch size size 3"],
    crop_px: int,
    cell_px: int,
) -> Pixels:
    """Returns one square crop of each picture, half of them mirrored, -1 to 1.

    Crops begin at multiples of `cell_px`: of the gallery's screens a small autoencoder
    need not tell every shift against its latents, but two.
    """

    def one(key: jax.Array, image: Array) -> Array:
        place_key, mirror_key = jax.random.split(key)
        free = (image.shape[0] - crop_px) // cell_px + 1
        row, column = cell_px * jax.random.randint(place_key, (2,), 0, free)
        crop = jax.lax.dynamic_slice(image, (row, column, 0), (crop_px, crop_px, 3))
        return jnp.where(jax.random.bernoulli(mirror_key), crop[:, ::-1], crop)

    crops = jax.vmap(one)(jax.random.split(key, len(images)), images)
    return crops.astype(jnp.float32) / 127.5 - 1.0


@partial(jax.jit, static_argnames=("config", "optimiser"), donate_argnames="state")
def train_step(
    config: PainterConfig,
    optimiser: optax.GradientTransformation,
    state: Averaged,
    images: UInt8[Array, "batch size size 3"],
    seed_key: jax.Array,
) -> tuple[Averaged, stage.Metrics]:
    """Returns the state after one update and what to log.

    The crops and the noise depend on `seed_key` and the step only, so a resumed run
    repeats an uninterrupted one.
    """
    vae = VAE(config.vae)
    crop_key, noise_key = jax.random.split(
        jax.random.fold_in(seed_key, state.train.step)
    )
    pixels = random_crops(crop_key, images, config.crop_px, config.vae.reduction)

    def loss_fn(params):
        mean, log_variance = run(vae, params, pixels, method=vae.moments)
        noise = jax.random.normal(noise_key, mean.shape)
        drawn = mean + jnp.exp(0.5 * log_variance) * noise
        scaled = drawn * config.vae.scaling_factor
        seen = run(vae, params, scaled, method=vae.decode)
        reconstruction = reconstruction_loss(seen, pixels)
        divergence = 0.5 * jnp.mean(
            jnp.square(mean) + jnp.exp(log_variance) - 1.0 - log_variance
        )
        total = reconstruction + config.kl_weight * divergence
        return total, {"reconstruction": reconstruction, "divergence": divergence}

    grads, losses = jax.grad(loss_fn, has_aux=True)(state.train.params)
    losses["gradient_norm"] = optax.tree.norm(grads)
    return state.updated(grads, optimiser, config.autoencoder.ema), losses


def create(config: PainterConfig) -> Averaged:
    """Returns the state before the first step."""
    pixels = jnp.zeros((1, config.crop_px, config.crop_px, 3))
    key = jax.random.key(config.corpus.seed)
    params = VAE(config.vae).init(key, pixels)["params"]
    # With as much noise as signal, colours are learnt thousands of steps later.
    bias = np.zeros(2 * config.vae.latent_channels, np.float32)
    bias[config.vae.latent_channels :] = _FIRST_LOG_VARIANCE
    last = {**params["quant_conv"], "bias": jnp.asarray(bias)}
    params = {**params, "quant_conv": last}
    return Averaged.create(params, adamw(config.autoencoder))


def trained(config: PainterConfig, workdir: Path) -> dict:
    """Returns the averaged parameters of the newest checkpoint."""
    return stage.newest_mean(workdir / "autoencoder", lambda: create(config))


def train(config: PainterConfig, workdir: Path) -> None:
    """Runs the stage: pictures to latents and back."""
    settings = config.autoencoder
    draw = lru_cache(maxsize=1)(partial(draw_chunk, config.corpus))
    step_key = jax.random.key(config.corpus.seed + 1)
    optimiser = adamw(settings)

    def batch(step: int) -> UInt8[np.ndarray, "batch size size 3"]:
        # A fresh chunk now and then: far more pictures than fit in memory.
        images = draw(step // settings.save_every).images
        generator = np.random.default_rng((config.corpus.seed, step))
        return images[generator.integers(len(images), size=settings.batch)]

    def update(state: Averaged, images: Any) -> tuple[Averaged, stage.Metrics]:
        return train_step(config, optimiser, state, images, step_key)

    stage.run(
        workdir / "autoencoder",
        settings,
        lambda: create(config),
        batch,
        update,
        headline="reconstruction",
    )
