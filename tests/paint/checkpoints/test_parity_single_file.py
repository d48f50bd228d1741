"""Whole checkpoints in one file: each part comes out as a folder would hold it.

The files are written from diffusers' models under the original names. Their own
converters show that the names are right; ours must give the same tensors.
"""

import warnings

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from jaxsoundart.paint.checkpoints.single_file import open_single_file
from jaxsoundart.paint.checkpoints.spelling import plain_name
from tests.paint.checkpoints import families, original_layout

BUFFERS = {
    "betas": np.zeros(1000),
    "model_ema.decay": np.array(0.9, np.float32),
    "model_ema.diffusion_modelinput_blocks00weight": np.ones(2, np.float32),
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
        "unet": diffusers.UNet2DConditionModel(
            **families.EVERY_UNET, **families.UNETS[family]
        ),
        "vae": diffusers.AutoencoderKL(**families.VAE_CONFIG),
        "text_encoder": text_model(
            "CLIPTextModel", families.OPEN_CLIP if family == "SD 2" else families.TEXT
        ),
    }
    if family == "SDXL":
        kind = "CLIPTextModelWithProjection"
        parts["text_encoder_2"] = text_model(kind, families.OPEN_CLIP_XL)
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
    unet = original_layout.unet(
        state(parts["unet"]), families.UNETS[family] | families.EVERY_UNET
    )
    vae = original_layout.vae(state(parts["vae"]), 3)
    tensors = families.under("model.diffusion_model.", unet) | families.under(
        "first_stage_model.", vae
    )
    tensors |= BUFFERS
    text = state(parts["text_encoder"])
    if prefix := families.CLIP_PREFIX.get(family):
        tensors |= families.under(f"{prefix}text_model.", text)
        tensors[f"{prefix}text_model.embeddings.position_ids"] = np.arange(77)[None]
    if prefix := families.OPEN_CLIP_PREFIX.get(family):
        if family == "SDXL":
            text = state(parts["text_encoder_2"])
        else:
            last = {n: v for n, v in text.items() if n.startswith("encoder.layers.22.")}
            text |= {n.replace(".22.", ".23."): v for n, v in last.items()}
            text["text_projection.weight"] = np.ones((64, 64), np.float32)
        tensors |= families.under(prefix, original_layout.open_clip(text))
        tensors[f"{prefix}logit_scale"] = np.array(4.6, np.float32)
    return tensors


@pytest.fixture(scope="module", params=list(families.UNETS))
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
    if family in families.CLIP_PREFIX:
        got["text_encoder"] = theirs.convert_ldm_clip_checkpoint(tensors)
    if family in families.OPEN_CLIP_PREFIX:
        part = "text_encoder_2" if family == "SDXL" else "text_encoder"
        got[part] = theirs.convert_open_clip_checkpoint(
            parts[part], tensors, prefix=families.OPEN_CLIP_PREFIX[family]
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
        **families.EVERY_UNET,
        **families.UNETS[family],
    }
    sizes = {"SD 1": 512, "SD 2": 768, "SDXL": 1024}
    factor = 0.13025 if family == "SDXL" else 0.18215
    assert configs["vae"] == {
        "_class_name": "AutoencoderKL",
        **families.VAE_CONFIG,
        "sample_size": sizes[family],
        "scaling_factor": factor,
    }
    texts = {"text_encoder": families.OPEN_CLIP if family == "SD 2" else families.TEXT}
    if family == "SDXL":
        texts["text_encoder_2"] = families.OPEN_CLIP_XL
    for part, settings in texts.items():
        assert configs[part].items() >= settings.items()
        assert configs[part]["architectures"] == [type(parts[part]).__name__]
    kind = "v_prediction" if family == "SD 2" else "epsilon"
    assert configs["scheduler"]["prediction_type"] == kind
