"""Guidance's convention, and the normalisation's equality with Flax's."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.paint.guidance import both, guide
from jaxsoundart.paint.norm import GroupNorm


def test_a_scale_of_one_is_the_prompt_alone_and_zero_the_negative(key):
    prompt, negative = jax.random.normal(key, (2, 3, 4, 4, 2))
    halves = both(prompt, negative)
    scales = jnp.asarray([0.0, 1.0, 3.0])
    guided = guide(halves, scales)
    np.testing.assert_allclose(guided[0], negative[0], atol=1e-6)
    np.testing.assert_allclose(guided[1], prompt[1], atol=1e-6)
    wanted = negative[2] + 3.0 * (prompt[2] - negative[2])
    np.testing.assert_allclose(guided[2], wanted, rtol=1e-6)


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
