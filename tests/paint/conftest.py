"""A Stable Diffusion small enough for tests, with random weights."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.paint.config import ScheduleConfig, TextConfig, UNetConfig, VAEConfig
from jaxsoundart.paint.model import StableDiffusion, abstract_params
from jaxsoundart.paint.schedule import Schedule
from jaxsoundart.paint.text import TextEncoder
from jaxsoundart.paint.tokenizer import PromptTokenizer
from jaxsoundart.paint.unet import UNet
from jaxsoundart.paint.vae import VAE

WORDS = ("sun", "moon", "dark", "bright")


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory):
    """Bytes, and merges that make whole words of `WORDS`."""
    folder = tmp_path_factory.mktemp("words") / "tokenizer"
    folder.mkdir()
    from tokenizers.pre_tokenizers import ByteLevel

    alphabet = sorted(ByteLevel.alphabet())
    tokens = [*alphabet, *(f"{letter}</w>" for letter in alphabet)]
    merges = []
    for word in WORDS:
        pieces = [*word[:-1], f"{word[-1]}</w>"]
        while len(pieces) > 1:
            merges.append(f"{pieces[0]} {pieces[1]}")
            pieces = [pieces[0] + pieces[1], *pieces[2:]]
            tokens.append(pieces[0])
    tokens = [*dict.fromkeys(tokens), "<|startoftext|>", "<|endoftext|>"]
    merges = list(dict.fromkeys(merges))
    numbered = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(numbered), "utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]), "utf-8")
    return folder


# Loud enough that words and noise are seen, soft enough that pixels are not clipped.
GAINS = {"text_encoder": 1.2, "unet": 1.0, "vae": 0.6}


def random_params(like, seed, gain):
    """Weights of a size that keeps signals alive, for any part."""
    generator = np.random.default_rng(seed)

    def draw(leaf):
        fan_in = max(1, leaf.size // leaf.shape[-1])
        values = gain * generator.standard_normal(leaf.shape) / np.sqrt(fan_in)
        return jnp.asarray(values, jnp.float32)

    return jax.tree.map(draw, like)


@pytest.fixture(scope="session")
def tiny(tokenizer_folder):
    """8 px pictures, 4×4 latents."""
    text = TextConfig(
        vocab_size=600,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=12,
    )
    unet = UNetConfig(
        sample_size=4,
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
    parts = (TextEncoder(text), UNet(unet), VAE(vae))
    like = abstract_params(*parts)
    return StableDiffusion(
        name="tiny",
        sha256="0" * 64,
        text_encoder=parts[0],
        unet=parts[1],
        vae=parts[2],
        schedule=Schedule.create(schedule),
        tokenizer=PromptTokenizer.load(tokenizer_folder, length=12),
        params={
            part: random_params(like[part], seed, GAINS[part])
            for seed, part in enumerate(like)
        },
        words=frozenset(WORDS),
    )


@pytest.fixture(scope="session")
def tiny_folder(tiny, tokenizer_folder, tmp_path_factory):
    """The tiny painter on disk, float32."""
    folder = tmp_path_factory.mktemp("tiny") / "painter"
    tiny.save(folder, dtype=np.dtype(np.float32), tokenizer=tokenizer_folder)
    return folder
