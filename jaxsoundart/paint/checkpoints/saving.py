"""From a Stable Diffusion in memory to a folder in the diffusers layout."""

import shutil
from pathlib import Path

from jax.typing import DTypeLike

from jaxsoundart.paint.checkpoints.folder import UPSCALER
from jaxsoundart.paint.checkpoints.opening import OWN_DEFAULTS
from jaxsoundart.paint.model import StableDiffusion
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.samplers import SAMPLERS
from jaxsoundart.runtime import json_file
from jaxsoundart.runtime.layout import save_params

_WEIGHTS = {
    "text_encoder": "model.safetensors",
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    UPSCALER: "diffusion_pytorch_model.safetensors",
}


def save(
    model: StableDiffusion, folder: Path, *, dtype: DTypeLike, tokenizer: Path
) -> None:
    """Writes a checkpoint with one text encoder, such as those trained here.

    Args:
        model: What to write.
        folder: Where it goes.
        dtype: What the weights are stored in.
        tokenizer: A folder with `vocab.json`, `merges.txt` and its config.
    """
    (reader,) = model.readers
    for part, params in model.params.items():
        save_params(folder / part / _WEIGHTS[part], params, dtype)
    assert isinstance(model.vae, VAE), "tiny VAEs are distilled elsewhere"
    levels = len(model.vae.config.block_out_channels)
    scheduler = SAMPLERS[model.defaults.sampler].scheduler
    configs = {
        "text_encoder/config.json": {
            "architectures": ["CLIPTextModel"],
            "model_type": "clip_text_model",
            **reader.encoder.config.to_json(),
            "bos_token_id": reader.tokenizer.start,
            "eos_token_id": reader.tokenizer.end,
            "pad_token_id": reader.tokenizer.pad,
        },
        "unet/config.json": {
            "_class_name": "UNet2DConditionModel",
            **model.unet.config.to_json(),
        },
        "vae/config.json": {
            "_class_name": "AutoencoderKL",
            **model.vae.config.to_json(),
            "sample_size": model.size_px,
            "down_block_types": ["DownEncoderBlock2D"] * levels,
            "up_block_types": ["UpDecoderBlock2D"] * levels,
        },
        "scheduler/scheduler_config.json": {
            "_class_name": scheduler,
            **model.schedule.config.to_json(),
        },
        "model_index.json": {
            "_class_name": "StableDiffusionPipeline",
            OWN_DEFAULTS: {
                "steps": model.defaults.steps,
                "guidance": model.defaults.guidance,
            },
            "text_encoder": ["transformers", "CLIPTextModel"],
            "tokenizer": ["transformers", "CLIPTokenizer"],
            "unet": ["diffusers", "UNet2DConditionModel"],
            "vae": ["diffusers", "AutoencoderKL"],
            "scheduler": ["diffusers", scheduler],
            "safety_checker": [None, None],
            "feature_extractor": [None, None],
        },
    }
    if model.upscaler is not None:
        configs[f"{UPSCALER}/config.json"] = model.upscaler.config.to_json()
    for path, content in configs.items():
        json_file.write(folder / path, content)
    if model.words is not None:
        json_file.write(folder / "words.json", sorted(model.words))
    shutil.copytree(tokenizer, folder / "tokenizer", dirs_exist_ok=True)
