"""A Stable Diffusion small enough for tests, with random weights: 16 px pictures."""

import json
from pathlib import Path

import jax
import numpy as np
from tokenizers.pre_tokenizers import ByteLevel

from jaxsoundart.compose import lexicon
from jaxsoundart.paint.config import ScheduleConfig, TextConfig, UNetConfig, VAEConfig
from jaxsoundart.paint.model import StableDiffusion, abstract_params
from jaxsoundart.paint.schedule import Schedule
from jaxsoundart.paint.text import TextEncoder
from jaxsoundart.paint.tokenizer import PromptTokenizer
from jaxsoundart.paint.unet import UNet
from jaxsoundart.paint.vae import VAE

TOKENS = 60


def write(folder: Path, *, seed: int = 0) -> Path:
    """Writes a painter that knows the plainest phrases of the lexicon."""
    words = _plain_words()
    tokenizer = folder.with_name(f"{folder.name}-words")
    tokenizer.mkdir(parents=True)
    _write_tokenizer(tokenizer, words)
    text = TextConfig(
        vocab_size=2000,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=TOKENS,
    )
    unet = UNetConfig(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        block_out_channels=(16,),
        cross_attention_dim=16,
        down_block_types=("CrossAttnDownBlock2D",),
        up_block_types=("CrossAttnUpBlock2D",),
        layers_per_block=1,
        attention_head_dim=2,
        norm_num_groups=8,
    )
    vae = VAEConfig(block_out_channels=(8, 16), norm_num_groups=8)
    parts = (TextEncoder(text), UNet(unet), VAE(vae))
    like = abstract_params(*parts)
    StableDiffusion(
        name="tiny",
        sha256="",
        text_encoder=parts[0],
        unet=parts[1],
        vae=parts[2],
        schedule=Schedule.create(
            ScheduleConfig(
                prediction_type="v_prediction",
                timestep_spacing="trailing",
                rescale_betas_zero_snr=True,
            )
        ),
        tokenizer=PromptTokenizer.load(tokenizer, length=TOKENS),
        params={
            part: _random(shapes, np.random.default_rng([seed, nth]))
            for nth, (part, shapes) in enumerate(like.items())
        },
        words=words,
    ).save(folder, dtype=np.dtype(np.float32), tokenizer=tokenizer)
    return folder


def _plain_words() -> frozenset[str]:
    """The words of all plainest phrases of the lexicon, and of what is never wanted."""
    said = lexicon.load()
    phrases = [entry.plain for entry in said.entries.values()] + list(said.never)
    return frozenset().union(*map(lexicon.words, phrases))


def _write_tokenizer(folder: Path, words: frozenset[str]) -> None:
    """Bytes, and merges that make each of `words` one token."""
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
    (folder / "vocab.json").write_text(json.dumps(numbered), "utf-8")
    lines = ["#version: 0.2", *dict.fromkeys(merges)]
    (folder / "merges.txt").write_text("\n".join(lines), "utf-8")


def _random(shapes, generator):
    """Weights of a size that keeps signals alive, for any part."""
    return jax.tree.map(
        lambda leaf: (
            generator.standard_normal(leaf.shape).astype(np.float32)
            / np.sqrt(max(1, leaf.size / leaf.shape[-1]))
        ),
        shapes,
    )
