"""A Stable Diffusion small enough for tests, with random weights."""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from tokenizers.pre_tokenizers import ByteLevel

from jaxsoundart.compose import lexicon
from jaxsoundart.paint.checkpoints.saving import save
from jaxsoundart.paint.model import (
    Defaults,
    Reader,
    StableDiffusion,
    abstract_params,
)
from jaxsoundart.paint.networks.config import TextConfig, UNetConfig, VAEConfig
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.schedule import Schedule, ScheduleConfig
from jaxsoundart.paint.words.tokenizer import PromptTokenizer

# Loud enough that words and noise are seen, soft enough that pixels are not clipped.
GAINS = {"text_encoder": 1.2, "unet": 1.0, "vae": 0.6}


def write(folder: Path, *, seed: int = 0) -> Path:
    """Writes a painter of 16 px that knows the plainest phrases of the lexicon."""
    words = _plain_words()
    tokenizer = write_tokenizer(folder.with_name(f"{folder.name}-words"), words)
    painter = create(tokenizer, words, size_px=16, tokens=60, seed=seed)
    save(painter, folder, dtype=np.dtype(np.float32), tokenizer=tokenizer)
    return folder


def create(
    tokenizer: Path, words: Iterable[str], *, size_px: int, tokens: int, seed: int = 0
) -> StableDiffusion:
    """Returns a painter whose latents are half as wide as its pictures."""
    text = TextConfig(
        vocab_size=2000,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=tokens,
    )
    unet = UNetConfig(
        sample_size=size_px // 2,
        in_channels=4,
        out_channels=4,
        block_out_channels=(16, 32),
        cross_attention_dim=16,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        attention_head_dim=2,
        norm_num_groups=8,
    )
    vae = VAEConfig(block_out_channels=(8, 16), norm_num_groups=8)
    schedule = ScheduleConfig(
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        rescale_betas_zero_snr=True,
    )
    read = PromptTokenizer.load(tokenizer, length=tokens)
    painter = StableDiffusion(
        name="tiny",
        sha256="0" * 64,
        readers=(Reader("text_encoder", read, TextEncoder(text)),),
        unet=UNet(unet),
        vae=VAE(vae),
        schedule=Schedule.create(schedule),
        params={},
        defaults=Defaults(sampler="dpm++2m", steps=24, guidance=4.0),
        words=frozenset(words),
    )
    params = {
        part: random_params(like, (seed, nth), GAINS[part])
        for nth, (part, like) in enumerate(abstract_params(painter.parts).items())
    }
    return dataclasses.replace(painter, params=params)


def write_tokenizer(folder: Path, words: Iterable[str]) -> Path:
    """Writes bytes, and merges that make each of `words` one token."""
    alphabet = sorted(ByteLevel.alphabet())
    tokens = [*alphabet, *(f"{letter}</w>" for letter in alphabet)]
    merges = []
    for word in sorted(words):
        pieces = [*word[:-1], f"{word[-1]}</w>"]
        while len(pieces) > 1:
            merges.append(f"{pieces[0]} {pieces[1]}")
            pieces = [pieces[0] + pieces[1], *pieces[2:]]
            tokens.append(pieces[0])
    tokens = [*dict.fromkeys(tokens), "<|startoftext|>", "<|endoftext|>"]
    numbered = {token: number for number, token in enumerate(tokens)}
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(numbered), "utf-8")
    lines = ["#version: 0.2", *dict.fromkeys(merges)]
    (folder / "merges.txt").write_text("\n".join(lines), "utf-8")
    return folder


def random_params(like, seed, gain):
    """Weights of a size that keeps signals alive, for any part."""
    generator = np.random.default_rng(seed)

    def draw(leaf):
        fan_in = max(1, leaf.size // leaf.shape[-1])
        values = gain * generator.standard_normal(leaf.shape) / np.sqrt(fan_in)
        return jnp.asarray(values, jnp.float32)

    return jax.tree.map(draw, like)


def _plain_words() -> frozenset[str]:
    """The words of all plainest phrases of the lexicon, and of what is never wanted."""
    said = lexicon.load()
    phrases = [entry.plain for entry in said.entries.values()] + list(said.never)
    return frozenset().union(*map(lexicon.words, phrases))
