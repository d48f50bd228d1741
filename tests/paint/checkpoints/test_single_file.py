"""Whole checkpoints in one file: each part comes out as a folder would hold it.

The files are written from diffusers' models under the original names. Their own
converters show that the names are right; ours must give the same tensors.
"""

import warnings

import jax
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints.layout import arrange, plain_name, to_published
from jaxsoundart.paint.checkpoints.original import unet_name
from jaxsoundart.paint.checkpoints.single_file import open_single_file
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.config import TextConfig, UNetConfig, VAEConfig
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.settings import parse
from tests.paint.checkpoints import original_layout
from tests.tiny_painter import random_params

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
BUFFERS = {
    "betas": np.zeros(1000),
    "model_ema.decay": np.array(0.9, np.float32),
    "model_ema.diffusion_modelinput_blocks00weight": np.ones(2, np.float32),
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


@pytest.fixture(scope="module")
def diffusers():
    pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("transformers")
        return pytest.importorskip("diffusers")


def text_model(kind, settings):
    import transformers

    return getattr(transformers, kind)(transformers.CLIPTextConfig(**settings))


def models(diffusers, family):
    parts = {
        "unet": diffusers.UNet2DConditionModel(**EVERY_UNET, **UNETS[family]),
        "vae": diffusers.AutoencoderKL(**VAE_CONFIG),
        "text_encoder": text_model(
            "CLIPTextModel", OPEN_CLIP if family == "SD 2" else TEXT
        ),
    }
    if family == "SDXL":
        kind = "CLIPTextModelWithProjection"
        parts["text_encoder_2"] = text_model(kind, OPEN_CLIP_XL)
    return parts


def state(model):
    """A model's tensors, without a text encoder's prefix."""
    return {
        name.removeprefix("text_model."): value.numpy()
        for name, value in model.state_dict().items()
        if not name.endswith("position_ids")
    }


def original(parts, family):
    """All parts under the names of a single file."""
    unet = original_layout.unet(state(parts["unet"]), UNETS[family] | EVERY_UNET)
    vae = original_layout.vae(state(parts["vae"]), 3)
    tensors = under("model.diffusion_model.", unet) | under("first_stage_model.", vae)
    tensors |= BUFFERS
    text = state(parts["text_encoder"])
    if prefix := CLIP_PREFIX.get(family):
        tensors |= under(f"{prefix}text_model.", text)
        tensors[f"{prefix}text_model.embeddings.position_ids"] = np.arange(77)[None]
    if prefix := OPEN_CLIP_PREFIX.get(family):
        if family == "SDXL":
            text = state(parts["text_encoder_2"])
        else:
            last = {n: v for n, v in text.items() if n.startswith("encoder.layers.22.")}
            text |= {n.replace(".22.", ".23."): v for n, v in last.items()}
            text["text_projection.weight"] = np.ones((64, 64), np.float32)
        tensors |= under(prefix, original_layout.open_clip(text))
        tensors[f"{prefix}logit_scale"] = np.array(4.6, np.float32)
    return tensors


@pytest.fixture(scope="module", params=list(UNETS))
def written(request, diffusers, tmp_path_factory):
    """A family, diffusers' models of it, and the file of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = models(diffusers, request.param)
    file = tmp_path_factory.mktemp("single") / "model.safetensors"
    save_file(original(parts, request.param), file)
    return request.param, parts, file


@pytest.mark.parity
def test_converters_of_diffusers_know_the_names(written):
    import torch
    from diffusers.loaders import single_file_utils as theirs

    family, parts, file = written
    tensors = {n: torch.from_numpy(value) for n, value in load_file(file).items()}
    got = {
        "unet": theirs.convert_ldm_unet_checkpoint(tensors, parts["unet"].config),
        "vae": theirs.convert_ldm_vae_checkpoint(tensors, parts["vae"].config),
    }
    if family in CLIP_PREFIX:
        got["text_encoder"] = theirs.convert_ldm_clip_checkpoint(tensors)
    if family in OPEN_CLIP_PREFIX:
        part = "text_encoder_2" if family == "SDXL" else "text_encoder"
        got[part] = theirs.convert_open_clip_checkpoint(
            parts[part], tensors, prefix=OPEN_CLIP_PREFIX[family]
        )
    for part, model in parts.items():
        found = {
            plain_name(name): value.numpy()
            for name, value in got[part].items()
            if not name.endswith("position_ids")
        }
        assert_same(found, state(model))


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


@pytest.mark.parity
def test_every_part_comes_out_as_it_went_in(written):
    family, parts, file = written
    single = open_single_file(file)
    xl = "XL" if family == "SDXL" else ""
    assert single.pipeline == f"StableDiffusion{xl}Pipeline"
    assert single.tensors.keys() == parts.keys()
    assert single.configs.keys() == {*parts, "scheduler"}
    for part, model in parts.items():
        wanted = state(model)
        found = {}
        for name, tensor in single.tensors[part].items():
            is_kernel = part == "vae" and ".to_" in name and name.endswith("weight")
            found[plain_name(name)] = np.asarray(
                tensor.as_matrix() if is_kernel else tensor
            )
        assert_same(found, wanted)


@pytest.mark.parity
def test_settings_are_read_off_the_shapes(written):
    family, parts, file = written
    configs = open_single_file(file).configs
    unet = configs["unet"]
    assert unet == {
        "_class_name": "UNet2DConditionModel",
        **EVERY_UNET,
        **UNETS[family],
    }
    sizes = {"SD 1": 512, "SD 2": 768, "SDXL": 1024}
    factor = 0.13025 if family == "SDXL" else 0.18215
    assert configs["vae"] == {
        "_class_name": "AutoencoderKL",
        **VAE_CONFIG,
        "sample_size": sizes[family],
        "scaling_factor": factor,
    }
    texts = {"text_encoder": OPEN_CLIP if family == "SD 2" else TEXT}
    if family == "SDXL":
        texts["text_encoder_2"] = OPEN_CLIP_XL
    for part, settings in texts.items():
        assert configs[part].items() >= settings.items()
        assert configs[part]["architectures"] == [type(parts[part]).__name__]
    kind = "v_prediction" if family == "SD 2" else "epsilon"
    assert configs["scheduler"]["prediction_type"] == kind


def parts_of_ours():
    """Our networks of Stable Diffusion 1's kind, and a tree for each."""
    text = TextEncoder(parse(TextConfig, TEXT, "text"))
    unet = UNet(parse(UNetConfig, EVERY_UNET | UNETS["SD 1"], "unet"))
    vae = VAE(parse(VAEConfig, VAE_CONFIG, "vae"))
    return abstract_params({"unet": unet, "vae": vae, "text_encoder": text})


@pytest.fixture(scope="module")
def ours():
    """Parameters by part, and the tensors of a single file of them."""
    params = {
        part: random_params(like, nth, 1.0)
        for nth, (part, like) in enumerate(parts_of_ours().items())
    }
    published = {p: to_published(params[p], np.dtype(np.float32)) for p in params}
    config = EVERY_UNET | UNETS["SD 1"]
    tensors = {
        **under(
            "model.diffusion_model.", original_layout.unet(published["unet"], config)
        ),
        **under("first_stage_model.", original_layout.vae(published["vae"], 3)),
        **under(CLIP_PREFIX["SD 1"], published["text_encoder"]),
    }
    return params, tensors


def test_our_networks_take_the_parts(ours, tmp_path):
    params, tensors = ours
    save_file(tensors, tmp_path / "model.safetensors")
    single = open_single_file(tmp_path / "model.safetensors")
    for part, like in parts_of_ours().items():
        got = arrange(single.tensors[part], like, part)
        jax.tree.map(np.testing.assert_array_equal, got, params[part])
    assert parse(UNetConfig, single.configs["unet"], "unet") == parse(
        UNetConfig, EVERY_UNET | UNETS["SD 1"], "unet"
    )


CONV_IN = "model.diffusion_model.input_blocks.0.0.weight"


def opened(tmp_path, tensors, **options):
    save_file(tensors, tmp_path / "model.safetensors")
    return open_single_file(tmp_path / "model.safetensors", **options)


def test_what_no_shape_shows_can_be_said(ours, tmp_path):
    tensors = ours[1]
    said = opened(tmp_path, tensors, prediction_type="v_prediction")
    assert said.configs["scheduler"]["prediction_type"] == "v_prediction"
    marks = {"v_pred": np.zeros(0, np.float32), "ztsnr": np.zeros(0, np.float32)}
    marked = opened(tmp_path, tensors | marks).configs["scheduler"]
    assert marked["prediction_type"] == "v_prediction"
    assert marked["rescale_betas_zero_snr"]
    assert marked["timestep_spacing"] == "trailing"


def test_inpainting_checkpoints_are_known_by_their_channels(ours, tmp_path):
    nine = {CONV_IN: np.zeros((32, 9, 3, 3), np.float32)}
    single = opened(tmp_path, ours[1] | nine)
    assert single.pipeline == "StableDiffusionInpaintPipeline"
    assert single.configs["unet"]["in_channels"] == 9
    five = {CONV_IN: np.zeros((32, 5, 3, 3), np.float32)}
    with pytest.raises(ModelError, match="U-Net takes 5 channels; wanted 4, or 9"):
        opened(tmp_path, ours[1] | five)


@pytest.mark.parametrize(
    ("name", "shape", "published"),
    [
        (
            "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
            (320, 768),
            "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight",
        ),
        ("input_blocks.3.0.op.weight", (320, 320, 3, 3), None),
        (
            "input_blocks.4.0.skip_connection.weight",
            (640, 320, 1, 1),
            "down_blocks.1.resnets.0.conv_shortcut.weight",
        ),
        (
            "input_blocks.8.1.transformer_blocks.0.ff.net.0.proj.weight",
            (10240, 1280),
            "down_blocks.2.attentions.1.transformer_blocks.0.ff.net.0.proj.weight",
        ),
        (
            "middle_block.2.in_layers.2.weight",
            (1280, 1280, 3, 3),
            "mid_block.resnets.1.conv1.weight",
        ),
        (
            "output_blocks.2.1.conv.weight",
            (1280, 1280, 3, 3),
            "up_blocks.0.upsamplers.0.conv.weight",
        ),
        (
            "output_blocks.8.2.conv.weight",
            (640, 640, 3, 3),
            "up_blocks.2.upsamplers.0.conv.weight",
        ),
        (
            "output_blocks.11.0.in_layers.0.weight",
            (640,),
            "up_blocks.3.resnets.2.norm1.weight",
        ),
        (
            "output_blocks.11.1.proj_in.weight",
            (320, 320, 1, 1),
            "up_blocks.3.attentions.2.proj_in.weight",
        ),
        ("time_embed.2.weight", (1280, 1280), "time_embedding.linear_2.weight"),
        ("out.2.weight", (4, 320, 3, 3), "conv_out.weight"),
    ],
)
def test_names_of_stable_diffusion_1_5(full_size, name, shape, published):
    published = published or "down_blocks.0.downsamplers.0.conv.weight"
    assert unet_name(name, 2) == published
    assert full_size[published] == shape
    # LoRA files say the same with another separator, and without what follows.
    module = name.removesuffix(".weight").replace(".", "_")
    wanted = published.removesuffix(".weight").replace(".", "_")
    assert unet_name(module, 2, "_") == wanted


@pytest.fixture(scope="module")
def full_size():
    """The shapes of Stable Diffusion 1.5's U-Net, in PyTorch's order."""
    from jaxsoundart.paint.checkpoints.layout import (
        paths,
        published_name,
        published_order,
    )

    channels = [320, 640, 1280, 1280]
    settings = UNETS["SD 1"] | {
        "block_out_channels": channels,
        "cross_attention_dim": 768,
    }
    unet = UNet(parse(UNetConfig, EVERY_UNET | settings, "unet"))
    shapes = {}
    for path, leaf in paths(abstract_params({"unet": unet})["unet"]):
        order = published_order(path, len(leaf.shape))
        shapes[published_name(path)] = tuple(leaf.shape[axis] for axis in order)
    assert len(shapes) == 686
    return shapes


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["lora_unet_mid_block.lora_down.weight"], "looks like a LoRA"),
        (["decoder.up.0.block.0.conv1.weight"], "looks like a VAE alone"),
        (["decoder.up_blocks.0.resnets.0.conv1.weight"], "looks like a VAE alone"),
        (["model.diffusion_model.double_blocks.0.img_attn.qkv.weight"], "like Flux"),
        (["model.diffusion_model.joint_blocks.0.x.weight"], "like Stable Diffusion 3"),
        (["control_model.input_blocks.0.0.weight"], "looks like a ControlNet"),
        (["conditioner.embedders.0.model.ln_final.bias"], "like the refiner"),
        (["down_blocks.0.resnets.0.conv1.weight"], "U-Net of a diffusers folder"),
        (["input_blocks.0.0.weight"], "looks like a U-Net alone"),
        (["text_model.final_layer_norm.bias"], "like a text encoder alone"),
        (["emb_params"], "looks like a textual inversion"),
        (["fc.weight", "fc.bias"], "is no Stable Diffusion; it holds fc.bias, fc.weig"),
        (["cond_stage_model.transformer.a"], "holds no unet and no vae"),
    ],
)
def test_other_files_are_told_what_they_look_like(tmp_path, names, message):
    with pytest.raises(ModelError, match=message) as caught:
        opened(tmp_path, {name: np.ones(2, np.float32) for name in names})
    assert "\n" not in str(caught.value)


def test_what_is_missing_is_named(ours, tmp_path):
    tensors = dict(ours[1])
    tensors.pop("model.diffusion_model.middle_block.1.proj_in.weight")
    with pytest.raises(ModelError, match=r"incomplete: .*mid_block\.attentions\.0\."):
        opened(tmp_path, tensors)
    tensors = dict(ours[1])
    tensors.pop("model.diffusion_model.middle_block.1.norm.bias")
    single = opened(tmp_path, tensors)
    with pytest.raises(ModelError, match=r"unet does not fit .*: missing mid"):
        arrange(single.tensors["unet"], parts_of_ours()["unet"], "unet")
