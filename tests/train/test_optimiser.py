"""The painter's optimisers, against what defines them."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from train.optimiser import Averaged, Optimisation, adamw, muon

ONE_STEP = Optimisation(
    steps=10, batch=1, peak_rate=0.1, warmup_steps=0, weight_decay=0.0
)


def update(optimiser, params, grads):
    updates, _ = optimiser.update(grads, optimiser.init(params), params)
    return updates


@pytest.mark.parametrize("shape", [(12, 20), (3, 3, 4, 20)])
def test_muon_moves_kernels_alike_in_every_direction(shape):
    grads = {"kernel": jax.random.normal(jax.random.key(0), shape)}
    moved = update(muon(ONE_STEP), jax.tree.map(jnp.zeros_like, grads), grads)
    matrix = np.asarray(moved["kernel"]).reshape(-1, shape[-1])
    given = np.asarray(grads["kernel"]).reshape(matrix.shape)
    strengths = np.linalg.svd(matrix, compute_uv=False)
    assert strengths.max() / strengths.min() < 2.0
    assert np.linalg.cond(given) > 2.0
    # Against the gradient, at the size that AdamW's updates have in long runs.
    assert np.sum(matrix * given) < 0
    assert np.sqrt(np.mean(matrix**2)) == pytest.approx(0.2 * 0.1, rel=0.3)


def test_muon_leaves_the_rest_to_nadamw():
    grads = {"embedding": jnp.ones((4, 3)), "bias": jnp.ones(3), "scale": -jnp.ones(3)}
    params = jax.tree.map(jnp.zeros_like, grads)
    with_muon = update(muon(ONE_STEP), params, grads)
    with_nadam = update(optax.nadam(0.1, b2=0.99), params, grads)
    for name, moved in with_muon.items():
        np.testing.assert_allclose(moved, with_nadam[name], rtol=1e-6)


def test_the_mean_of_the_weights_follows_them():
    optimiser = adamw(ONE_STEP)
    state = Averaged.create({"w": jnp.ones(3)}, optimiser)
    for _ in range(5):
        state = state.updated({"w": jnp.ones(3)}, optimiser, 0.9)
    weights, mean = state.train.params["w"], state.mean["w"]
    assert float(weights[0]) < float(mean[0]) < 1.0
