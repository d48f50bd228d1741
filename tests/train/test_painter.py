"""The painter's recipe, small: all stages learn, resume to the bit, are bundled."""

import dataclasses
import json
import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs.painter_small import get_config
from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.paint.networks.config import UpscalerConfig
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.paint.painter import Painter
from jaxsoundart.runtime.checkpoint import Checkpoints
from train import autoencoder, denoiser, reader, upscaler
from train.autoencoder import random_crops, reconstruction_loss
from train.begin import begin
from train.bundle import export
from train.gallery import vocabulary
from train.latents import LatentCorpus
from train.optimiser import Optimisation
from train.words import known_words, sample_captions

# The gallery's compilation is what takes time here, not its drawing.
FAMILIES = ("bokeh lights", "desert dunes")
STAGES = (autoencoder, upscaler, reader, denoiser)


@pytest.fixture(scope="module")
def config():
    small = get_config()
    steps = Optimisation(
        steps=4, batch=4, peak_rate=1e-3, warmup_steps=1, save_every=2, log_every=2
    )
    return dataclasses.replace(
        small,
        corpus=dataclasses.replace(
            small.corpus, size_px=64, per_family=32, first_chunks=1, chunks=1
        ),
        vae=dataclasses.replace(
            small.vae, block_out_channels=(8, 8, 16), latent_channels=4
        ),
        unet=dataclasses.replace(
            small.unet,
            sample_size=16,
            in_channels=4,
            out_channels=4,
            block_out_channels=(16, 32),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=16,
            norm_num_groups=8,
        ),
        text=dataclasses.replace(
            small.text,
            vocab_size=700,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
        ),
        autoencoder=steps,
        upscaler=UpscalerConfig(block_out_channels=(8,), layers_per_block=(1,)),
        enlargement=steps,
        reader=steps,
        denoiser=steps,
        crop_px=32,
        enlarged_px=8,
        pairs_per_family=2,
    )


@pytest.fixture(scope="module")
def workdir(config, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "FAMILIES", FAMILIES)
        folder = tmp_path_factory.mktemp("painter")
        for stage in STAGES:
            stage.train(config, folder)
        yield folder


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_stopped_and_resumed_equals_one_never_stopped(
    config, workdir, tmp_path, stage, monkeypatch
):
    monkeypatch.setattr(vocabulary, "FAMILIES", FAMILIES)
    name = stage.__name__.removeprefix("train.")
    shutil.copytree(workdir, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / name / "4")
    assert Checkpoints(tmp_path / "run" / name).latest_step() == 2
    stage.train(config, tmp_path / "run")
    resumed = stage.trained(config, tmp_path / "run")
    jax.tree.map(np.testing.assert_array_equal, resumed, stage.trained(config, workdir))


def test_a_stage_logs_what_it_does(workdir):
    lines = (workdir / "denoiser" / "logbook.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [2, 4]
    assert all(0.5 < json.loads(line)["loss"] < 3.0 for line in lines)


def test_latents_have_unit_variance(config, workdir):
    corpus = LatentCorpus(
        config, autoencoder.trained(config, workdir), workdir / "latents"
    )
    corpus.grow_to(0)
    latents, subjects = corpus.sample(np.random.default_rng(0), 64)
    assert np.mean(np.square(latents)) == pytest.approx(1.0, rel=0.1)
    assert {subject[0] for subject in subjects} == set(FAMILIES)
    assert {subject[3] for subject in subjects} == set(config.corpus.textures)


@pytest.mark.parametrize("asked", [None, 0.4, 0.9])
def test_as_many_pictures_are_smooth_as_asked(config, workdir, asked):
    chosen = dataclasses.replace(config.corpus, smooth_share=asked)
    corpus = LatentCorpus(
        dataclasses.replace(config, corpus=chosen),
        autoencoder.trained(config, workdir),
        workdir / "latents",
    )
    corpus.grow_to(0)
    _, subjects = corpus.sample(np.random.default_rng(0), 400)
    share = np.mean([subject[3] == "smooth" for subject in subjects])
    with np.load(workdir / "latents" / "chunk_000.npz") as first:
        drawn = np.mean(first["subjects"][:, 3] == "smooth")
    assert 0.05 < drawn < 0.6
    assert share == pytest.approx(asked or drawn, abs=0.08)


def test_the_bundle_paints(config, workdir, tmp_path):
    export(config, workdir, tmp_path / "bundle")
    model = open_model(tmp_path / "bundle")
    assert model.size_px == 64
    assert model.words == set(known_words(config))
    stored = autoencoder.trained(config, workdir)
    jax.tree.map(
        lambda ours, theirs: np.testing.assert_allclose(ours, theirs, 1e-3, 1e-3),
        model.params["vae"],
        stored,
    )
    painter = Painter.create(model, jax.devices()[:1])
    (image,) = painter.paint([Order(prompt="desert dunes")], Settings(steps=2))
    assert image.shape == (128, 128, 3)


def test_a_run_may_begin_with_parts_of_a_painter(
    config, workdir, tmp_path, monkeypatch
):
    monkeypatch.setattr(vocabulary, "FAMILIES", FAMILIES)
    export(config, workdir, tmp_path / "bundle")
    found = begin(config, tmp_path / "again", tmp_path / "bundle")
    assert found == ["vae", "upscaler", "text_encoder", "unet"]
    for stage in (autoencoder, upscaler, reader, denoiser):
        jax.tree.map(
            lambda ours, theirs: np.testing.assert_allclose(ours, theirs, 1e-3, 1e-3),
            stage.trained(config, tmp_path / "again"),
            # The denoiser has learnt to read on; the reader's own is left behind.
            stage.trained(config, workdir)
            if stage is not reader
            else denoiser.trained(config, workdir)["text_encoder"],
        )
    assert Checkpoints(tmp_path / "again" / "denoiser").latest_step() == 0
    assert Checkpoints(tmp_path / "again" / "autoencoder").latest_step() == 4
    with pytest.raises(ModelError, match="holds a run already"):
        begin(config, tmp_path / "again", tmp_path / "bundle")
    shutil.rmtree(tmp_path / "bundle" / "unet")
    begin(config, tmp_path / "partly", tmp_path / "bundle")
    assert Checkpoints(tmp_path / "partly" / "denoiser").latest_step() is None
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="holds no part of a painter"):
        begin(config, tmp_path / "new", tmp_path / "empty")


def test_a_perfect_reconstruction_costs_nothing_and_blur_more_than_noise_free(key):
    pixels = jax.random.uniform(key, (2, 16, 16, 3), minval=-1.0)
    assert float(reconstruction_loss(pixels, pixels)) == 0.0
    flat = jnp.broadcast_to(pixels.mean((1, 2), keepdims=True), pixels.shape)
    assert float(reconstruction_loss(flat, pixels)) > float(
        reconstruction_loss(0.5 * (flat + pixels), pixels)
    )


def test_the_denoiser_begins_with_the_words_already_read(config, workdir):
    begun = denoiser.begin(config, workdir).train.params["text_encoder"]
    read = reader.trained(config, workdir)
    jax.tree.map(np.testing.assert_array_equal, begun, read)


def test_a_large_picture_is_asked_for_the_edges_it_lacks(key):
    sharp = jnp.tile(jnp.repeat(jnp.asarray([-1.0, 1.0]), 4), (1, 32, 4))[..., None]
    sharp = jnp.broadcast_to(sharp, (1, 32, 32, 3))
    assert float(upscaler.loss(sharp, sharp)) == 0.0
    blurred = jnp.zeros_like(sharp)
    moved = jnp.roll(sharp, 4, axis=2)
    assert float(upscaler.energy(moved).mean()) > float(upscaler.energy(blurred).mean())
    amounts = [
        float(jnp.abs(upscaler.energy(given) - upscaler.energy(sharp)).mean())
        for given in (moved, blurred)
    ]
    assert amounts[0] < 0.5 * amounts[1]


def test_crops_are_cut_from_the_pictures(key):
    images = jnp.arange(2 * 8 * 8 * 3, dtype=jnp.uint8).reshape(2, 8, 8, 3)
    crops = np.asarray(random_crops(key, images, 4, 2))
    assert crops.shape == (2, 4, 4, 3)
    values = np.round((crops + 1.0) * 127.5).astype(np.uint8)
    for image, crop in zip(np.asarray(images), values, strict=True):
        windows = np.lib.stride_tricks.sliding_window_view(image, (4, 4, 3))
        straight = windows[::2, ::2].reshape(-1, 4, 4, 3)
        both = np.concatenate([straight, straight[:, :, ::-1]])
        assert any((crop == window).all() for window in both)


def test_captions_only_use_known_words():
    """Of all textures, since captions here name them all."""
    config = get_config()
    every = dataclasses.replace(
        config,
        corpus=dataclasses.replace(config.corpus, textures=vocabulary.TEXTURES),
    )
    known = set(known_words(every))
    for caption in sample_captions(seed=3, count=300):
        assert set(caption.replace(",", "").split()) <= known, caption
