"""The network is the paper's: sigmoid units, softmax, cross-entropy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.listen import classifier
from jaxsoundart.listen.classifier import SigmoidClassifier, cross_entropy, join


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


@pytest.mark.parametrize("hidden", [(7,), (7, 5)])
def test_the_network_equals_its_restatement_in_numpy(key, hidden):
    network = SigmoidClassifier(hidden, 3)
    x = jax.random.normal(key, (4, 6))
    params = network.init(key, x)["params"]
    params = jax.tree.map(lambda w: w + 0.1, params)  # biases are born zero
    wanted = np.asarray(x, np.float64)
    for i in range(len(hidden)):
        layer = params[f"hidden_{i}"]
        wanted = sigmoid(
            wanted @ np.asarray(layer["kernel"]) + np.asarray(layer["bias"])
        )
    output = params["output"]
    wanted = wanted @ np.asarray(output["kernel"]) + np.asarray(output["bias"])
    np.testing.assert_allclose(
        network.apply({"params": params}, x), wanted, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(
        jax.jit(classifier.logits)(params, x), wanted, rtol=1e-5, atol=1e-6
    )


def test_cross_entropy_of_one_hot_targets_is_minus_log_of_the_targets_probability():
    logits = jnp.array([[1.0, 2.0, -1.0], [0.0, 0.0, 0.0]])
    one_hot = jnp.eye(3)[jnp.array([1, 2])]
    wanted = -np.log(np.asarray(jax.nn.softmax(logits))[[0, 1], [1, 2]])
    np.testing.assert_allclose(cross_entropy(logits, one_hot), wanted, rtol=1e-6)
    assert float(cross_entropy(logits, one_hot)[1]) == pytest.approx(np.log(3))


def test_the_gradient_of_cross_entropy_is_softmax_less_target(key):
    logits = jax.random.normal(key, (5, 10))
    one_hot = jnp.eye(10)[jnp.arange(5)]
    gradient = jax.grad(lambda z: cross_entropy(z, one_hot).sum())(logits)
    np.testing.assert_allclose(
        gradient, jax.nn.softmax(logits) - one_hot, rtol=1e-5, atol=1e-6
    )


def test_cross_entropy_stays_finite_for_certain_and_wrong_answers():
    loss = cross_entropy(jnp.array([[1e4, -1e4]]), jnp.array([[0.0, 1.0]]))
    assert float(loss[0]) == pytest.approx(2e4)


@pytest.mark.parametrize("hidden", [(7,), (4, 3, 6)])
def test_joined_members_are_one_network_with_their_mean_logits(key, hidden):
    network = SigmoidClassifier(hidden, 3)
    x = jax.random.normal(key, (4, 6))
    one = network.init(key, x)["params"]
    rng = np.random.default_rng(0)
    members = jax.tree.map(
        lambda w: jnp.asarray(rng.standard_normal((5, *w.shape)), jnp.float32), one
    )
    each = jax.vmap(lambda p: network.apply({"params": p}, x))(members)
    wider = SigmoidClassifier(tuple(5 * units for units in hidden), 3)
    np.testing.assert_allclose(
        wider.apply({"params": join(members)}, x), each.mean(0), rtol=1e-4, atol=1e-6
    )
