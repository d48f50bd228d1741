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

from benchmarks import published
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
        lambda: diffusers.UNet2DConditionModel(**published.UNETS["sd15"].config),
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
        lambda: diffusers.AutoencoderKL(**published.VAE),
        lambda network: network.decode(z).sample,
        lambda content: VAE(parse(VAEConfig, content, "VAE")),
        ours,
    )


def text_encoder() -> float:
    """Compares the states of a prompt of 20 tokens."""
    ids = np.full((1, 77), published.TEXT["eos_token_id"], np.int32)
    ids[0, 0] = published.TEXT["bos_token_id"]
    ids[0, 1:21] = np.random.default_rng(0).integers(0, 49406, 20)

    def create(content: Mapping[str, Any]) -> TextEncoder:
        return TextEncoder(parse(TextConfig, {**content, "projection_dim": 0}, "text"))

    config = transformers.CLIPTextConfig(**published.TEXT)
    return _compared(
        lambda: transformers.CLIPTextModel(config),
        lambda network: network(torch.tensor(ids, dtype=torch.long)).last_hidden_state,
        create,
        lambda module, params: jax.jit(module.apply)({"params": params}, ids).last,
    )


def full_size_cases() -> Iterator[Case]:
    """Yields the three networks; each takes a minute or more."""
    yield Case("text encoder, 123 M parameters, 77 tokens", text_encoder, PART)
    yield Case("VAE, 84 M parameters, decoding 512 px", vae, PART)
    yield Case("U-Net, 860 M parameters, 64 × 64 latents", unet, PART)
