"""Published networks by their configurations, for figures that need no weights.

Nothing but the standard library is imported here: an old environment may read it.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Published:
    """A U-Net.

    Attributes:
        title: The model's name, and the size of its pictures.
        parameters: How many its weights hold; a network of another number is another.
        config: The keys of its `unet/config.json` that say something.
        mlperf: Pictures a second and chip that Google's Flax program made in MLPerf
            Inference 4.1 (closed, offline, 20 steps of Euler, guided), by chip.
    """

    title: str
    parameters: int
    config: dict[str, Any]
    mlperf: dict[str, float]


UNETS = {
    "sd15": Published(
        "Stable Diffusion 1.5, 512 px",
        859_520_964,
        {
            "sample_size": 64,
            "in_channels": 4,
            "out_channels": 4,
            "block_out_channels": [320, 640, 1280, 1280],
            "cross_attention_dim": 768,
            "attention_head_dim": 8,
            "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
            "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
        },
        {},
    ),
    "sdxl": Published(
        "Stable Diffusion XL, 1024 px",
        2_567_463_684,
        {
            "sample_size": 128,
            "in_channels": 4,
            "out_channels": 4,
            "block_out_channels": [320, 640, 1280],
            "cross_attention_dim": 2048,
            "attention_head_dim": [5, 10, 20],
            "transformer_layers_per_block": [1, 2, 10],
            "use_linear_projection": True,
            "down_block_types": ["DownBlock2D"] + ["CrossAttnDownBlock2D"] * 2,
            "up_block_types": ["CrossAttnUpBlock2D"] * 2 + ["UpBlock2D"],
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": 2816,
        },
        # mlcommons/inference_results_v4.1, closed/Google: tpu_v5e_x4, tpu_v6_x4.
        {"v5e": 1.75335 / 4, "v6e": 5.43896 / 4},
    ),
}

# Of Stable Diffusion 1.5; the sizes of XL's VAE are the same.
VAE: dict[str, Any] = {
    "sample_size": 512,
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "latent_channels": 4,
    "layers_per_block": 2,
}

# Of Stable Diffusion 1.x: the one of CLIP ViT-L/14.
TEXT: dict[str, Any] = {
    "vocab_size": 49408,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "max_position_embeddings": 77,
    "hidden_act": "quick_gelu",
    "projection_dim": 768,
    "bos_token_id": 49406,
    "eos_token_id": 49407,
    "pad_token_id": 1,
}
