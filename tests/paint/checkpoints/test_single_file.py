"""Checkpoints in one file: what they hold, and what is no such file."""

import jax
import numpy as np
import pytest
from safetensors.numpy import save_file

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints.single_file import open_single_file
from jaxsoundart.paint.checkpoints.spelling import arrange_part
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.config import TextConfig, UNetConfig, VAEConfig
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.settings import parse
from jaxsoundart.runtime.layout import to_published
from tests.paint.checkpoints import families, original_layout
from tests.tiny_painter import random_params


def parts_of_ours():
    """Our networks of Stable Diffusion 1's kind, and a tree for each."""
    text = TextEncoder(parse(TextConfig, families.TEXT, "text"))
    unet = UNet(parse(UNetConfig, families.EVERY_UNET | families.UNETS["SD 1"], "unet"))
    vae = VAE(parse(VAEConfig, families.VAE_CONFIG, "vae"))
    return abstract_params({"unet": unet, "vae": vae, "text_encoder": text})


@pytest.fixture(scope="module")
def ours():
    """Parameters by part, and the tensors of a single file of them."""
    params = {
        part: random_params(like, nth, 1.0)
        for nth, (part, like) in enumerate(parts_of_ours().items())
    }
    published = {p: to_published(params[p], np.dtype(np.float32)) for p in params}
    config = families.EVERY_UNET | families.UNETS["SD 1"]
    tensors = {
        **families.under(
            "model.diffusion_model.", original_layout.unet(published["unet"], config)
        ),
        **families.under(
            "first_stage_model.", original_layout.vae(published["vae"], 3)
        ),
        **families.under(families.CLIP_PREFIX["SD 1"], published["text_encoder"]),
    }
    return params, tensors


def test_our_networks_take_the_parts(ours, tmp_path):
    params, tensors = ours
    save_file(tensors, tmp_path / "model.safetensors")
    single = open_single_file(tmp_path / "model.safetensors")
    for part, like in parts_of_ours().items():
        got = arrange_part(single.tensors[part], like, part)
        jax.tree.map(np.testing.assert_array_equal, got, params[part])
    assert parse(UNetConfig, single.configs["unet"], "unet") == parse(
        UNetConfig, families.EVERY_UNET | families.UNETS["SD 1"], "unet"
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
        arrange_part(single.tensors["unet"], parts_of_ours()["unet"], "unet")
