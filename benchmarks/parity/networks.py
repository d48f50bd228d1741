"""The networks of every family, small, on random weights, beside PyTorch's.

Their models write a folder in the published layout; ours read it: names, layouts and
mathematics are compared at once.
"""

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
from jaxsoundart.paint.checkpoints import checkpoint
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.config import (
    TextConfig,
    TinyVAEConfig,
    UNetConfig,
    VAEConfig,
)
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.tiny_vae import TinyVAE
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.settings import parse
from jaxsoundart.paint.words.conditioning import Conditioning

TEXT = {
    "vocab_size": 99,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 20,
    "bos_token_id": 97,
    "eos_token_id": 98,
    "pad_token_id": 98,
}
_CROSS, _PLAIN = "CrossAttn{}Block2D", "{}Block2D"


def _blocks(*attends: bool) -> dict[str, tuple[str, ...]]:
    """The block types of levels that attend or not, finest first."""
    kinds = [_CROSS if each else _PLAIN for each in attends]
    return {
        "down_block_types": tuple(kind.format("Down") for kind in kinds),
        "up_block_types": tuple(kind.format("Up") for kind in reversed(kinds)),
    }


_UNET = {
    "sample_size": 8,
    "in_channels": 4,
    "out_channels": 4,
    "layers_per_block": 2,
    "cross_attention_dim": 32,
    "norm_num_groups": 16,
}
UNETS: dict[str, dict[str, Any]] = {
    "SD 1.x": {
        **_UNET,
        **_blocks(True, True, False),
        "block_out_channels": (32, 64, 64),
        "attention_head_dim": 4,
    },
    "SD 1.x inpainting": {
        **_UNET,
        **_blocks(True, False),
        "in_channels": 9,
        "block_out_channels": (32, 64),
        "attention_head_dim": 4,
    },
    "SD 2.x": {
        **_UNET,
        **_blocks(True, True, False),
        "block_out_channels": (32, 64, 64),
        "attention_head_dim": (2, 4, 4),
        "use_linear_projection": True,
        "upcast_attention": True,
    },
    "BK-SDM small": {
        **_UNET,
        **_blocks(True, True, False),
        "layers_per_block": 1,
        "mid_block_type": None,
        "block_out_channels": (32, 64, 64),
        "attention_head_dim": 4,
    },
    "BK-SDM tiny": {
        **_UNET,
        **_blocks(True, True),
        "layers_per_block": 1,
        "mid_block_type": None,
        "block_out_channels": (32, 64),
        "attention_head_dim": 4,
    },
    "SDXL": {
        **_UNET,
        **_blocks(False, True, True),
        "block_out_channels": (32, 64, 64),
        "attention_head_dim": (2, 4, 4),
        "transformer_layers_per_block": (1, 2, 3),
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 24 + 6 * 8,
    },
    "LCM": {
        **_UNET,
        **_blocks(True, False),
        "block_out_channels": (32, 64),
        "attention_head_dim": 4,
        "time_cond_proj_dim": 16,
    },
}
_LEVELS = 3
VAES: dict[str, dict[str, Any]] = {
    "VAE": {
        "block_out_channels": (16, 32, 32),
        "latent_channels": 4,
        "layers_per_block": 2,
        "norm_num_groups": 8,
        "down_block_types": ("DownEncoderBlock2D",) * _LEVELS,
        "up_block_types": ("UpDecoderBlock2D",) * _LEVELS,
    },
    "VAE without quantising convolutions": {
        "block_out_channels": (16, 32),
        "latent_channels": 8,
        "layers_per_block": 1,
        "norm_num_groups": 8,
        "use_quant_conv": False,
        "use_post_quant_conv": False,
        "scaling_factor": 0.13025,
        "down_block_types": ("DownEncoderBlock2D",) * 2,
        "up_block_types": ("UpDecoderBlock2D",) * 2,
    },
}


def stir(module: torch.nn.Module) -> torch.nn.Module:
    """Gives every weight a value: fresh norms and biases would hide mistakes."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.add_(0.05 * noise)
    return module.eval()


def normal(*shape: int, seed: int = 1) -> torch.Tensor:
    """Returns noise."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def nhwc(tensor: torch.Tensor) -> jax.Array:
    """Returns PyTorch's picture layout in ours."""
    return jnp.asarray(tensor.detach().numpy().transpose(0, 2, 3, 1))


def nchw(array: jax.Array) -> np.ndarray:
    """Returns our picture layout in PyTorch's."""
    return np.asarray(array).transpose(0, 3, 1, 2)


def read(
    theirs: Any, create: Callable[[Mapping[str, Any]], nn.Module]
) -> tuple[nn.Module, Any]:
    """Returns our network of their config, and their weights as it reads them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theirs.save_pretrained(folder, safe_serialization=True)
        ours = create(checkpoint.read_config(folder, "config.json"))
        like = abstract_params({"part": ours})["part"]
        file = checkpoint.find_weights(folder)
        return ours, checkpoint.load_params(file, like, jnp.float32)


def text_encoder(act: str, end: int, *, projects: bool) -> float:
    """Compares last, penultimate and pooled states; the largest error of the three."""
    settings = {**TEXT, "hidden_act": act, "projection_dim": 24}
    kind = (
        transformers.CLIPTextModelWithProjection
        if projects
        else transformers.CLIPTextModel
    )
    theirs = stir(kind(transformers.CLIPTextConfig(**settings)))
    theirs.config.eos_token_id = end
    text_model = theirs.text_model if projects else theirs
    text_model.eos_token_id = end

    def create(content: Mapping[str, Any]) -> TextEncoder:
        projection = {} if projects else {"projection_dim": 0}
        return TextEncoder(parse(TextConfig, {**content, **projection}, "text"))

    ours, params = read(theirs, create)
    ids = np.random.default_rng(0).integers(0, 97, (2, 20))
    ids[0, 7:], ids[1, 12:] = 98, 98
    wanted = theirs(torch.tensor(ids), output_hidden_states=True)
    got = ours.apply({"params": params}, jnp.asarray(ids, jnp.int32))
    errors = [
        relative_error(got.last, wanted.last_hidden_state.detach()),
        relative_error(got.penultimate, wanted.hidden_states[-2].detach()),
    ]
    if projects:
        errors.append(relative_error(got.pooled, wanted.text_embeds.detach()))
    return max(errors)


def unet(settings: dict[str, Any], height: int = 8, width: int = 8) -> float:
    """Compares one prediction."""
    theirs = stir(diffusers.UNet2DConditionModel(**settings))
    ours, params = read(theirs, lambda content: UNet(parse(UNetConfig, content, "u")))
    x = normal(2, settings["in_channels"], height, width)
    text = normal(2, 20, settings["cross_attention_dim"], seed=2)
    times = torch.tensor([3.0, 801.0])
    told: dict[str, Any] = {}
    more: dict[str, Any] = {}
    if settings.get("addition_embed_type"):
        pooled = normal(2, 24, seed=3)
        sizes = torch.tensor([[64.0, 48, 0, 8, 64, 64], [512, 512, 0, 0, 512, 512]])
        more["added_cond_kwargs"] = {"text_embeds": pooled, "time_ids": sizes}
        told = {"pooled": jnp.asarray(pooled), "sizes": jnp.asarray(sizes)}
    if dim := settings.get("time_cond_proj_dim"):
        scales = torch.tensor([1.5, 8.0])
        embed = diffusers.LatentConsistencyModelPipeline.get_guidance_scale_embedding
        more["timestep_cond"] = embed(None, scales - 1.0, embedding_dim=dim)
        told["guidance"] = jnp.asarray(scales)
    wanted = theirs(x, times, text, **more).sample
    conditioning = Conditioning(jnp.asarray(text), **told)
    got = ours.apply({"params": params}, nhwc(x), jnp.asarray(times), conditioning)
    return relative_error(nchw(got), wanted.detach())


def vae(settings: dict[str, Any]) -> float:
    """Compares mean, log-variance and decoding; the largest error of the three."""
    theirs = stir(diffusers.AutoencoderKL(**settings))
    ours, params = read(theirs, lambda content: VAE(parse(VAEConfig, content, "vae")))
    pixels = normal(2, 3, 16, 24)
    posterior = theirs.encode(pixels).latent_dist
    variables = {"params": params}
    mean, log_variance = ours.apply(variables, nhwc(pixels), method=ours.moments)
    decoded = ours.apply(
        variables, mean * ours.config.scaling_factor, method=ours.decode
    )
    return max(
        relative_error(nchw(mean), posterior.mean.detach()),
        relative_error(nchw(log_variance), posterior.logvar.detach()),
        relative_error(nchw(decoded), theirs.decode(posterior.mean).sample.detach()),
    )


def tiny_vae() -> float:
    """Compares encoding and decoding; the larger error."""
    theirs = stir(
        diffusers.AutoencoderTiny(
            encoder_block_out_channels=(16, 16, 16),
            decoder_block_out_channels=(16, 16, 16),
            num_encoder_blocks=(1, 2, 2),
            num_decoder_blocks=(2, 2, 1),
        )
    )
    ours, params = read(
        theirs, lambda content: TinyVAE(parse(TinyVAEConfig, content, "vae"))
    )
    variables, pixels = {"params": params}, normal(2, 3, 16, 24)
    latents = theirs.encode(pixels).latents
    encoded = ours.apply(variables, nhwc(pixels), method=ours.encode)
    decoded = ours.apply(variables, nhwc(latents), method=ours.decode)
    return max(
        relative_error(nchw(encoded), latents.detach()),
        relative_error(nchw(decoded), theirs.decode(latents).sample.detach()),
    )


def cases() -> Iterator[Case]:
    """Every network of every family."""
    for act, end, projects, name in (
        ("quick_gelu", 2, False, "text encoder, SD 1.x (CLIP)"),
        ("gelu", 98, False, "text encoder, SD 2.x (OpenCLIP)"),
        ("gelu", 2, True, "text encoder, SDXL, pooled, old configs"),
        ("gelu", 98, True, "text encoder, SDXL, pooled"),
    ):
        yield Case(
            name,
            lambda act=act, end=end, projects=projects: text_encoder(
                act, end, projects=projects
            ),
            PART,
        )
    for name, settings in UNETS.items():
        yield Case(f"U-Net, {name}", lambda s=settings: unet(s), PART)
    odd = UNETS["SD 1.x"]
    yield Case("U-Net, SD 1.x, 9 × 14 latents", lambda: unet(odd, 9, 14), PART)
    for name, settings in VAES.items():
        yield Case(name, lambda s=settings: vae(s), PART)
    yield Case("tiny VAE", tiny_vae, PART)
