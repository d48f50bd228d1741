"""Pictures made larger by a painter's own upscaler: wherever, whenever, the same."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.errors import ArgumentError, ModelError
from jaxsoundart.paint import footprint, tiling
from jaxsoundart.paint.canvas import to_images, to_pixels
from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.paint.checkpoints.saving import save
from jaxsoundart.paint.engine import Engine
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import UpscalerConfig
from jaxsoundart.paint.networks.upscaler import Upscaler
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.paint.painter import Painter
from jaxsoundart.runtime.mesh import data_mesh
from tests.tiny_painter import random_params

SMALL = UpscalerConfig(block_out_channels=(8, 4), layers_per_block=(1, 1))
ORDERS = [Order(prompt="sun", seed=seed) for seed in range(3)]
PLAIN = Settings(steps=2, sampler="ddim", upscale=False)
LARGE = Settings(steps=2, sampler="ddim")


@pytest.fixture(scope="module")
def model(tiny):
    """The tiny painter with an upscaler of random weights, four times as wide."""
    upscaler = Upscaler(SMALL)
    like = abstract_params({"upscaler": upscaler})["upscaler"]
    params = {**tiny.params, "upscaler": random_params(like, 9, 0.5)}
    return dataclasses.replace(tiny, upscaler=upscaler, params=params)


@pytest.fixture(scope="module")
def painter(model):
    return Painter.create(model, jax.devices()[:1])


@pytest.fixture(scope="module")
def large(painter):
    return painter.paint(ORDERS, LARGE)


def test_a_painter_with_an_upscaler_uses_it_unless_told(painter, large):
    small = painter.paint(ORDERS, PLAIN)
    assert small.shape == (3, 8, 8, 3)
    assert large.shape == (3, 32, 32, 3)
    wanted = painter.engine.upscale(np.stack([to_pixels(small[1])]))
    np.testing.assert_array_equal(to_images(wanted)[0], large[1])


def test_large_pictures_do_not_depend_on_batch_and_devices(model, large):
    many = Painter.create(model, batch=2)
    np.testing.assert_array_equal(many.paint(ORDERS, LARGE), large)
    split = Painter.create(model, shard_weights=True)
    np.testing.assert_array_equal(split.paint(ORDERS[:1], LARGE), large[:1])


def test_an_upscaler_that_learnt_nothing_interpolates(model):
    pixels = np.random.default_rng(0).uniform(-1, 1, (1, 4, 6, 3)).astype(np.float32)
    nothing = jax.tree.map(jnp.zeros_like, model.params["upscaler"])
    larger = Upscaler(SMALL).apply({"params": nothing}, jnp.asarray(pixels))
    wanted = jax.image.resize(pixels, (1, 16, 24, 3), "bilinear")
    np.testing.assert_allclose(larger, wanted, atol=1e-6)


def test_what_is_learnt_lies_where_the_picture_has_it(model):
    """A spot changes its own surroundings, in the middle of the enlarged picture."""
    upscale = jax.jit(
        lambda x: Upscaler(SMALL).apply({"params": model.params["upscaler"]}, x)
    )
    still = jnp.zeros((1, 33, 33, 3))
    spot = still.at[0, 16, 16].set(1.0)
    changed = np.abs(np.asarray(upscale(spot) - upscale(still)))[0].sum(-1)
    rows, columns = np.nonzero(changed > 1e-6)
    for places in (rows, columns):
        assert abs(places.mean() - 65.5) < 1.0
        assert 4 * 2 < np.ptp(places) < 4 * 13


def test_tiles_make_almost_the_same_picture(model):
    engine = Engine(model, data_mesh(jax.devices()[:1]), 1)
    noise = np.random.default_rng(1).uniform(-1, 1, (1, 20, 24, 3))
    pixels = np.asarray(jax.image.resize(noise, (1, 136, 160, 3), "bicubic"))
    whole = engine._upscale_at_once(pixels)
    assert tiling.is_tiled(136, 160)
    difference = np.abs(engine.upscale(pixels) - whole)
    # A tile knows nothing of what lies beyond it, and fades where it shows.
    assert difference.max() < 0.05
    assert difference.mean() < 5e-4


def test_a_folder_keeps_its_upscaler(model, tokenizer_folder, large, tmp_path):
    dtype = np.dtype(np.float32)
    save(model, tmp_path / "whole", dtype=dtype, tokenizer=tokenizer_folder)
    opened = open_model(tmp_path / "whole")
    assert opened.upscaler.config == SMALL
    again = Painter.create(opened, jax.devices()[:1]).paint(ORDERS, LARGE)
    np.testing.assert_array_equal(again, large)
    weights = tmp_path / "whole" / "upscaler" / "diffusion_pytorch_model.safetensors"
    weights.unlink()
    with pytest.raises(ModelError, match=r"upscaler: no \.safetensors weights"):
        open_model(tmp_path / "whole")


def test_levels_must_agree():
    with pytest.raises(ModelError, match="2 block_out_channels and 1 layers_per_block"):
        UpscalerConfig(block_out_channels=(8, 4), layers_per_block=(1,))


def test_only_painters_with_an_upscaler_are_asked_for_it(tiny):
    painter = Painter.create(tiny, jax.devices()[:1])
    assert painter.settle(Settings()).upscale is False
    with pytest.raises(ArgumentError, match="no upscaler; leave out --upscale"):
        painter.paint(ORDERS, Settings(upscale=True))


@pytest.mark.parametrize("side", [32, 128])
def test_the_estimate_is_near_what_the_compiled_upscaler_takes(side):
    config = UpscalerConfig()
    upscaler = Upscaler(config)
    params = abstract_params({"upscaler": upscaler})["upscaler"]
    pixels = jax.ShapeDtypeStruct((1, side, side, 3), jnp.float32)
    made = jax.jit(upscaler.apply).lower({"params": params}, pixels).compile()
    taken = made.memory_analysis().temp_size_in_bytes
    assert 0.7 < footprint.upscaling(config, Compute(), 1, side**2) / taken < 1.5
