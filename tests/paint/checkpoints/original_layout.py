"""Published names → those of Stable Diffusion's first files: the way back, for tests.

Written out from the structure, not from the rules that are tested.
"""

import re

import numpy as np

UNET_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
RESIDUAL = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}


def unet_module(name, layers, attends):
    """The original name of a U-Net's module or tensor.

    `attends` holds the numbers of the up blocks that have attention.
    """
    for new, old in UNET_ENDS.items():
        if name.startswith(new):
            return name.replace(new, old)
    side, *rest = name.split(".")
    if side == "mid_block":
        kind, number, *rest = rest
        place = 1 if kind == "attentions" else 2 * int(number)
        stem = f"middle_block.{place}"
    else:
        level, kind, number, *rest = rest
        block = int(level) * (layers + 1) + int(number)
        if kind == "downsamplers":
            return ".".join((f"input_blocks.{block + layers + 1}.0.op", *rest[1:]))
        if kind == "upsamplers":
            place = 2 if int(level) in attends else 1
            return ".".join((f"output_blocks.{block + layers}.{place}", *rest))
        place = int(kind == "attentions")
        stem = (
            f"input_blocks.{block + 1}.{place}"
            if side == "down_blocks"
            else f"output_blocks.{block}.{place}"
        )
    if kind == "resnets":
        rest[0] = RESIDUAL[rest[0]]
    return ".".join((stem, *rest))


def vae_tensor(name, levels):
    """The original name of a VAE's tensor."""
    name = name.replace("conv_norm_out", "norm_out")
    name = name.replace("conv_shortcut", "nin_shortcut")
    name = re.sub(
        r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name
    )
    name = name.replace("mid_block.attentions.0.group_norm", "mid.attn_1.norm")
    name = name.replace("mid_block.attentions.0.to_out.0", "mid.attn_1.proj_out")
    name = name.replace("mid_block.attentions.0.to_", "mid.attn_1.")
    name = re.sub(r"down_blocks\.(\d)", r"down.\1", name)
    name = re.sub(r"up_blocks\.(\d)", lambda m: f"up.{levels - 1 - int(m[1])}", name)
    name = re.sub(r"(up|down)samplers\.0", r"\1sample", name)
    return name.replace(".resnets.", ".block.")


def unet(tensors, config):
    attends = {
        number
        for number, kind in enumerate(config["up_block_types"])
        if kind.startswith("CrossAttn")
    }
    return {
        unet_module(name, config["layers_per_block"], attends): value
        for name, value in tensors.items()
    }


def vae(tensors, levels):
    """A VAE's tensors, the attention's matrices as kernels of 1×1 convolutions."""
    written = {vae_tensor(name, levels): value for name, value in tensors.items()}
    return {
        name: value[:, :, None, None] if "attn_1" in name and value.ndim == 2 else value
        for name, value in written.items()
    }


def open_clip(tensors):
    """An OpenCLIP text encoder's tensors, from published names without a prefix."""
    written = {}
    for name, value in tensors.items():
        if name == "text_projection.weight":
            written["text_projection"] = value.T.copy()
            continue
        name = name.replace(
            "embeddings.position_embedding.weight", "positional_embedding"
        )
        name = name.replace("embeddings.token_embedding", "token_embedding")
        name = name.replace("final_layer_norm", "ln_final")
        name = name.replace("encoder.layers", "transformer.resblocks")
        name = name.replace("layer_norm", "ln_").replace("self_attn", "attn")
        name = name.replace("fc1", "c_fc").replace("fc2", "c_proj")
        if found := re.fullmatch(r"(.+)\.q_proj\.(weight|bias)", name):
            source = f"encoder.layers.{found[1].split('.')[2]}.self_attn"
            written[f"{found[1]}.in_proj_{found[2]}"] = np.concatenate(
                [tensors[f"{source}.{letter}_proj.{found[2]}"] for letter in "qkv"]
            )
        elif not re.search(r"\.[kv]_proj\.", name):
            written[name] = value
    return written
