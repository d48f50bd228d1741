"""Parts in the layout of Stable Diffusion's first files → published names.

There, a block is a number that counts through the whole U-Net (`input_blocks.4.1`);
here, levels, and layers in each (`down_blocks.1.attentions.0`). LoRA files join the
same names by `_`, which cannot be undone: the U-Net's rules hold for either separator.
"""

import re

from jaxsoundart.runtime.stored import Tensors

_UNET_ENDS = {
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "input_blocks.0.0": "conv_in",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
}
_RESIDUAL = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}
_SAMPLERS = {"op": "downsamplers.0.conv", "conv": "upsamplers.0.conv"}

_MIDDLE = re.compile(r"middle_block[._](\d)[._](.+)")
_BLOCK = re.compile(r"(input|output)_blocks[._](\d+)[._](\d)[._](.+)")

_VAE = (
    (r"^(encoder|decoder)\.norm_out\.", r"\1.conv_norm_out."),
    (r"\.nin_shortcut\.", ".conv_shortcut."),
    (r"\.(down|up)\.(\d+)\.block\.(\d+)\.", r".\1_blocks.\2.resnets.\3."),
    (r"\.(down|up)\.(\d+)\.\1sample\.conv\.", r".\1_blocks.\2.\1samplers.0.conv."),
    (r"\.mid\.block_1\.", ".mid_block.resnets.0."),
    (r"\.mid\.block_2\.", ".mid_block.resnets.1."),
    (r"\.mid\.attn_1\.norm\.", ".mid_block.attentions.0.group_norm."),
    (r"\.mid\.attn_1\.proj_out\.", ".mid_block.attentions.0.to_out.0."),
    (r"\.mid\.attn_1\.([qkv])\.", r".mid_block.attentions.0.to_\1."),
)
_OPEN_CLIP = (
    (r"^positional_embedding$", "embeddings.position_embedding.weight"),
    (r"^text_projection$", "text_projection.weight"),
    (r"^token_embedding\.", "embeddings.token_embedding."),
    (r"^ln_final\.", "final_layer_norm."),
    (r"^transformer\.resblocks\.", "encoder.layers."),
    (r"\.ln_([12])\.", r".layer_norm\1."),
    (r"\.attn\.", ".self_attn."),
    (r"\.mlp\.c_fc\.", ".mlp.fc1."),
    (r"\.mlp\.c_proj\.", ".mlp.fc2."),
)


def unet_name(name: str, layers: int, separator: str = ".") -> str:
    """Returns the published name of a U-Net's tensor or module.

    A name that is of no original block comes back as it is.

    Args:
        name: Its name in the original layout.
        layers: The U-Net's layers in each block (`layers_per_block`).
        separator: What `name` is joined by, "." or "_".
    """
    if swapped := _swap(name, _UNET_ENDS, separator):
        return swapped
    if found := _MIDDLE.fullmatch(name):
        place, rest = int(found[1]), found[2]
        stem, layer = ("mid_block",), place // 2
    elif found := _BLOCK.fullmatch(name):
        place, rest = int(found[3]), found[4]
        # The first input block is the lone convolution among the ends.
        count = int(found[2]) - (found[1] == "input")
        level, layer = divmod(count, layers + 1)
        stem = ("down_blocks" if found[1] == "input" else "up_blocks", str(level))
    else:
        return name
    if sampler := _swap(rest, _SAMPLERS, separator):
        return separator.join((*stem, sampler))
    if place == 1:
        return separator.join((*stem, "attentions", str(layer), rest))
    rest = _swap(rest, _RESIDUAL, separator) or rest
    return separator.join((*stem, "resnets", str(layer), rest))


def unet(stored: Tensors) -> tuple[Tensors, int]:
    """Returns a U-Net by published names, and its layers in each block."""
    blocks = {name.split(".")[1] for name in stored if name.startswith("input_blocks")}
    levels = 1 + sum(name.endswith(".0.op.weight") for name in stored)
    layers = len(blocks) // levels - 1
    return {unet_name(name, layers): stored[name] for name in stored}, layers


def vae(stored: Tensors) -> Tensors:
    """Returns a VAE by published names."""
    found = [re.match(r"encoder\.down\.(\d+)\.", name) for name in stored]
    levels = len({match[1] for match in found if match})
    # Some carry what they were trained against.
    kept = [name for name in stored if not name.startswith(("loss.", "model_ema."))]
    return {_vae_name(name, levels): stored[name] for name in kept}


def clip(stored: Tensors) -> Tensors:
    """Returns a text encoder of the first CLIP by published names."""
    return {
        f"text_model.{name.removeprefix('text_model.')}": tensor
        for name, tensor in stored.items()
        if not name.endswith("position_ids")
    }


def open_clip(stored: Tensors) -> Tensors:
    """Returns a text encoder of OpenCLIP by published names, its fused rows apart."""
    tensors: Tensors = {}
    for old, tensor in stored.items():
        name = _open_clip_name(old)
        if old == "text_projection":
            tensors[name] = tensor.transpose(1, 0)
        elif fused := re.fullmatch(r"(.+)\.in_proj_(weight|bias)", name):
            third = tensor.shape[0] // 3
            for nth, letter in enumerate("qkv"):
                part = tensor.rows(nth * third, (nth + 1) * third)
                tensors[f"text_model.{fused[1]}.{letter}_proj.{fused[2]}"] = part
        elif old not in ("logit_scale", "attn_mask"):
            tensors[f"text_model.{name}"] = tensor
    return tensors


def without_last_layer(text: Tensors) -> Tensors:
    """Returns a text encoder that ends one layer earlier, and projects nothing."""
    layer = re.compile(r"text_model\.encoder\.layers\.(\d+)\.")
    numbers = {name: int(found[1]) for name in text if (found := layer.match(name))}
    last = max(numbers.values())
    unused = ("text_projection.weight", *(n for n in numbers if numbers[n] == last))
    return {name: tensor for name, tensor in text.items() if name not in unused}


def _vae_name(name: str, levels: int) -> str:
    """Returns the published name of a tensor of a VAE with that many levels."""
    for pattern, new in _VAE:
        name = re.sub(pattern, new, name)
    # The decoder's levels are counted from the finest there, from the coarsest here.
    return re.sub(
        r"\.up_blocks\.(\d+)\.",
        lambda found: f".up_blocks.{levels - 1 - int(found[1])}.",
        name,
    )


def _open_clip_name(name: str) -> str:
    """Returns the published name of a tensor of an OpenCLIP text encoder.

    `in_proj_weight` and `in_proj_bias` stay: each is three published tensors.
    """
    for pattern, new in _OPEN_CLIP:
        name = re.sub(pattern, new, name)
    return name


def _swap(name: str, table: dict[str, str], separator: str) -> str | None:
    """Returns `name` with its first modules replaced, or None if none fits."""
    for old, new in table.items():
        start = old.replace(".", separator)
        if name == start or name.startswith(start + separator):
            return new.replace(".", separator) + name[len(start) :]
    return None
