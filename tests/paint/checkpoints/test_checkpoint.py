"""Weights on disk: the diffusers layout, strictly."""

import dataclasses
import json
import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints.checkpoint import find_weights, load_params
from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.paint.order import Order
from jaxsoundart.paint.painter import Painter

UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def folder(tiny_folder, tmp_path):
    return shutil.copytree(tiny_folder, tmp_path / "painter")


def test_what_is_saved_is_loaded(tiny, tiny_folder):
    loaded = open_model(tiny_folder)
    assert jax.tree.structure(loaded.params) == jax.tree.structure(tiny.params)
    jax.tree.map(np.testing.assert_array_equal, loaded.params, tiny.params)
    assert loaded.unet.config == tiny.unet.config
    assert loaded.vae.config == tiny.vae.config
    # Stable Diffusion counts its steps from one, whatever the file says.
    config = dataclasses.replace(tiny.schedule.config, steps_offset=1)
    assert loaded.schedule.config == config
    assert loaded.defaults == tiny.defaults
    assert loaded.words == tiny.words
    assert loaded.size_px == 8


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
    ],
)
def test_wrong_tensors_are_named(folder, change, message):
    damage(folder, change)
    with pytest.raises(ModelError, match=message) as caught:
        open_model(folder)
    assert "\n" not in str(caught.value)


def test_values_that_are_no_numbers_are_named_when_read(folder):
    nothing = np.full(16, np.nan, np.float32)
    damage(folder, lambda t: t.update({"conv_in.bias": nothing}))
    painter = Painter.create(open_model(folder), jax.devices()[:1])
    with pytest.raises(ModelError, match=r"conv_in.bias holds values that are not fin"):
        painter.paint([Order(prompt="sun")])


def test_a_truncated_file_is_refused(folder):
    whole = (folder / UNET).read_bytes()
    (folder / UNET).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="not readable as safetensors"):
        open_model(folder)


def test_pickles_are_refused(folder):
    (folder / UNET).rename(folder / "unet/diffusion_pytorch_model.bin")
    with pytest.raises(ModelError, match="is a pickle and is not read"):
        open_model(folder)


def split(folder, variant=""):
    """Cuts the U-Net's file in two, with an index as diffusers writes it."""
    tensors = load_file(folder / UNET)
    names = sorted(tensors)
    weight_map = {}
    for number, part in enumerate((names[::2], names[1::2]), 1):
        file = f"diffusion_pytorch_model{variant}-0000{number}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / "unet" / file)
        weight_map |= dict.fromkeys(part, file)
    (folder / UNET).unlink()
    index = folder / "unet" / f"{UNET[5:]}.index{variant}.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))


@pytest.mark.parametrize("variant", ["", ".fp16"])
def test_weights_in_several_files(folder, tiny, variant):
    split(folder, variant)
    loaded = open_model(folder)
    jax.tree.map(np.testing.assert_array_equal, loaded.params, tiny.params)
    last = sorted((folder / "unet").glob("*-of-00002.safetensors"))[1]
    last.unlink()
    with pytest.raises(ModelError, match=f"{last.name} is missing; fetch it again"):
        open_model(folder)


def test_an_index_that_names_nothing_is_refused(folder):
    split(folder)
    (folder / "unet" / f"{UNET[5:]}.index.json").write_text("{}")
    with pytest.raises(ModelError, match="says not which file holds which tensor"):
        open_model(folder)


def test_plain_files_come_before_indices_and_variants(tmp_path):
    preferred = [
        "diffusion_pytorch_model.safetensors",
        "diffusion_pytorch_model.safetensors.index.json",
        "diffusion_pytorch_model.fp16.safetensors",
        "diffusion_pytorch_model.non_ema.safetensors",
    ]
    index = json.dumps({"weight_map": {"a": "a-00001-of-00001.safetensors"}})
    (tmp_path / "a-00001-of-00001.safetensors").touch()
    for name in preferred:
        (tmp_path / name).write_text(index)
    for name in preferred:
        (found,) = find_weights(tmp_path)
        expected = "a-00001-of-00001.safetensors" if "index" in name else name
        assert found.name == expected
        (tmp_path / name).unlink()


@pytest.mark.parametrize("dtype", [np.float16, jnp.bfloat16])
def test_weights_are_cast(folder, tiny, dtype):
    params = load_params(find_weights(folder / "unet"), tiny.params["unet"], dtype)
    wanted = jax.tree.map(lambda leaf: leaf.astype(dtype), tiny.params["unet"])
    jax.tree.map(np.testing.assert_array_equal, params, wanted)


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
            "is a FluxPipeline; supported: StableDiffusionPipeline",
        ),
    ],
)
def test_unsupported_settings_are_named(folder, file, changes, message):
    edit(folder / file, **changes)
    with pytest.raises(ModelError, match=message) as caught:
        open_model(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["model_index.json", "vae/config.json"])
def test_a_missing_file_is_named(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=f"{missing} is missing"):
        open_model(folder)


def test_an_unknown_painter_is_refused():
    with pytest.raises(ModelError, match="painter 'nowhere' is unknown"):
        open_model("nowhere")
