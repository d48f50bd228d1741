"""The published runs: small enough for a CPU, and each asks something."""

import runpy
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.networks import network
from jaxsoundart.runtime.modules import run

CONFIGS = sorted(Path(__file__).parents[3].joinpath("configs").glob("ear_*.py"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_published_ear_is_small(path):
    config = runpy.run_path(str(path))["get_config"]()
    names = [question.name for question in config.questions]
    assert len(names) == len(set(names)) > 0
    heads = tuple(Head(name=name, labels=("a", "b"), exclusive=True) for name in names)
    samples = jnp.zeros((2, config.window_samples))
    module = network(config.network, heads)
    params = jax.eval_shape(module.init, jax.random.key(0), samples)["params"]
    count = sum(leaf.size for leaf in jax.tree.leaves(params))
    assert 100_000 < count <= 5_000_000
    logits = jax.eval_shape(lambda p: dict(run(module, p, samples).logits), params)
    assert {*logits} == {*names}
    assert {answer.shape for answer in logits.values()} == {(2, 2)}
