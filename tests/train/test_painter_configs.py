"""The painters' runs, without running them: they fit together and can be shipped."""

import importlib
import math

import jax
import pytest

from train import autoencoder, denoiser, upscaler
from train.gallery import vocabulary

RUNS = ("painter_small", "painter_base")
STORE_PX = 1024
SHIPPED_BYTES = 60e6


@pytest.fixture(params=RUNS)
def config(request):
    return importlib.import_module(f"configs.{request.param}").get_config()


def test_the_parts_fit_together(config):
    corpus = config.corpus
    assert config.unet.sample_size * config.vae.reduction == corpus.size_px
    assert config.unet.in_channels == config.vae.latent_channels
    assert config.unet.cross_attention_dim == config.text.hidden_size
    assert config.crop_px % config.vae.reduction == 0
    assert {*corpus.textures} <= {*vocabulary.TEXTURES}
    assert corpus.first_chunks <= corpus.chunks


def test_its_covers_have_the_size_of_stores(config):
    assert config.corpus.size_px * config.upscaler.factor == STORE_PX


def test_its_weights_can_be_shipped(config):
    stages = autoencoder, upscaler, denoiser
    states = [
        jax.eval_shape(lambda stage=stage: stage.create(config)) for stage in stages
    ]
    leaves = jax.tree.leaves([state.train.params for state in states])
    assert 2 * sum(math.prod(leaf.shape) for leaf in leaves) <= SHIPPED_BYTES
