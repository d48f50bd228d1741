"""LoRA files merged by us and by diffusers (`load_lora_weights`, then `fuse_lora`).

Compared are all weights of the U-Net and the text encoders, after the merge.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from safetensors.numpy import save_file

from benchmarks.parity import Case, relative_error
from benchmarks.parity.lora_files import SPELLINGS, UPS, Writer
from jaxsoundart.paint.checkpoints import lora
from jaxsoundart.runtime import layout

SUM = 1e-5
"""What a merged weight may differ by: float32's rounding, added up."""

_WEIGHT = 0.7

_TEXT: dict[str, Any] = {
    "vocab_size": 99,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}
_UNET: dict[str, Any] = {"sample_size": 8, "norm_num_groups": 8}
_CROSS, _PLAIN = "CrossAttn{}Block2D", "{}Block2D"


def _models(family: str) -> dict[str, torch.nn.Module]:
    torch.manual_seed(0)
    xl = family == "sdxl"
    attends = (False, True, True) if xl else (True, True, False)
    types = [_CROSS if cross else _PLAIN for cross in attends]
    more = {
        "block_out_channels": (16, 32, 32),
        "transformer_layers_per_block": (1, 2, 2) if xl else 1,
        "use_linear_projection": xl,
        "attention_head_dim": 4,
        "cross_attention_dim": 64 if xl else 32,
        "down_block_types": tuple(kind.format("Down") for kind in types),
        "up_block_types": tuple(kind.format("Up") for kind in types[::-1]),
    }
    if xl:
        more |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 32 + 6 * 8,
        }
    text = transformers.CLIPTextConfig(**_TEXT, projection_dim=32)
    models = {
        "unet": diffusers.UNet2DConditionModel(**_UNET, **more),
        "text_encoder": transformers.CLIPTextModel(text),
    }
    if xl:
        models["text_encoder_2"] = transformers.CLIPTextModelWithProjection(text)
    return models


def _pipeline(models: dict[str, torch.nn.Module]) -> Any:
    """Returns a pipeline of what LoRA changes, and nothing else."""
    parts: dict[str, Any] = dict.fromkeys(("vae", "tokenizer"))
    if "text_encoder_2" in models:
        kind, parts = (
            diffusers.StableDiffusionXLPipeline,
            {**parts, "tokenizer_2": None},
        )
    else:
        kind = diffusers.StableDiffusionPipeline
        parts |= dict.fromkeys(("safety_checker", "feature_extractor"))
        parts["requires_safety_checker"] = False
    return kind(**parts, **models, scheduler=diffusers.DDIMScheduler())


def _state(models: dict[str, torch.nn.Module]) -> dict[str, dict[str, np.ndarray]]:
    return {
        part: {
            name.removeprefix("text_model."): value.detach().numpy().copy()
            for name, value in model.state_dict().items()
        }
        for part, model in models.items()
    }


def _tree(tensors: dict[str, np.ndarray]) -> dict[str, Any]:
    """Returns published tensors as a tree of ours, whatever network they are of."""
    tree: dict[str, Any] = {}
    for name, value in tensors.items():
        *modules, leaf = re.sub(r"\.(\d+)(?=\.)", r"_\1", name).split(".")
        if leaf == "weight":
            embeds = modules[-1].endswith("_embedding")
            kernel = "embedding" if embeds else "kernel"
            leaf = kernel if value.ndim > 1 else "scale"
        path = (*modules, leaf)
        layout.put(tree, path, value.transpose(layout.our_order(path, value.ndim)))
    return tree


def _error(family: str, spelling: str) -> float:
    models = _models(family)
    before = _state(models)
    tensors, metadata = Writer(before, family).write(spelling)
    params = {part: _tree(state) for part, state in before.items()}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lora.safetensors"
        save_file(tensors, file, metadata)
        pipeline = _pipeline(models)
        pipeline.load_lora_weights(folder, weight_name=file.name)
        pipeline.fuse_lora(lora_scale=_WEIGHT)
        pipeline.unload_lora_weights()
        merged = lora.merge(params, [(file, _WEIGHT)])
        ours = {
            part: layout.to_published(tree, np.dtype(np.float32))
            for part, tree in merged.items()
        }
    errors = []
    changed = 0
    for part, theirs in _state(models).items():
        for name, value in theirs.items():
            errors.append(relative_error(ours[part][name], value))
            changed += not np.array_equal(value, before[part][name])
    pairs = sum(name.endswith(UPS) for name in tensors)
    if changed != pairs:
        raise ValueError(f"diffusers changed {changed} layers of {pairs}")
    return max(errors)


def cases() -> Iterator[Case]:
    """Yields a case for each family and spelling."""
    for family in ("sd1", "sdxl"):
        for spelling in SPELLINGS:
            name = f"LoRA, {family}, {spelling}"
            yield Case(name, lambda f=family, s=spelling: _error(f, s), SUM)
