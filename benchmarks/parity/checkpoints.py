"""Whole checkpoints of every family, tiny, on random weights, as diffusers writes them.

Folders, names and settings are those of the published checkpoints; tokenizers lie in
the files they lie in there, which newer transformers no longer write.
"""

import atexit
import functools
import json
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

import jaxsoundart
from benchmarks.parity.networks import TEXT, stir
from benchmarks.parity.samplers import PUBLISHED

WORDS = Path(jaxsoundart.__file__).parent / "models" / "painter" / "tokenizer"
END, BANG = "<|endoftext|>", "!"

_LENGTH = 32
_IDS: dict[str, int] = json.loads((WORDS / "vocab.json").read_text("utf-8"))
_START_ID, _END_ID = _IDS["<|startoftext|>"], _IDS[END]

_UNET: dict[str, Any] = {
    "sample_size": 8,
    "in_channels": 4,
    "out_channels": 4,
    "layers_per_block": 1,
    "cross_attention_dim": 32,
    "norm_num_groups": 16,
    "block_out_channels": (32, 64),
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
    "attention_head_dim": 4,
}
_VAE: dict[str, Any] = {
    "block_out_channels": (16, 32),
    "latent_channels": 4,
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "down_block_types": ("DownEncoderBlock2D",) * 2,
    "up_block_types": ("UpDecoderBlock2D",) * 2,
}
_TEXT: dict[str, Any] = {
    **TEXT,
    "vocab_size": len(_IDS),
    "max_position_embeddings": _LENGTH,
    "bos_token_id": _START_ID,
    "eos_token_id": _END_ID,
    "pad_token_id": _END_ID,
    "hidden_act": "quick_gelu",
}


@dataclass(frozen=True)
class Family:
    """What its checkpoints have in common.

    Attributes:
        pipeline: The class that `model_index.json` names.
        scheduler: Whose scheduler of `samplers.PUBLISHED`.
        unet: The U-Net's settings.
        text: What the text encoders' settings change, one each.
        pads: What each tokenizer fills prompts with.
    """

    pipeline: str
    scheduler: str
    unet: dict[str, Any]
    text: tuple[dict[str, Any], ...] = ({},)
    pads: tuple[str, ...] = (END,)


# Written before the end's true id was: published SDXL configs all say 2.
_OLD_END = {"eos_token_id": 2}

FAMILIES = {
    "SD 1.x": Family("StableDiffusionPipeline", "SD 1.5", _UNET),
    "SD 2.x": Family(
        "StableDiffusionPipeline",
        "SD 2.1",
        {**_UNET, "attention_head_dim": (2, 4), "use_linear_projection": True},
        text=({"hidden_act": "gelu"},),
        pads=(BANG,),
    ),
    "SDXL": Family(
        "StableDiffusionXLPipeline",
        "SDXL",
        {
            **_UNET,
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
            "attention_head_dim": (2, 4),
            "transformer_layers_per_block": (1, 2),
            "use_linear_projection": True,
            "cross_attention_dim": 32 + 48,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 24 + 6 * 8,
        },
        text=(
            _OLD_END,
            {"hidden_act": "gelu", "hidden_size": 48, "projection_dim": 24, **_OLD_END},
        ),
        pads=(END, BANG),
    ),
    "LCM": Family(
        "LatentConsistencyModelPipeline", "LCM", {**_UNET, "time_cond_proj_dim": 16}
    ),
    "SD 1.x inpainting": Family(
        "StableDiffusionInpaintPipeline", "SD 1.5", {**_UNET, "in_channels": 9}
    ),
}


@functools.cache
def folder(name: str) -> Path:
    """Returns the folder of a family's checkpoint; it is written once, and not kept."""
    place = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        write(FAMILIES[name], place)
    return place


def write(family: Family, place: Path) -> None:
    """Writes a checkpoint."""
    parts: dict[str, Any] = {}
    for nth, (changes, pad) in enumerate(zip(family.text, family.pads, strict=True)):
        suffix = "_2" if nth else ""
        words = _write_tokenizer(place / f"tokenizer{suffix}", pad)
        projects = "projection_dim" in changes
        kind = "CLIPTextModelWithProjection" if projects else "CLIPTextModel"
        config = transformers.CLIPTextConfig(**{**_TEXT, **changes})
        encoder = stir(getattr(transformers, kind)(config))
        parts |= {f"tokenizer{suffix}": words, f"text_encoder{suffix}": encoder}
    scheduler = PUBLISHED[family.scheduler]
    extras: dict[str, Any] = {"safety_checker": None, "requires_safety_checker": False}
    if len(family.text) == 2:
        extras = {"force_zeros_for_empty_prompt": True}
    pipeline = getattr(diffusers, family.pipeline)(
        **parts,
        unet=stir(diffusers.UNet2DConditionModel(**family.unet)),
        vae=stir(diffusers.AutoencoderKL(**_VAE)),
        scheduler=getattr(diffusers, scheduler["_class_name"]).from_config(scheduler),
        feature_extractor=None,
        **extras,
    )
    pipeline.save_pretrained(place, safe_serialization=True)
    for part, pad in zip(("tokenizer", "tokenizer_2"), family.pads, strict=False):
        shutil.rmtree(place / part)
        _write_tokenizer(place / part, pad)


def _write_tokenizer(place: Path, pad: str) -> Any:
    """Writes the published files, and reads them as transformers does."""
    place.mkdir(parents=True)
    for file in ("vocab.json", "merges.txt"):
        shutil.copy(WORDS / file, place)
    tokens = {
        "bos_token": "<|startoftext|>",
        "eos_token": END,
        "pad_token": END,
        "unk_token": END,
    }
    # Stable Diffusion 2 says here what it pads with, and END in its other file.
    said = {**tokens, "pad_token": pad}
    config = {**tokens, "model_max_length": _LENGTH}
    (place / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    (place / "special_tokens_map.json").write_text(json.dumps(said), "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return transformers.CLIPTokenizer.from_pretrained(place)
