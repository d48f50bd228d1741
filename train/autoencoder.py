"""The autoencoder's objective: see the picture again, from latents near a Gaussian."""

from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, UInt8

from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.runtime.checkpoint import Checkpoints
from jaxsoundart.runtime.logbook import Logbook
from jaxsoundart.runtime.modules import run
from train.corpus import draw_chunk
from train.optimiser import Averaged, adamw, newest_mean
from train.painter_config import PainterConfig
from train.progress import report

Pixels = Float[Array, "batch height width 3"]

_EDGE_WEIGHT = 0.7
_COARSE_WEIGHT = 0.5
_SCALES = 3


def _half(pixels: Pixels) -> Pixels:
    batch, height, width, channels = pixels.shape
    return pixels.reshape(batch, height // 2, 2, width // 2, 2, channels).mean((2, 4))


def reconstruction_loss(given: Pixels, wanted: Pixels) -> Float[Array, ""]:
    """Returns the absolute difference of pixels and of edges, at three scales.

    Edges (differences of neighbours) keep what plain L1 blurs away first; coarser
    scales keep colour and light right over large areas.
    """
    loss = jnp.zeros(())
    for scale in range(_SCALES):
        weight = 1.0 if scale == 0 else _COARSE_WEIGHT
        loss += weight * jnp.abs(given - wanted).mean()
        error = given - wanted
        loss += _EDGE_WEIGHT * jnp.abs(jnp.diff(error, axis=1)).mean()
        loss += _EDGE_WEIGHT * jnp.abs(jnp.diff(error, axis=2)).mean()
        given, wanted = _half(given), _half(wanted)
    return loss


def random_crops(
    key: jax.Array, images: UInt8[Array, "batch size size 3"], crop_px: int
) -> Pixels:
    """Returns one square crop of each picture, half of them mirrored, -1 to 1."""

    def one(key: jax.Array, image: Array) -> Array:
        place_key, mirror_key = jax.random.split(key)
        free = image.shape[0] - crop_px + 1
        row, column = jax.random.randint(place_key, (2,), 0, free)
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
) -> tuple[Averaged, dict[str, Array]]:
    """Returns the state after one update and what to log.

    The crops and the noise depend on `seed_key` and the step only, so a resumed run
    repeats an uninterrupted one.
    """
    vae = VAE(config.vae)
    crop_key, noise_key = jax.random.split(
        jax.random.fold_in(seed_key, state.train.step)
    )
    pixels = random_crops(crop_key, images, config.crop_px)

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
    return Averaged.create(params, adamw(config.autoencoder))


def trained(config: PainterConfig, workdir: Path) -> dict:
    """Returns the averaged parameters of the newest checkpoint."""
    return newest_mean(workdir / "autoencoder", lambda: create(config))


def train(config: PainterConfig, workdir: Path) -> None:
    """Runs the first stage: pictures to latents and back."""
    settings, folder = config.autoencoder, workdir / "autoencoder"
    step_key = jax.random.key(config.corpus.seed + 1)
    optimiser = adamw(settings)
    state = create(config)
    checkpoints, logbook = Checkpoints(folder), Logbook(folder)
    start = checkpoints.latest_step() or 0
    if start:
        state = checkpoints.restore(start, state)

    chunk_index, chunk = -1, None
    for step in range(start, settings.steps):
        # A fresh chunk every `save_every` steps: far more pictures than fit in memory.
        if chunk is None or step // settings.save_every != chunk_index:
            chunk_index = step // settings.save_every
            chunk = draw_chunk(config.corpus, chunk_index)
        generator = np.random.default_rng((config.corpus.seed, step))
        rows = generator.integers(len(chunk.images), size=settings.batch)
        state, losses = train_step(
            config, optimiser, state, chunk.images[rows], step_key
        )
        done = step + 1
        if done % settings.log_every == 0:
            logbook.write(step=done, **losses)
            report("autoencoder", done, settings.steps, losses["reconstruction"])
        if done % settings.save_every == 0 or done == settings.steps:
            checkpoints.save(done, state)
