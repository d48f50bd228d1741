"""The networks compute the same for a CPU as everywhere."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.paint.networks import convolution
from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import UNetConfig, VAEConfig
from jaxsoundart.paint.networks.convolution import fit
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.words.conditioning import Conditioning
from tests.tiny_painter import random_params

UNET = UNetConfig(
    sample_size=32,
    in_channels=4,
    out_channels=4,
    block_out_channels=(16, 32, 32),
    cross_attention_dim=16,
    down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
    layers_per_block=1,
    attention_head_dim=2,
    norm_num_groups=8,
)
CODER = VAEConfig(block_out_channels=(16, 32), norm_num_groups=8)


@pytest.fixture(autouse=True)
def _forms_of_large_networks(monkeypatch):
    """Lets small networks have the forms that only large ones gain by."""
    monkeypatch.setattr(convolution, "_FEWEST_CHANNELS", 16)


def difference(network, *inputs):
    """The largest, relative to the largest output, of tuned and plain network."""
    key = jax.random.key(0)
    plain, tuned = network(Compute()), network(Compute(platform="cpu"))
    params = random_params(jax.eval_shape(plain.init, key, *inputs), (0,), 1.0)
    like = jax.eval_shape(tuned.init, key, *inputs)
    fitted = jax.tree.map(
        lambda leaf, wanted: fit(leaf, wanted.shape, wanted.dtype), params, like
    )
    assert jax.tree.map(jnp.shape, fitted) == jax.tree.map(jnp.shape, like)
    assert jax.tree.map(jnp.shape, fitted) != jax.tree.map(jnp.shape, params)
    wanted = jax.jit(plain.apply)(params, *inputs)
    got = jax.jit(tuned.apply)(fitted, *inputs)
    return np.abs(got - wanted).max() / np.abs(wanted).max()


# 24 × 40 has maps that four, then only two, and then nothing divides.
@pytest.mark.parametrize(("height", "width"), [(32, 32), (24, 40)])
def test_the_unet(key, height, width):
    latents = jax.random.normal(key, (2, height, width, 4))
    words = Conditioning(jax.random.normal(key, (2, 12, 16)))
    times = jnp.asarray([3.0, 801.0])
    assert difference(partial(UNet, UNET), latents, times, words) < 1e-4


def test_the_autoencoder(key):
    pixels = jax.random.normal(key, (1, 64, 48, 3))
    assert difference(partial(VAE, CODER), pixels) < 1e-4
