"""A checkpoint's settings, read off its tensors' names and shapes.

What a tensor does not show (how wide a head is, what size the pictures were, how the
noise was scheduled) is what the family's first checkpoint was published with.
"""

import re
from dataclasses import dataclass
from typing import Any

from jaxsoundart.runtime.stored import Tensors

Config = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """What the checkpoints of one lineage have in common and no tensor shows.

    Attributes:
        name: What messages call it.
        scaling_factor: What its latents are multiplied by.
        size_px: The side of its pictures.
        prediction_type: What its U-Net predicts.
    """

    name: str
    scaling_factor: float
    size_px: int
    prediction_type: str


def unet_config(tensors: Tensors, layers: int, family: Family) -> Config:
    """Returns what would stand in `unet/config.json`.

    Args:
        tensors: The U-Net's, by published name.
        layers: Its layers in each block.
        family: Where it comes from.
    """
    levels = _count(tensors, "down_blocks")
    channels = [
        tensors[f"down_blocks.{level}.resnets.0.conv1.weight"].shape[0]
        for level in range(levels)
    ]
    middle = "mid_block.attentions.0"
    depths = [
        _count(tensors, f"down_blocks.{level}.attentions.0.transformer_blocks")
        for level in range(levels)
    ]
    # The middle has the last level's depth, which that level itself may have no use of.
    used = [*depths[:-1], _count(tensors, f"{middle}.transformer_blocks")]
    linear = len(tensors[f"{middle}.proj_in.weight"].shape) == 2
    config = {
        "_class_name": "UNet2DConditionModel",
        "sample_size": family.size_px // 8,
        "in_channels": tensors["conv_in.weight"].shape[1],
        "out_channels": tensors["conv_out.weight"].shape[0],
        "block_out_channels": channels,
        "down_block_types": [
            "CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in depths
        ],
        "up_block_types": [
            "CrossAttnUpBlock2D" if depth else "UpBlock2D" for depth in depths[::-1]
        ],
        "layers_per_block": layers,
        "transformer_layers_per_block": [max(1, depth) for depth in used],
        "cross_attention_dim": tensors[
            f"{middle}.transformer_blocks.0.attn2.to_k.weight"
        ].shape[1],
        # Eight heads at every level, until Stable Diffusion 2 made them 64 wide.
        "attention_head_dim": [width // 64 for width in channels] if linear else 8,
        "use_linear_projection": linear,
        "norm_num_groups": 32,
    }
    if added := tensors.get("add_embedding.linear_1.weight"):
        config |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": added.shape[1],
        }
    return config


def vae_config(tensors: Tensors, family: Family) -> Config:
    """Returns what would stand in `vae/config.json`."""
    levels = _count(tensors, "encoder.down_blocks")
    return {
        "_class_name": "AutoencoderKL",
        "sample_size": family.size_px,
        "in_channels": tensors["encoder.conv_in.weight"].shape[1],
        "out_channels": tensors["decoder.conv_out.weight"].shape[0],
        "latent_channels": tensors["decoder.conv_in.weight"].shape[1],
        "block_out_channels": [
            tensors[f"encoder.down_blocks.{level}.resnets.0.conv1.weight"].shape[0]
            for level in range(levels)
        ],
        "layers_per_block": _count(tensors, "encoder.down_blocks.0.resnets"),
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "norm_num_groups": 32,
        "scaling_factor": family.scaling_factor,
    }


def text_config(tensors: Tensors, *, open_clip: bool) -> Config:
    """Returns what would stand in a text encoder's `config.json`.

    Args:
        tensors: The text encoder's, by published name.
        open_clip: Whether it is OpenCLIP's rather than the first CLIP.
    """
    words, width = tensors["text_model.embeddings.token_embedding.weight"].shape
    positions = tensors["text_model.embeddings.position_embedding.weight"]
    inner = tensors["text_model.encoder.layers.0.mlp.fc1.weight"].shape[0]
    projection = tensors.get("text_projection.weight")
    kind = "CLIPTextModelWithProjection" if projection else "CLIPTextModel"
    return {
        "architectures": [kind],
        "model_type": "clip_text_model",
        "vocab_size": words,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": _count(tensors, "text_model.encoder.layers"),
        "num_attention_heads": width // 64,
        "max_position_embeddings": positions.shape[0],
        "hidden_act": "gelu" if open_clip else "quick_gelu",
        "layer_norm_eps": 1e-5,
        "projection_dim": projection.shape[0] if projection else width,
        "bos_token_id": words - 2,
        "eos_token_id": words - 1,
        "pad_token_id": 0 if open_clip else words - 1,
    }


def schedule_config(prediction_type: str, *, zero_snr: bool) -> Config:
    """Returns what would stand in `scheduler/scheduler_config.json`.

    Args:
        prediction_type: What the U-Net predicts.
        zero_snr: Whether its last step was trained on noise alone; steps are then
            counted from that one, or it would never be used.
    """
    return {
        "_class_name": "DDIMScheduler",
        "num_train_timesteps": 1000,
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": prediction_type,
        "timestep_spacing": "trailing" if zero_snr else "leading",
        "steps_offset": 1,
        "set_alpha_to_one": False,
        "rescale_betas_zero_snr": zero_snr,
        "clip_sample": False,
    }


def _count(tensors: Tensors, stem: str) -> int:
    """Returns how many different numbers follow `stem`."""
    number = re.compile(re.escape(stem) + r"\.(\d+)\.")
    return len({found[1] for name in tensors if (found := number.match(name))})
