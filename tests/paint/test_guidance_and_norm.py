"""Guidance's convention, and the normalisation's equality with Flax's."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.paint.guidance import NEGATIVE, PROMPT, guide
from jaxsoundart.paint.networks.norm import GroupNorm


@pytest.fixture
def predictions(key):
    """Of the negative prompt and of the prompt, for three pictures."""
    return 1.0 + 2.0 * jax.random.normal(key, (3, 2, 4, 4, 2))


def test_a_scale_of_one_is_the_prompt_alone_and_zero_the_negative(predictions):
    negative, prompt = predictions[:, NEGATIVE], predictions[:, PROMPT]
    guided = guide(predictions, jnp.asarray([0.0, 1.0, 3.0]), jnp.zeros(3))
    np.testing.assert_allclose(guided[0], negative[0], atol=1e-6)
    np.testing.assert_allclose(guided[1], prompt[1], atol=1e-6)
    wanted = negative[2] + 3.0 * (prompt[2] - negative[2])
    np.testing.assert_allclose(guided[2], wanted, rtol=1e-6)


def test_rescaling_gives_the_prompts_deviation_back(predictions):
    scales = jnp.full(3, 9.0)
    shares = jnp.asarray([0.0, 0.5, 1.0])
    plain = guide(predictions, scales, jnp.zeros(3)).std((1, 2, 3))
    guided = guide(predictions, scales, shares).std((1, 2, 3))
    own = predictions[:, PROMPT].std((1, 2, 3))
    np.testing.assert_allclose(guided, plain + shares * (own - plain), rtol=1e-5)


def test_rescaling_of_a_flat_prediction_stays_finite():
    flat = guide(jnp.ones((1, 2, 4, 4, 2)), jnp.full(1, 7.0), jnp.ones(1))
    np.testing.assert_allclose(flat, 1.0, rtol=1e-6)


@pytest.mark.parametrize(("size", "channels", "groups"), [(5, 12, 4), (32, 16, 8)])
def test_group_norm_equals_flax(key, size, channels, groups):
    x = 2.0 + 3.0 * jax.random.normal(key, (2, size, size, channels))
    ours, theirs = GroupNorm(groups, 1e-6), nn.GroupNorm(groups, epsilon=1e-6)
    params = {
        "params": {
            "scale": jnp.linspace(0.5, 2.0, channels),
            "bias": jnp.linspace(-1.0, 1.0, channels),
        }
    }
    np.testing.assert_allclose(
        ours.apply(params, x), theirs.apply(params, x), atol=1e-4
    )
