"""Weights on disk: the diffusers layout, strictly."""

import json
import shutil

import jax
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.layout import published_name
from jaxsoundart.paint.model import StableDiffusion

UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def folder(tiny_folder, tmp_path):
    return shutil.copytree(tiny_folder, tmp_path / "painter")


def test_what_is_saved_is_loaded(tiny, tiny_folder):
    loaded = StableDiffusion.load(tiny_folder)
    assert jax.tree.structure(loaded.params) == jax.tree.structure(tiny.params)
    jax.tree.map(np.testing.assert_array_equal, loaded.params, tiny.params)
    assert loaded.unet.config == tiny.unet.config
    assert loaded.vae.config == tiny.vae.config
    assert loaded.schedule.config == tiny.schedule.config
    assert loaded.words == tiny.words
    assert loaded.size_px == 8


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (
            ("down_blocks_0", "attentions_1", "attn1", "to_out_0", "kernel"),
            "down_blocks.0.attentions.1.attn1.to_out.0.weight",
        ),
        (("time_embedding", "linear_1", "bias"), "time_embedding.linear_1.bias"),
        (
            ("up_blocks_2", "resnets_0", "norm1", "scale"),
            "up_blocks.2.resnets.0.norm1.weight",
        ),
        (
            ("text_model", "encoder", "layers_11", "layer_norm1", "scale"),
            "text_model.encoder.layers.11.layer_norm1.weight",
        ),
    ],
)
def test_paths_are_published_names(path, name):
    assert published_name(path) == name


def damage(folder, change):
    tensors = load_file(folder / UNET)
    change(tensors)
    save_file(tensors, folder / UNET)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("conv_in.bias"), "missing conv_in.bias"),
        (lambda t: t.update(extra=np.zeros(2)), "unexpected extra"),
        (
            lambda t: t.update({"conv_in.bias": np.zeros(3, np.float32)}),
            r"conv_in.bias has shape \(3,\)",
        ),
        (
            lambda t: t.update({"conv_in.bias": np.full(16, np.nan, np.float32)}),
            "conv_in.bias holds values that are not finite",
        ),
    ],
)
def test_wrong_tensors_are_named(folder, change, message):
    damage(folder, change)
    with pytest.raises(ModelError, match=message) as caught:
        StableDiffusion.load(folder)
    assert "\n" not in str(caught.value)


def test_a_truncated_file_is_refused(folder):
    whole = (folder / UNET).read_bytes()
    (folder / UNET).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="not readable as safetensors"):
        StableDiffusion.load(folder)


def test_pickles_are_refused(folder):
    (folder / UNET).rename(folder / "unet/diffusion_pytorch_model.bin")
    with pytest.raises(ModelError, match="is a pickle and is not read"):
        StableDiffusion.load(folder)


def edit(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("file", "changes", "message"),
    [
        (
            "unet/config.json",
            {"down_block_types": ["DownBlock2D", "AttnDownBlock2D"]},
            "down_block_types is .*supported: 'CrossAttnDownBlock2D', 'DownBlock2D'",
        ),
        ("unet/config.json", {"block_out_channels": [16]}, "must agree"),
        ("unet/config.json", {"sample_size": None}, "the key 'sample_size' is missing"),
        (
            "scheduler/scheduler_config.json",
            {"prediction_type": "score"},
            "prediction_type is 'score'; supported: 'epsilon'",
        ),
        (
            "model_index.json",
            {"_class_name": "FluxPipeline"},
            "says FluxPipeline; wanted StableDiffusionPipeline",
        ),
    ],
)
def test_unsupported_settings_are_named(folder, file, changes, message):
    edit(folder / file, **changes)
    with pytest.raises(ModelError, match=message) as caught:
        StableDiffusion.load(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["model_index.json", "vae/config.json"])
def test_a_missing_file_is_named(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=f"{missing} is missing"):
        StableDiffusion.load(folder)


def test_an_unknown_painter_is_refused():
    with pytest.raises(ModelError, match="painter 'nowhere' is unknown"):
        StableDiffusion.load("nowhere")
