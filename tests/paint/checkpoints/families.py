"""Small networks of each family, as their single files would hold them."""

import numpy as np

UNETS = {
    "SD 1": {
        "sample_size": 64,
        "block_out_channels": [32, 64, 64, 96],
        "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
        "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
        "attention_head_dim": 8,
        "cross_attention_dim": 64,
        "transformer_layers_per_block": [1, 1, 1, 1],
        "use_linear_projection": False,
    },
    "SD 2": {
        "sample_size": 96,
        "block_out_channels": [64, 128, 128, 128],
        "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
        "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
        "attention_head_dim": [1, 2, 2, 2],
        "cross_attention_dim": 64,
        "transformer_layers_per_block": [1, 1, 1, 1],
        "use_linear_projection": True,
    },
    "SDXL": {
        "sample_size": 128,
        "block_out_channels": [64, 128, 128],
        "down_block_types": ["DownBlock2D"] + ["CrossAttnDownBlock2D"] * 2,
        "up_block_types": ["CrossAttnUpBlock2D"] * 2 + ["UpBlock2D"],
        "attention_head_dim": [1, 2, 2],
        "cross_attention_dim": 192,
        "transformer_layers_per_block": [1, 2, 3],
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 128 + 6 * 256,
    },
}
EVERY_UNET = {
    "in_channels": 4,
    "out_channels": 4,
    "layers_per_block": 2,
    "norm_num_groups": 32,
}
VAE_CONFIG = {
    "in_channels": 3,
    "out_channels": 3,
    "latent_channels": 4,
    "block_out_channels": [32, 64, 64],
    "layers_per_block": 2,
    "down_block_types": ["DownEncoderBlock2D"] * 3,
    "up_block_types": ["UpDecoderBlock2D"] * 3,
    "norm_num_groups": 32,
}
TEXT = {
    "vocab_size": 99,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 1,
    "max_position_embeddings": 77,
    "hidden_act": "quick_gelu",
}
# The converter of diffusers knows Stable Diffusion 2's last layer by its number.
OPEN_CLIP = {**TEXT, "num_hidden_layers": 23, "hidden_act": "gelu"}
OPEN_CLIP_XL = {
    **TEXT,
    "hidden_size": 128,
    "num_attention_heads": 2,
    "hidden_act": "gelu",
    "projection_dim": 128,
}
CLIP_PREFIX = {
    "SD 1": "cond_stage_model.transformer.",
    "SDXL": "conditioner.embedders.0.transformer.",
}
OPEN_CLIP_PREFIX = {
    "SD 2": "cond_stage_model.model.",
    "SDXL": "conditioner.embedders.1.model.",
}


def under(prefix, tensors):
    return {
        prefix + name: np.ascontiguousarray(value) for name, value in tensors.items()
    }
