"""A whole checkpoint in one file, in the layout it was first published in.

The parts come out under their published names, with the settings that a folder would
hold, so that whoever reads folders reads these.
"""

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints import inferred, original
from jaxsoundart.paint.checkpoints.inferred import Config, Family
from jaxsoundart.runtime.layout import some
from jaxsoundart.runtime.stored import Tensors, open_weights

_UNET = "model.diffusion_model."
_VAE = "first_stage_model."
_CLIP = "cond_stage_model.transformer."
_OPEN_CLIP = "cond_stage_model.model."
_XL_CLIP = "conditioner.embedders.0.transformer."
_XL_OPEN_CLIP = "conditioner.embedders.1.model."

_FAMILIES = {
    _CLIP: Family("SD 1", 0.18215, 512, "epsilon"),
    _OPEN_CLIP: Family("SD 2", 0.18215, 768, "v_prediction"),
    _XL_OPEN_CLIP: Family("SDXL", 0.13025, 1024, "epsilon"),
}
_TEXT_ENCODERS = {
    "SD 1": {"text_encoder": _CLIP},
    "SD 2": {"text_encoder": _OPEN_CLIP},
    "SDXL": {"text_encoder": _XL_CLIP, "text_encoder_2": _XL_OPEN_CLIP},
}

# What a file is that is no whole Stable Diffusion, by a name that only it has. The
# first that fits counts: a LoRA's names hold those of the layers it changes.
_OTHERS = (
    (r"lora_|\.lora\.|hada_w|lokr_w", "a LoRA: give it beside a checkpoint"),
    (r"^control_model\.|^controlnet_", "a ControlNet"),
    (r"double_blocks\.\d", "Flux"),
    (r"joint_blocks\.\d", "Stable Diffusion 3"),
    (r"^edm_mean$", "Playground 2.5"),
    (r"^conditioner\.embedders\.0\.model\.", "the refiner of Stable Diffusion XL"),
    (r"^(text_model|transformer)\.|^encoder\.layers", "a text encoder alone"),
    (r"^(emb_params|clip_[lg])$", "a textual inversion"),
    (r"^(down_blocks|add_embedding|conv_in)\.", "the U-Net of a diffusers folder"),
    (r"^decoder\.up(_block)?s?\.\d", "a VAE alone"),
    (r"^(input_blocks|output_blocks)\.", "a U-Net alone"),
)


@dataclass(frozen=True)
class SingleFile:
    """An original-layout checkpoint, no tensor of it read.

    Attributes:
        file: Where it lies.
        pipeline: The class that a folder's model_index.json would name.
        configs: What would stand in each part's settings: unet, vae, text_encoder,
            scheduler, and for XL text_encoder_2.
        tensors: Each part's tensors by published name.
    """

    file: Path
    pipeline: str
    configs: dict[str, Config]
    tensors: dict[str, Tensors]


def open_single_file(path: Path, prediction_type: str | None = None) -> SingleFile:
    """Opens a checkpoint of Stable Diffusion 1, 2 or XL; reads only its header.

    Args:
        path: The `.safetensors` file.
        prediction_type: What its U-Net predicts, for a checkpoint that differs from
            its family: epsilon or v_prediction. No tensor shows it.

    Raises:
        ModelError: It is damaged, a pickle, or something else; says what it looks like.
    """
    stored = open_weights(path)
    family = _family(path, stored)
    parts = {"unet": _UNET, "vae": _VAE, **_TEXT_ENCODERS[family.name]}
    if lacking := [part for part in parts if not _inside(stored, parts[part])]:
        raise ModelError(f"{path} holds no {' and no '.join(lacking)}")
    try:
        return _open(path, stored, _as_trained(family, stored, prediction_type))
    except (KeyError, IndexError) as error:
        raise ModelError(f"{path} is incomplete: {error} is missing") from None


def _open(path: Path, stored: Tensors, family: Family) -> SingleFile:
    unet, layers = original.unet(_inside(stored, _UNET))
    vae = original.vae(_inside(stored, _VAE))
    tensors = {"unet": unet, "vae": vae}
    configs = {
        "unet": inferred.unet_config(unet, layers, family),
        "vae": inferred.vae_config(vae, family),
        "scheduler": inferred.schedule_config(
            family.prediction_type, zero_snr="ztsnr" in stored
        ),
    }
    for part, prefix in _TEXT_ENCODERS[family.name].items():
        inside = _inside(stored, prefix)
        open_clip = prefix in (_OPEN_CLIP, _XL_OPEN_CLIP)
        text = original.open_clip(inside) if open_clip else original.clip(inside)
        # Stable Diffusion 2 was trained with what the last layer but one says.
        shortens = family.name == "SD 2"
        tensors[part] = original.without_last_layer(text) if shortens else text
        configs[part] = inferred.text_config(tensors[part], open_clip=open_clip)
    kinds = {4: "", 9: "Inpaint"}
    if (channels := configs["unet"]["in_channels"]) not in kinds:
        raise ModelError(
            f"{path}: its U-Net takes {channels} channels; wanted 4, or 9 of an "
            "inpainting checkpoint"
        )
    xl = "XL" if family.name == "SDXL" else ""
    pipeline = f"StableDiffusion{xl}{kinds[channels]}Pipeline"
    return SingleFile(path, pipeline, configs, tensors)


def _family(path: Path, stored: Tensors) -> Family:
    for pattern, label in _OTHERS:
        if any(re.search(pattern, name) for name in stored):
            raise ModelError(
                f"{path} is no whole Stable Diffusion; it looks like {label}"
            )
    for prefix, family in _FAMILIES.items():
        if _inside(stored, prefix):
            return family
    shown = some(sorted(stored), count=2)
    raise ModelError(f"{path} is no Stable Diffusion; it holds {shown}")


def _as_trained(family: Family, stored: Tensors, prediction: str | None) -> Family:
    """Returns the family as this member of it was trained."""
    if family.name == "SD 2":
        # Only its largest predicts velocity. The others cannot be told from it by any
        # tensor but these two; without them, diffusers too takes it for the largest.
        inpaints = stored[f"{_UNET}input_blocks.0.0.weight"].shape[1] == 9
        step = stored.get("global_step")
        if inpaints or (step and int(np.asarray(step)) == 875_000):
            prediction = prediction or "epsilon"
    # Fine-tunes that predict velocity carry an empty tensor of this name.
    marked = "v_prediction" if "v_pred" in stored else family.prediction_type
    prediction = prediction or marked
    base = family.name == "SD 2" and prediction == "epsilon"
    size_px = 512 if base else family.size_px
    return dataclasses.replace(family, prediction_type=prediction, size_px=size_px)


def _inside(stored: Tensors, prefix: str) -> Tensors:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in stored.items()
        if name.startswith(prefix)
    }
