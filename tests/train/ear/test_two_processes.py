"""Two processes teach what one teaches alone."""

import dataclasses
import pickle

import jax
import numpy as np
from flax.traverse_util import flatten_dict

from tests.processes import run_two
from train.ear.__main__ import train, trained


def test_two_processes_learn_what_one_learns(config, tones, tmp_path):
    brief = dataclasses.replace(config.optimisation, steps=10, save_every=5)
    config = dataclasses.replace(config, optimisation=brief, evaluate_every=5)
    told = tmp_path / "told.pickle"
    told.write_bytes(pickle.dumps((config, tones, tmp_path / "together")))
    run_two("tests.train.ear.two_processes", told)
    heads = train(config, (tones,), tmp_path / "alone")
    alone = flatten_dict(trained(config, heads, tmp_path / "alone"), sep=".")
    one, other = (dict(np.load(f"{told}-{nth}.npz")) for nth in range(2))
    assert one.keys() == alone.keys()
    assert jax.device_count() > 1
    for name, values in alone.items():
        np.testing.assert_array_equal(one[name], other[name], name)
        np.testing.assert_allclose(one[name], values, atol=2e-3, err_msg=name)
    moved = np.abs(alone["answers.pitch.kernel"]).max()
    assert moved > 0.01
