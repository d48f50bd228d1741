"""A Stable Diffusion: its parts, their weights, and how it likes to paint."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import UNetConfig
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.tiny_vae import TinyVAE
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.upscaler import Upscaler
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.schedule import Schedule
from jaxsoundart.paint.words.conditioning import Conditioning
from jaxsoundart.paint.words.tokenizer import PromptTokenizer


@dataclass(frozen=True)
class Reader:
    """A tokenizer, and the text encoder that reads what it writes.

    Attributes:
        part: The encoder's name among a checkpoint's parts.
        tokenizer: Prompts to ids.
        encoder: Ids to states.
    """

    part: str
    tokenizer: PromptTokenizer
    encoder: TextEncoder


@dataclass(frozen=True)
class Defaults:
    """How a painter likes to paint where nothing else is asked for.

    Attributes:
        sampler: One of `samplers.SAMPLERS`.
        steps: Steps of the sampler.
        guidance: Scale of guidance.
    """

    sampler: str
    steps: int
    guidance: float


@dataclass(frozen=True)
class StableDiffusion:
    """The parts of a checkpoint.

    Attributes:
        name: "bundled", or the folder, file or repository it came from.
        sha256: Of its weights and its schedule: all that decides what it paints.
        readers: Words to states: one text encoder, or two side by side.
        unet: The denoiser.
        vae: Pictures to latents and back.
        schedule: The forward process.
        params: Weights by part: text_encoder (and text_encoder_2), unet, vae.
        defaults: Where nothing else is asked for.
        silences_empty: Whether an empty negative prompt is zeros, not words unsaid.
        upscaler: What makes its pictures larger, if anything.
        words: What a small painter knows, or None for one that knows the language.
        changes: Names of the files that changed the weights.
        licence: Of the weights, if their card says it.
    """

    name: str
    sha256: str
    readers: tuple[Reader, ...]
    unet: UNet
    vae: VAE | TinyVAE
    schedule: Schedule
    params: dict[str, Any]
    defaults: Defaults
    silences_empty: bool = False
    upscaler: Upscaler | None = None
    words: frozenset[str] | None = None
    changes: tuple[str, ...] = ()
    licence: str | None = None

    @property
    def size_px(self) -> int:
        """The side of the pictures it was trained on."""
        return self.unet.config.sample_size * self.vae.config.reduction

    @property
    def reads_penultimate(self) -> bool:
        """Whether the U-Net was trained on the states before the last layer."""
        return self.unet.config.addition_embed_type is not None

    @property
    def is_distilled(self) -> bool:
        """Whether the U-Net guides by itself, told the scale."""
        return self.unet.config.time_cond_proj_dim is not None

    @property
    def is_inpainting(self) -> bool:
        """Whether the U-Net sees a mask and what lies around it."""
        return self.unet.config.in_channels > self.vae.config.latent_channels

    def is_guided(self, scale: float | None) -> bool:
        """Whether such a scale takes two predictions a step."""
        return scale != 1.0 and not self.is_distilled

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The networks by the names of their folders."""
        readers = {reader.part: reader.encoder for reader in self.readers}
        own = {**readers, "unet": self.unet, "vae": self.vae}
        return own if self.upscaler is None else {**own, "upscaler": self.upscaler}


def abstract_params(parts: Mapping[str, nn.Module]) -> dict[str, Any]:
    """Returns shapes and types of all parameters by part, as they are published."""
    # With the forms of no machine in particular: those want kernels in other shapes.
    return {
        name: own_params(part.clone(compute=Compute()))  # type: ignore[attr-defined]
        for name, part in parts.items()
    }


# Flax finds them by running `init`, a second for a U-Net; several ask for the same.
@functools.lru_cache(maxsize=16)
def own_params(part: nn.Module, size: tuple[int, int] | None = None) -> Any:
    """Returns shapes and types of a part's parameters, as the part wants them.

    Args:
        part: A text encoder, a U-Net, a VAE or an upscaler.
        size: Rows and columns of latents, which may decide on the forms of kernels.
    """
    key = jax.random.key(0)
    return jax.eval_shape(part.init, key, *_example(part, size))["params"]


def _example(part: nn.Module, size: tuple[int, int] | None) -> tuple[Any, ...]:
    """Returns arguments that a part takes, the smallest unless a size is given."""
    match part:
        case TextEncoder(config=config):
            return (jnp.zeros((1, config.max_position_embeddings), jnp.int32),)
        case UNet(config=config):
            rows, columns = size or (2**config.levels, 2**config.levels)
            return (
                jnp.zeros((1, rows, columns, config.in_channels)),
                jnp.zeros(1),
                _example_conditioning(config),
            )
        case VAE(config=config) | TinyVAE(config=config):
            rows, columns = size or (2, 2)
            height, width = rows * config.reduction, columns * config.reduction
            return (jnp.zeros((1, height, width, 3)),)
        case Upscaler():
            return (jnp.zeros((1, 1, 1, 3)),)
    raise TypeError(f"{type(part).__name__} is no part of a Stable Diffusion")


def _example_conditioning(config: UNetConfig) -> Conditioning:
    text = jnp.zeros((1, 1, config.cross_attention_dim))
    pooled = sizes = guidance = None
    if config.addition_embed_type is not None:
        told = 6 * (config.addition_time_embed_dim or 0)
        width = (config.projection_class_embeddings_input_dim or 0) - told
        pooled, sizes = jnp.zeros((1, width)), jnp.zeros((1, 6))
    if config.time_cond_proj_dim is not None:
        guidance = jnp.zeros(1)
    return Conditioning(text, pooled, sizes, guidance)
