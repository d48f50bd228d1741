"""Writes a trained painter in the diffusers folder layout."""

import dataclasses
from pathlib import Path

import numpy as np

from jaxsoundart.paint.checkpoints.saving import save
from jaxsoundart.paint.model import Reader, StableDiffusion
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.upscaler import Upscaler
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.schedule import Schedule
from jaxsoundart.paint.words.tokenizer import PromptTokenizer
from train import autoencoder, denoiser, upscaler
from train.latents import LatentCorpus
from train.painter_config import PainterConfig
from train.words import known_words


def export(config: PainterConfig, workdir: Path, folder: Path) -> None:
    """Writes averaged weights in float16, configs, tokenizer and the known words.

    Args:
        config: The run.
        workdir: Where its stages lie.
        folder: Where the bundle goes.
    """
    vae_params = autoencoder.trained(config, workdir)
    learnt = denoiser.trained(config, workdir)
    corpus = LatentCorpus(config, vae_params, workdir / "latents")
    corpus.grow_to(0)
    scaled = dataclasses.replace(config.vae, scaling_factor=corpus.scaling_factor)
    words = workdir / "tokenizer"
    tokenizer = PromptTokenizer.load(words, length=config.text.max_position_embeddings)
    painter = StableDiffusion(
        name=config.name,
        sha256="",
        readers=(Reader("text_encoder", tokenizer, TextEncoder(config.text)),),
        unet=UNet(config.unet),
        vae=VAE(scaled),
        schedule=Schedule.create(config.schedule),
        params={
            "vae": vae_params,
            "upscaler": upscaler.trained(config, workdir),
            **learnt,
        },
        upscaler=Upscaler(config.upscaler),
        defaults=config.defaults,
        words=frozenset(known_words(config)),
    )
    save(painter, folder, dtype=np.dtype(np.float16), tokenizer=words)
