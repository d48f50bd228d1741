"""The upscaler's objective: of a picture the autoencoder left, the one that was drawn.

The gallery draws the same picture at any size. What comes in is the small one, as
the autoencoder shows it from latents with a little noise, because a denoiser's are not
quite right either; what is wanted is the large one.
"""

from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, UInt8

from jaxsoundart.paint.networks.config import VAEConfig
from jaxsoundart.paint.networks.upscaler import Upscaler
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.runtime.modules import run
from train import autoencoder, stage
from train.autoencoder import reconstruction_loss
from train.corpus import draw_some
from train.gallery import vocabulary
from train.optimiser import Averaged, adamw
from train.painter_config import PainterConfig

Pixels = Float[Array, "batch height width 3"]

_NOISES = (0.0, 0.1, 0.2)
"""Standard deviations of latents' noise, as shares of the latents' own."""

_ENERGY_CELL, _ENERGY_WEIGHT = 8, 0.3


@dataclass(frozen=True)
class Pairs:
    """Small pictures, as seen again by the autoencoder, and large ones as drawn.

    Attributes:
        seen: Each picture with every noise.
        wanted: Each picture.
    """

    seen: UInt8[np.ndarray, "pictures noises size size 3"]
    wanted: UInt8[np.ndarray, "pictures larger_size larger_size 3"]


def draw_pairs(config: PainterConfig, vae_params: Any, index: int) -> Pairs:
    """Draws pairs of every family: a pure function of the config's seed and `index`."""
    key = jax.random.fold_in(jax.random.key(config.corpus.seed + 2), index)
    size_px = config.corpus.size_px
    sizes = size_px, size_px * config.upscaler.factor
    seen, wanted = [], []
    for number, family in enumerate(vocabulary.FAMILIES):
        picture_key, noise_key = jax.random.split(jax.random.fold_in(key, number))
        small, large = (
            draw_some(
                config.corpus, family, picture_key, config.pairs_per_family, size
            )[0]
            for size in sizes
        )
        seen.append(_see(config.vae, vae_params, small, noise_key))
        wanted.append(large)
    return Pairs(np.concatenate(seen), np.concatenate(wanted))


@partial(jax.jit, static_argnames="config")
def _see(
    config: VAEConfig,
    params: Any,
    images: UInt8[Array, "batch size size 3"],
    key: jax.Array,
) -> UInt8[Array, "batch noises size size 3"]:
    vae = VAE(config)
    pixels = images.astype(jnp.float32) / 127.5 - 1.0
    latents = run(vae, params, pixels, method=vae.moments)[0]
    noise = jnp.std(latents) * jax.random.normal(key, latents.shape)
    shown = [
        run(
            vae,
            params,
            (latents + share * noise) * config.scaling_factor,
            method=vae.decode,
        )
        for share in _NOISES
    ]
    values = 127.5 * (jnp.clip(jnp.stack(shown, axis=1), -1.0, 1.0) + 1.0)
    return jnp.round(values).astype(jnp.uint8)


def energy(pixels: Pixels) -> Float[Array, "batch rows columns 3"]:
    """Returns how much neighbours differ, cell by cell."""
    batch, height, width, channels = pixels.shape
    down = jnp.abs(jnp.diff(pixels, axis=1))[:, :, :-1]
    across = jnp.abs(jnp.diff(pixels, axis=2))[:, :-1]
    steps = jnp.pad(down + across, ((0, 0), (0, 1), (0, 1), (0, 0)))
    cell = _ENERGY_CELL
    grid = steps.reshape(batch, height // cell, cell, width // cell, cell, channels)
    return grid.mean((2, 4))


def loss(given: Pixels, wanted: Pixels) -> Float[Array, ""]:
    """Returns what is wrong with a large picture.

    Beside the differences of pixels and edges that of the edges' amount, place by
    place: where an edge lies is not always to be told from the small picture, and the
    mean of all places it may lie in is a blur.
    """
    amount = jnp.abs(energy(given) - energy(wanted)).mean()
    return reconstruction_loss(given, wanted) + _ENERGY_WEIGHT * amount


@partial(jax.jit, static_argnames=("config", "optimiser"), donate_argnames="state")
def train_step(
    config: PainterConfig,
    optimiser: optax.GradientTransformation,
    state: Averaged,
    batch: dict[str, Any],
) -> tuple[Averaged, stage.Metrics]:
    """Returns the state after one update and what to log.

    Args:
        config: The run.
        optimiser: Of `state`.
        state: Donated.
        batch: "seen" crops, and the same "wanted"; 0 to 255.
    """
    seen, wanted = (
        batch[name].astype(jnp.float32) / 127.5 - 1.0 for name in ("seen", "wanted")
    )

    def loss_fn(params):
        given = run(Upscaler(config.upscaler), params, seen)
        return loss(given, wanted), jnp.abs(given - wanted).mean()

    (total, difference), grads = jax.value_and_grad(loss_fn, has_aux=True)(
        state.train.params
    )
    metrics = {"loss": total, "difference": difference}
    return state.updated(grads, optimiser, config.enlargement.ema), metrics


def create(config: PainterConfig) -> Averaged:
    """Returns the state before the first step."""
    pixels = jnp.zeros((1, 4, 4, 3))
    key = jax.random.key(config.corpus.seed)
    params = Upscaler(config.upscaler).init(key, pixels)["params"]
    return Averaged.create(params, adamw(config.enlargement))


def trained(config: PainterConfig, workdir: Path) -> dict:
    """Returns the averaged parameters of the newest checkpoint."""
    return stage.newest_mean(workdir / "upscaler", lambda: create(config))


def train(config: PainterConfig, workdir: Path) -> None:
    """Runs the stage: what the autoencoder shows to what was drawn."""
    settings, optimiser = config.enlargement, adamw(config.enlargement)
    vae_params = autoencoder.trained(config, workdir)
    draw = lru_cache(maxsize=1)(partial(draw_pairs, config, vae_params))

    def batch(step: int) -> dict[str, np.ndarray]:
        pairs = draw(step // settings.save_every)
        generator = np.random.default_rng((config.corpus.seed, step))
        crops = [
            _crop(pairs, generator, config.enlarged_px) for _ in range(settings.batch)
        ]
        seen, wanted = zip(*crops, strict=True)
        return {"seen": np.stack(seen), "wanted": np.stack(wanted)}

    def update(state: Averaged, given: Any) -> tuple[Averaged, stage.Metrics]:
        return train_step(config, optimiser, state, given)

    stage.run(workdir / "upscaler", settings, lambda: create(config), batch, update)


def _crop(
    pairs: Pairs, generator: np.random.Generator, side_px: int
) -> tuple[UInt8[np.ndarray, "side side 3"], UInt8[np.ndarray, "larger larger 3"]]:
    """Returns the same random crop of a random picture, small and large."""
    pictures, noises, size, *_ = pairs.seen.shape
    picture, noise = generator.integers((pictures, noises))
    row, column = generator.integers(size - side_px + 1, size=2)
    factor = pairs.wanted.shape[1] // size
    small = pairs.seen[picture, noise]
    large = pairs.wanted[picture]
    return (
        small[row : row + side_px, column : column + side_px],
        large[
            factor * row : factor * (row + side_px),
            factor * column : factor * (column + side_px),
        ],
    )
