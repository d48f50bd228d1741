"""Weights on the text encoder's states."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.paint.words.emphasis import weigh


@pytest.fixture
def states():
    """Two prompts of six tokens; like CLIP's, with a mean well off zero."""
    noise = np.random.default_rng(0).standard_normal((2, 6, 5))
    return jnp.asarray(noise + 0.8, jnp.float32)


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
@pytest.mark.parametrize("jitted", [False, True])
def test_weights_of_one_change_no_bit(states, dtype, jitted):
    states = states.astype(dtype)
    got = (jax.jit(weigh) if jitted else weigh)(states, jnp.ones((2, 6)))
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, states)


def test_the_mean_of_each_prompt_stays_and_the_ratio_of_its_words_is_the_weight(states):
    weights = jnp.ones((2, 6)).at[0, 2].set(1.5).at[1, 4].set(0.25)
    got = weigh(states, weights)
    np.testing.assert_allclose(got.mean((1, 2)), states.mean((1, 2)), rtol=1e-5)
    factor = np.asarray(got / states)
    np.testing.assert_allclose(factor[0, 2] / factor[0, 0], 1.5, rtol=1e-5)
    np.testing.assert_allclose(factor[1, 4] / factor[1, 0], 0.25, rtol=1e-5)


def test_a_prompt_does_not_feel_its_neighbour(states):
    weights = jnp.ones((2, 6)).at[0, 2].set(1.5)
    both = weigh(states, weights)
    np.testing.assert_array_equal(both[1], states[1])
    alone = weigh(states[:1], weights[:1])
    np.testing.assert_allclose(both[:1], alone, rtol=1e-6)


def test_a_mean_of_zero_makes_nothing_wild(states):
    weights = jnp.ones((2, 6)).at[:, 1].set(2.0)
    centred = states - states.mean((1, 2), keepdims=True)
    factor = np.asarray(weigh(centred, weights) / centred)
    assert factor.min() >= 0.33
    assert factor.max() <= 6.01
