"""The gallery as the denoiser sees it: latents, kept on disk, and what they show."""

from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float16, Float32, UInt8

from jaxsoundart.paint.networks.config import VAEConfig
from jaxsoundart.paint.networks.vae import VAE
from train.corpus import Subject, draw_chunk
from train.painter_config import PainterConfig

_ENCODED_TOGETHER = 32
_SMOOTH = "smooth"


class LatentCorpus:
    """Chunks of the gallery, encoded once, growing as training goes on."""

    def __init__(self, config: PainterConfig, vae_params: Any, folder: Path):
        """Opens the corpus in `folder`; nothing is drawn yet."""
        self._config = config
        self._vae_params = vae_params
        self._folder = folder
        self._latents: list[Float16[np.ndarray, "pictures height width channels"]] = []
        self._subjects: list[Subject] = []
        self._smooth: list[int] = []
        self._textured: list[int] = []
        self.scaling_factor = 1.0

    def grow_to(self, step: int) -> None:
        """Takes in the chunks that belong to the corpus by `step`."""
        corpus = self._config.corpus
        due = corpus.first_chunks + step // corpus.steps_per_chunk
        while len(self._latents) < min(corpus.chunks, due):
            latents, subjects = self._chunk(len(self._latents))
            self._latents.append(latents)
            for row, subject in enumerate(subjects, len(self._subjects)):
                (self._smooth if subject[3] == _SMOOTH else self._textured).append(row)
            self._subjects += subjects
            # From the first chunks only, so that it stays as the corpus grows.
            if len(self._latents) == corpus.first_chunks:
                squares = np.square(np.concatenate(self._latents), dtype=np.float64)
                self.scaling_factor = float(1.0 / np.sqrt(squares.mean()))

    def sample(
        self, generator: np.random.Generator, count: int
    ) -> tuple[Float32[np.ndarray, "count height width channels"], list[Subject]]:
        """Returns `count` pictures' latents, scaled to unit variance, and subjects."""
        rows = self._rows(generator, count)
        per_chunk = len(self._latents[0])
        picked = [self._latents[row // per_chunk][row % per_chunk] for row in rows]
        scaled = self.scaling_factor * np.stack(picked).astype(np.float32)
        return scaled, [self._subjects[row] for row in rows]

    def _rows(self, generator: np.random.Generator, count: int) -> np.ndarray:
        share = self._config.corpus.smooth_share
        if share is None:
            return generator.integers(len(self._subjects), size=count)
        kinds = [
            self._smooth if plain else self._textured
            for plain in generator.random(count) < share
        ]
        return np.asarray([rows[generator.integers(len(rows))] for rows in kinds])

    def _chunk(self, index: int) -> tuple[np.ndarray, list[Subject]]:
        path = self._folder / f"chunk_{index:03d}.npz"
        if not path.exists():
            self._draw(index, path)
        with np.load(path) as stored:
            family, palette, light, texture, composition, mood = stored["subjects"].T
            columns = (family, palette, light, texture, composition, mood)
            subjects = list(zip(*(map(str, c) for c in columns), strict=True))
            return stored["latents"], subjects

    def _draw(self, index: int, path: Path) -> None:
        chunk = draw_chunk(self._config.corpus, index)
        latents = [
            _encode(
                self._config.vae,
                self._vae_params,
                chunk.images[start : start + _ENCODED_TOGETHER],
            )
            for start in range(0, len(chunk.images), _ENCODED_TOGETHER)
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.savez(
                file,
                latents=np.concatenate(latents).astype(np.float16),
                subjects=np.asarray(chunk.subjects),
            )
        unfinished.rename(path)


@partial(jax.jit, static_argnames="config")
def _encode(
    config: VAEConfig, params: Any, images: UInt8[Array, "batch height width 3"]
) -> Float[Array, "batch rows columns channels"]:
    """Returns the mean of the unscaled latents."""
    vae = VAE(config)
    pixels = images.astype(jnp.float32) / 127.5 - 1.0
    return vae.apply({"params": params}, pixels, method=vae.moments)[0]
