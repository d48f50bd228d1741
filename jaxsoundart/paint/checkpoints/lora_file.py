"""A LoRA file's pairs of matrices, whichever program wrote it.

Three spellings are in use for one thing:

    lora_unet_mid_block_…_attn1_to_q.lora_down.weight    kohya's scripts, with .alpha
    unet.mid_block.….attn1.processor.to_q_lora.down.weight    diffusers until 0.21
    unet.mid_block.….attn1.to_q.lora_A.weight    PEFT, with alphas in the metadata

All come out as a part and a module joined by `_`, as kohya's scripts say it: from that
spelling there is no way back, to it there is one from all.
"""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime.layout import some
from jaxsoundart.runtime.stored import (
    Stored,
    Tensors,
    open_weights,
    read_metadata,
)

_PREFIXES = {
    "lora_unet_": "unet",
    "lora_te_": "text_encoder",
    "lora_te1_": "text_encoder",
    "lora_te2_": "text_encoder_2",
    "unet.": "unet",
    "text_encoder.": "text_encoder",
    "text_encoder_2.": "text_encoder_2",
}

_OTHER_KINDS = {
    "hada_w": "a LoHa",
    "lokr_w": "a LoKr",
    "dora_scale": "a DoRA",
    "lora_magnitude_vector": "a DoRA",
    "lora_mid": "a LoCon in Tucker's form",
    "oft_": "an OFT",
    ".diff": "a full difference",
}

_FACTOR = re.compile(
    r"(?P<module>.+?)(?:"
    r"\.lora_(?P<kohya>down|up)"
    r"|(?:_lora|\.lora|\.lora_linear_layer)\.(?P<diffusers>down|up)"
    r"|\.lora_(?P<peft>[AB])(?:\.default)?"
    r")\.weight"
)
_ALPHA = re.compile(r"(?P<module>.+?)(?:_lora|\.lora|\.lora_linear_layer)?\.alpha")

# What diffusers called a text encoder's projections once, and its own still.
_OLD_TEXT = {"to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out": "out_proj"}

Module = tuple[str, str]
"""A part, and the name of a module in it, joined by `_`."""


@dataclass(frozen=True)
class Pair:
    """What one layer is changed by, unread but for the scale.

    Attributes:
        down: From the layer's inputs to the rank.
        up: From the rank to its outputs.
        alpha_over_rank: What their product is multiplied by.
    """

    down: Stored
    up: Stored
    alpha_over_rank: float


@dataclass(frozen=True)
class LoRAFile:
    """A LoRA's pairs.

    Attributes:
        file: Where it lies.
        pairs: Of each layer it changes.
    """

    file: Path
    pairs: dict[Module, Pair]


def open_lora(file: Path) -> LoRAFile:
    """Opens a LoRA; reads only its header and scales.

    Raises:
        ModelError: It is damaged, a pickle, no LoRA or of a kind that is not read.
    """
    stored = open_weights(file)
    for mark, kind in _OTHER_KINDS.items():
        if any(mark in name for name in stored):
            raise ModelError(f"{file} is {kind}; wanted a LoRA of pairs down and up")
    factors, alphas, unknown = _sorted_out(stored)
    if not factors:
        raise ModelError(f"{file} is no LoRA; it holds {some(sorted(stored), count=2)}")
    if unknown:
        raise ModelError(f"{file}: what is {some(unknown)} in a LoRA?")
    settings = _peft_settings(file)
    pairs = {}
    for module, sides in factors.items():
        if lacking := {"down", "up"} - sides.keys():
            raise ModelError(f"{file}: {' '.join(module)} has no {lacking.pop()}")
        rank = sides["down"].shape[0] if sides["down"].shape else 1
        if module in alphas:
            scale = float(np.asarray(alphas[module], np.float64)) / rank
        else:
            scale = _peft_scale(settings, module, rank)
        pairs[module] = Pair(sides["down"], sides["up"], scale)
    return LoRAFile(file, pairs)


def _sorted_out(
    stored: Tensors,
) -> tuple[dict[Module, dict[str, Stored]], dict[Module, Stored], list[str]]:
    """Returns factors by module and side, alphas by module, and names not known."""
    factors: dict[Module, dict[str, Stored]] = {}
    alphas: dict[Module, Stored] = {}
    unknown = []
    for name, tensor in stored.items():
        if found := _FACTOR.fullmatch(name):
            side = found["kohya"] or found["diffusers"]
            side = side or {"A": "down", "B": "up"}[found["peft"]]
            factors.setdefault(_module(found["module"]), {})[side] = tensor
        elif found := _ALPHA.fullmatch(name):
            alphas[_module(found["module"])] = tensor
        else:
            unknown.append(name)
    return factors, alphas, unknown


def _module(name: str) -> Module:
    name = name.removeprefix("base_model.model.")
    # The first files of all held the U-Net alone and did not say so.
    prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
    part = _PREFIXES.get(prefix, "unet")
    name = name.removeprefix(prefix).replace(".processor.", ".")
    stem, _, last = name.rpartition(".")
    if part == "unet" and last == "to_out":
        name = f"{stem}.to_out.0"
    elif part != "unet" and last in _OLD_TEXT:
        name = f"{stem}.{_OLD_TEXT[last]}"
    return part, name.replace(".", "_").removeprefix("text_model_")


def _peft_settings(file: Path) -> dict[str, Any]:
    """Returns what diffusers writes of PEFT's settings, `part.setting` by value."""
    text = read_metadata(file).get("lora_adapter_metadata", "{}")
    try:
        settings = json.loads(text)
    except ValueError as error:
        raise ModelError(f"{file}: its metadata is no JSON: {error}") from None
    return settings if isinstance(settings, dict) else {}


def _peft_scale(settings: dict[str, Any], module: Module, rank: int) -> float:
    """Returns alpha over rank as the metadata has it, 1 where it says nothing."""
    part, name = module
    alpha = settings.get(f"{part}.lora_alpha", rank)
    for pattern, own in (settings.get(f"{part}.alpha_pattern") or {}).items():
        # A pattern names a module, or the end of the names of several.
        if f"_{name}".endswith(f"_{pattern.replace('.', '_')}"):
            alpha = own
            break
    by_root = settings.get(f"{part}.use_rslora", False)
    return float(alpha) / (math.sqrt(rank) if by_root else rank)
