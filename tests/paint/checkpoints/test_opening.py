"""Checkpoints wherever they lie, with other VAEs and with low-rank changes."""

import json

import huggingface_hub
import jax
import numpy as np
import pytest
from safetensors.numpy import save_file

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.config import (
    TextConfig,
    TinyVAEConfig,
    UNetConfig,
    VAEConfig,
)
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.tiny_vae import TinyVAE
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.paint.painter import Painter
from jaxsoundart.runtime.layout import save_params, to_published
from tests.paint.checkpoints import original_layout
from tests.tiny_painter import random_params

ORDER = Order(prompt="dark sun", negative_prompt="moon", seed=3)
SETTINGS = Settings(sampler="ddim", steps=2)
UNET = UNetConfig(
    sample_size=64,
    in_channels=4,
    out_channels=4,
    block_out_channels=(32, 32),
    down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    layers_per_block=1,
    cross_attention_dim=64,
)


def paint(model, **settings):
    painter = Painter.create(model, jax.devices()[:1])
    (picture,) = painter.paint([ORDER], Settings(sampler="ddim", steps=2, **settings))
    return picture


@pytest.fixture
def single_file(tmp_path, tiny, tokenizer_folder):
    """A whole Stable Diffusion 1 in the layout it was first published in."""
    words = json.loads((tokenizer_folder / "vocab.json").read_text())
    parts = {
        "unet": UNet(UNET),
        "vae": VAE(VAEConfig(block_out_channels=(32, 32))),
        "text_encoder": TextEncoder(
            TextConfig(
                vocab_size=len(words),
                hidden_size=64,
                intermediate_size=64,
                num_hidden_layers=1,
                num_attention_heads=1,
                max_position_embeddings=12,
            )
        ),
    }
    tensors = {
        part: to_published(random_params(like, (1, nth), 1.0), np.dtype(np.float32))
        for nth, (part, like) in enumerate(abstract_params(parts).items())
    }
    named = {
        "model.diffusion_model.": original_layout.unet(
            tensors["unet"], {**UNET.to_json()}
        ),
        "first_stage_model.": original_layout.vae(tensors["vae"], 2),
        "cond_stage_model.transformer.": tensors["text_encoder"],
    }
    whole = {
        prefix + name: np.ascontiguousarray(value)
        for prefix, part in named.items()
        for name, value in part.items()
    }
    save_file(whole, tmp_path / "model.safetensors")
    (tmp_path / "tokenizer").symlink_to(tokenizer_folder)
    return tmp_path / "model.safetensors"


def test_a_single_file_paints(single_file):
    model = open_model(single_file)
    assert (model.defaults.steps, model.defaults.guidance) == (50, 7.5)
    assert model.schedule.config.steps_offset == 1
    assert model.schedule.config.prediction_type == "epsilon"
    picture = paint(model, width_px=8, height_px=8)
    assert picture.shape == (8, 8, 3)
    assert np.ptp(picture) > 0
    other = open_model(single_file, prediction_type="v_prediction")
    assert other.schedule.config.prediction_type == "v_prediction"


def test_a_single_file_without_a_tokenizer_asks_for_clips(single_file, monkeypatch):
    (single_file.parent / "tokenizer").unlink()
    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(ModelError, match=r"tokenizer 'openai/clip.* could not be fet"):
        open_model(single_file)


def offline(*arguments, **options):
    raise huggingface_hub.errors.LocalEntryNotFoundError("no network")


def test_a_tiny_vae_takes_the_place_of_the_painters(tiny_folder, tmp_path):
    config = TinyVAEConfig(
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1),
    )
    (like,) = abstract_params({"vae": TinyVAE(config)}).values()
    folder = tmp_path / "tiny-vae"
    params = random_params(like, 5, 1.0)
    save_params(folder / "diffusion_pytorch_model.safetensors", params, np.float32)
    content = {"_class_name": "AutoencoderTiny", **config.to_json()}
    (folder / "config.json").write_text(json.dumps(content))
    own, other = open_model(tiny_folder), open_model(tiny_folder, vae=folder)
    assert isinstance(other.vae, TinyVAE)
    assert other.changes == ("tiny-vae",)
    assert other.sha256 != own.sha256
    assert (paint(other) != paint(own)).any()
    (folder / "config.json").write_text(json.dumps({"_class_name": "AsymmetricVAE"}))
    with pytest.raises(ModelError, match=r"vae is AsymmetricVAE; supported: Autoen"):
        open_model(tiny_folder, vae=folder)


def test_low_rank_changes_change_pictures_by_their_weight(tiny_folder, tmp_path):
    generator = np.random.default_rng(0)
    layer = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    change = {
        f"{layer}.lora_down.weight": generator.standard_normal((2, 16)),
        f"{layer}.lora_up.weight": generator.standard_normal((16, 2)),
        f"{layer}.alpha": np.array(2.0),
    }
    file = tmp_path / "rain.safetensors"
    save_file({name: value.astype(np.float32) for name, value in change.items()}, file)
    own = open_model(tiny_folder)
    off, on = (open_model(tiny_folder, loras=[(file, w)]) for w in (0.0, 0.8))
    assert on.changes == ("rain.safetensors:0.8",)
    assert len({own.sha256, off.sha256, on.sha256}) == 3
    np.testing.assert_array_equal(paint(off), paint(own))
    assert (paint(on) != paint(own)).any()
    with pytest.raises(ModelError, match=r"none\.safetensors: not readable"):
        open_model(tiny_folder, loras=[(tmp_path / "none.safetensors", 1.0)])


def test_hub_repositories_are_named_with_their_revision(tiny_folder, monkeypatch):
    calls = []

    def download(name, *, revision, allow_patterns):
        calls.append((name, revision))
        assert "unet/diffusion_pytorch_model.safetensors" in allow_patterns
        assert "v1-5-pruned.safetensors" not in allow_patterns
        return str(tiny_folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert open_model("owner/name").name == "owner/name"
    assert open_model("owner/name@fp16").sha256 == open_model(tiny_folder).sha256
    assert calls == [("owner/name", None), ("owner/name", "fp16")]
    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(ModelError, match="'owner/name' is no folder and could not be"):
        open_model("owner/name")
