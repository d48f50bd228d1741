"""The networks of Stable Diffusion 1.5 as large as they are, beside PyTorch's.

Sums over a thousand channels and more round differently from those of small networks:
here is shown that they round little. The weights are random all the same, and nothing
is fetched. One network after the other, first theirs and then ours: 5 GB of memory will
do, and as much on the disk.
"""

import gc
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import diffusers
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import torch
import transformers

from benchmarks.parity import PART, Case, relative_error
from benchmarks.parity.networks import nchw, nhwc, normal
from jaxsoundart.paint.checkpoints import checkpoint
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.config import TextConfig, UNetConfig, VAEConfig
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.settings import parse
from jaxsoundart.paint.words.conditioning import Conditioning

_LEVELS = 4
UNET: dict[str, Any] = {
    "sample_size": 64,
    "in_channels": 4,
    "out_channels": 4,
    "block_out_channels": (320, 640, 1280, 1280),
    "down_block_types": (*["CrossAttnDownBlock2D"] * 3, "DownBlock2D"),
    "up_block_types": ("UpBlock2D", *["CrossAttnUpBlock2D"] * 3),
    "layers_per_block": 2,
    "attention_head_dim": 8,
    "cross_attention_dim": 768,
}
VAE_512: dict[str, Any] = {
    "sample_size": 512,
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * _LEVELS,
    "up_block_types": ("UpDecoderBlock2D",) * _LEVELS,
    "latent_channels": 4,
    "layers_per_block": 2,
}
TEXT: dict[str, Any] = {
    "vocab_size": 49408,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "max_position_embeddings": 77,
    "hidden_act": "quick_gelu",
    "bos_token_id": 49406,
    "eos_token_id": 49407,
    "pad_token_id": 1,
}


def _compared(
    make: Callable[[], Any],
    theirs: Callable[[Any], torch.Tensor],
    create: Callable[[Mapping[str, Any]], nn.Module],
    ours: Callable[[Any, Any], jax.Array],
) -> float:
    """Compares two networks of which one is gone before the other comes.

    Args:
        make: Returns theirs, as fresh as it comes.
        theirs: What it returns.
        create: Returns ours, from the settings that theirs writes.
        ours: What it returns, given its parameters.
    """
    with tempfile.TemporaryDirectory() as name, torch.no_grad():
        folder = Path(name)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            network = make().eval()
            for parameter in network.parameters():
                # Fresh norms and biases are ones and zeros, which would hide mistakes.
                if parameter.ndim == 1:
                    parameter.add_(0.05 * torch.randn(parameter.shape))
        # In pieces, as large checkpoints are published: all at once is twice as much.
        network.save_pretrained(folder, max_shard_size="500MB")
        wanted = theirs(network).numpy()
        del network
        gc.collect()
        module = create(checkpoint.read_config(folder, "config.json"))
        like = abstract_params({"part": module})["part"]
        files = checkpoint.find_weights(folder)
        params = checkpoint.load_params(files, like, jnp.float32)
    return relative_error(np.asarray(ours(module, params)), wanted)


def unet() -> float:
    """Compares one prediction for a picture of 512 px."""
    x, text = normal(1, 4, 64, 64), normal(1, 77, 768, seed=2)

    def ours(module: Any, params: Any) -> Any:
        conditioning = Conditioning(jnp.asarray(text))
        run = jax.jit(module.apply)
        times = jnp.full(1, 801.0)
        return nchw(run({"params": params}, nhwc(x), times, conditioning))

    return _compared(
        lambda: diffusers.UNet2DConditionModel(**UNET),
        lambda network: network(x, torch.tensor([801.0]), text).sample,
        lambda content: UNet(parse(UNetConfig, content, "U-Net")),
        ours,
    )


def vae() -> float:
    """Compares a picture of 512 px, decoded."""
    z = normal(1, 4, 64, 64)

    def ours(module: Any, params: Any) -> Any:
        run = jax.jit(lambda variables, z: module.apply(variables, z, method="decode"))
        return nchw(run({"params": params}, nhwc(z) * module.config.scaling_factor))

    return _compared(
        lambda: diffusers.AutoencoderKL(**VAE_512),
        lambda network: network.decode(z).sample,
        lambda content: VAE(parse(VAEConfig, content, "VAE")),
        ours,
    )


def text_encoder() -> float:
    """Compares the states of a prompt of 20 tokens."""
    ids = np.full((1, 77), TEXT["eos_token_id"], np.int32)
    ids[0, 0] = TEXT["bos_token_id"]
    ids[0, 1:21] = np.random.default_rng(0).integers(0, 49406, 20)

    def create(content: Mapping[str, Any]) -> TextEncoder:
        return TextEncoder(parse(TextConfig, {**content, "projection_dim": 0}, "text"))

    return _compared(
        lambda: transformers.CLIPTextModel(transformers.CLIPTextConfig(**TEXT)),
        lambda network: network(torch.tensor(ids, dtype=torch.long)).last_hidden_state,
        create,
        lambda module, params: jax.jit(module.apply)({"params": params}, ids).last,
    )


def full_size_cases() -> Iterator[Case]:
    """Yields the three networks; each takes a minute or more."""
    yield Case("text encoder, 123 M parameters, 77 tokens", text_encoder, PART)
    yield Case("VAE, 84 M parameters, decoding 512 px", vae, PART)
    yield Case("U-Net, 860 M parameters, 64 × 64 latents", unet, PART)
