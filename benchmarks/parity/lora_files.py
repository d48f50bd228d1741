"""LoRA files of random pairs, in every spelling there is."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxsoundart.paint.checkpoints.original import unet_name

SPELLINGS = ("kohya", "diffusers", "PEFT", "PEFT with settings")
"""The programs whose names are written."""

UPS = (".up.weight", "_up.weight", ".lora_B.weight")
"""How the names end that each pair has one of."""

State = dict[str, dict[str, np.ndarray]]
"""Tensors by part and published name."""

_ALPHA = 3.0

_ATTENTION = ("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn2.to_k", "attn1.to_out.0")
_TRANSFORMERS = {
    "sd1": ("down_blocks.0.attentions.0", "mid_block.attentions.0"),
    "sdxl": ("down_blocks.1.attentions.1", "up_blocks.0.attentions.2"),
}
_OTHERS = (
    "mid_block.resnets.1.conv1",
    "mid_block.resnets.0.time_emb_proj",
    "up_blocks.1.resnets.0.conv_shortcut",
    "down_blocks.0.downsamplers.0.conv",
)
_TEXT_LAYERS = ("self_attn.q_proj", "self_attn.out_proj", "mlp.fc1")

# The same layers as kohya's scripts name them for XL, after its first files.
_KOHYA_XL = (
    "input_blocks_5_1_transformer_blocks_1_attn2_to_k",
    "input_blocks_5_1_proj_in",
    "input_blocks_3_0_op",
    "input_blocks_4_0_skip_connection",
    "middle_block_1_transformer_blocks_0_ff_net_0_proj",
    "middle_block_2_in_layers_2",
    "middle_block_0_emb_layers_1",
    "output_blocks_2_1_transformer_blocks_0_attn1_to_out_0",
    "output_blocks_8_0_out_layers_3",
    "time_embed_0",
)


class Writer:
    """Draws pairs for some layers of each kind and names them."""

    def __init__(self, state: State, family: str):
        self.state = state
        self.family = family
        self.generator = np.random.default_rng(0)

    def write(self, spelling: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
        """Returns a file's tensors and metadata."""
        if spelling == "PEFT with settings":
            return self.peft(), {"lora_adapter_metadata": json.dumps(self.settings())}
        return getattr(self, spelling.lower())(), {}

    def pair(self, part: str, module: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns down and up for a layer, the ranks 2 and 4 in turn."""
        out, into, *sides = self.state[part][f"{module}.weight"].shape
        rank = _rank(module)
        ones = [1] * len(sides)
        down = self.generator.standard_normal((rank, into, *sides))
        up = self.generator.standard_normal((out, rank, *ones))
        return down.astype(np.float32), up.astype(np.float32)

    def layers(self) -> Iterator[tuple[str, str]]:
        """Yields part and module of the layers that are changed."""
        for stem in _TRANSFORMERS[self.family]:
            block = f"{stem}.transformer_blocks.0"
            yield from (("unet", f"{block}.{layer}") for layer in _ATTENTION)
            yield "unet", f"{block}.ff.net.0.proj"
            yield "unet", f"{stem}.proj_in"
        yield from (("unet", module) for module in _OTHERS)
        for part in self.state:
            if part != "unet":
                for layer in _TEXT_LAYERS:
                    yield part, f"encoder.layers.1.{layer}"

    def kohya(self) -> dict[str, np.ndarray]:
        """Returns a file's tensors as kohya's scripts name them."""
        prefixes = {"unet": "lora_unet", "text_encoder": "lora_te"}
        if self.family == "sdxl":
            prefixes |= {"text_encoder": "lora_te1", "text_encoder_2": "lora_te2"}
        named = {}
        for part, module in self.layers():
            if part == "unet" and self.family == "sdxl":
                continue
            text = "" if part == "unet" else "text_model_"
            name = f"{prefixes[part]}_{text}{module.replace('.', '_')}"
            named[name] = self.pair(part, module)
        if self.family == "sdxl":
            modules = {
                name.removesuffix(".weight").replace(".", "_"): name
                for name in self.state["unet"]
            }
            for name in _KOHYA_XL:
                module = modules[unet_name(name, 2, "_")].removesuffix(".weight")
                named[f"lora_unet_{name}"] = self.pair("unet", module)
        return {
            f"{name}.{end}": value
            for name, (down, up) in named.items()
            for end, value in (
                ("lora_down.weight", down),
                ("lora_up.weight", up),
                ("alpha", np.array(_ALPHA, np.float32)),
            )
        }

    def diffusers(self) -> dict[str, np.ndarray]:
        """Returns a file's tensors as diffusers named attention's, until 0.21."""
        text = {"q_proj": "to_q", "out_proj": "to_out"}
        tensors = {}
        for part, module in self.layers():
            stem, _, last = module.removesuffix(".0").rpartition(".")
            if part == "unet" and ".attn" in module:
                name = f"unet.{stem}.processor.{last}_lora"
            elif part != "unet" and last in text:
                name = f"{part}.text_model.{stem}.{text[last]}_lora"
            else:
                continue
            down, up = self.pair(part, module)
            tensors |= {f"{name}.down.weight": down, f"{name}.up.weight": up}
        return tensors

    def peft(self) -> dict[str, np.ndarray]:
        """Returns a file's tensors as PEFT names them."""
        tensors = {}
        for part, module in self.layers():
            stem = (
                f"{part}.{module}" if part == "unet" else f"{part}.text_model.{module}"
            )
            down, up = self.pair(part, module)
            tensors |= {f"{stem}.lora_A.weight": down, f"{stem}.lora_B.weight": up}
        return tensors

    def settings(self) -> dict[str, Any]:
        """Returns PEFT's settings of each part, some layers' own among them."""
        settings: dict[str, Any] = {}
        for part in self.state:
            modules = [module for where, module in self.layers() if where == part]
            own = {
                "r": 2,
                "rank_pattern": {m: 4 for m in modules if _rank(m) == 4},
                "lora_alpha": _ALPHA,
                "alpha_pattern": {modules[0]: 5.0, "proj_in": 7.0},
                "target_modules": modules,
                "use_rslora": part == "unet",
            }
            settings |= {f"{part}.{name}": value for name, value in own.items()}
        return settings


def _rank(module: str) -> int:
    """Returns 2 for half of the layers, 4 for the other."""
    return 2 + 2 * (len(module) % 2)
