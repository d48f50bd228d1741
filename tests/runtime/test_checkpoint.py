"""Checkpoints come back bitwise, appear whole or not at all, and say what is wrong."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import struct
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime.checkpoint import Checkpoints


class State(struct.PyTreeNode):
    step: jax.Array
    params: dict
    opt_state: optax.OptState


def make_state(key):
    params = {
        "hidden": {"kernel": jax.random.normal(key, (3, 4))},
        "output": {"kernel": jax.random.normal(key, (4, 2)).astype(jnp.bfloat16)},
    }
    return State(jnp.int32(7), params, optax.adamw(1e-3).init(params))


def assert_bitwise(got, wanted):
    assert jax.tree.structure(got) == jax.tree.structure(wanted)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(wanted), strict=True):
        assert type(a) is type(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


def test_a_training_state_comes_back_bitwise(tmp_path, key):
    tree = {
        "state": make_state(key),
        "data": {"epoch": 2, "order": np.arange(5), "cursor": np.int64(3)},
        "best": 0.5,
    }
    Checkpoints(tmp_path).save(7, tree)
    blank = jax.tree.map(lambda leaf: leaf * 0, tree)
    assert_bitwise(Checkpoints(tmp_path).restore(7, blank), tree)


def test_a_typed_key_comes_back_as_the_same_key(tmp_path, key):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(0, {"key": key})
    restored = checkpoints.restore(0, {"key": jax.random.key(99)})["key"]
    np.testing.assert_array_equal(
        jax.random.normal(restored, (4,)), jax.random.normal(key, (4,))
    )


def test_the_sharding_is_that_of_the_tree_asked_for(tmp_path):
    mesh = Mesh(np.array(jax.devices()), ("data",))
    over_all = NamedSharding(mesh, PartitionSpec("data"))
    rows = jnp.arange(16.0)
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, {"rows": jax.device_put(rows, over_all)})
    on_one = checkpoints.restore(1, {"rows": jnp.zeros(16)})["rows"]
    assert len(on_one.sharding.device_set) == 1
    wanted = jax.ShapeDtypeStruct((16,), jnp.float32, sharding=over_all)
    on_all = checkpoints.restore(1, {"rows": wanted})["rows"]
    assert len(on_all.sharding.device_set) == 8
    np.testing.assert_array_equal(on_one, rows)
    np.testing.assert_array_equal(on_all, rows)


def test_only_the_newest_are_kept(tmp_path):
    checkpoints = Checkpoints(tmp_path, keep=2)
    assert checkpoints.latest_step() is None
    for step in (1, 5, 9):
        checkpoints.save(step, {"x": jnp.float32(step)})
    assert Checkpoints(tmp_path).latest_step() == 9
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == ["5", "9"]


def test_a_step_can_be_saved_again(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(3, {"x": jnp.float32(1)})
    checkpoints.save(3, {"x": jnp.float32(2)})
    assert checkpoints.restore(3, {"x": jnp.float32(0)})["x"] == 2


def test_an_interrupted_save_leaves_the_last_whole_one(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, {"x": jnp.arange(4.0)})

    def stop(*_, **__):
        raise KeyboardInterrupt

    # The last act of a save is the rename to the step's own name.
    monkeypatch.setattr("os.rename", stop)
    monkeypatch.setattr("pathlib.Path.rename", stop)
    monkeypatch.setattr("etils.epath.Path.rename", stop, raising=False)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(2, {"x": jnp.arange(4.0) + 1})
    monkeypatch.undo()
    again = Checkpoints(tmp_path)
    assert again.latest_step() == 1
    np.testing.assert_array_equal(
        again.restore(1, {"x": jnp.zeros(4)})["x"], np.arange(4)
    )


def test_another_tree_is_refused_by_name(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(4, {"a": jnp.zeros((2, 3)), "b": jnp.zeros(2)})
    wanted = {"a": jnp.zeros((2, 5)), "c": jnp.zeros(2)}
    with pytest.raises(ModelError) as caught:
        checkpoints.restore(4, wanted)
    message = str(caught.value)
    assert "a is float32[2, 3], wanted float32[2, 5]" in message
    assert "missing c" in message
    assert "unexpected b" in message
    assert "\n" not in message


def test_another_dtype_is_refused_not_cast(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(4, {"a": jnp.zeros(2)})
    with pytest.raises(ModelError, match="wanted bfloat16"):
        checkpoints.restore(4, {"a": jnp.zeros(2, jnp.bfloat16)})


def test_a_missing_step_is_named_with_those_there(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(4, {"a": jnp.zeros(2)})
    with pytest.raises(ModelError, match=r"step 5 .* \(there: 4\)"):
        checkpoints.restore(5, {"a": jnp.zeros(2)})


def test_a_damaged_checkpoint_is_one_clear_line(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(4, {"a": jnp.arange(1000.0)})
    for file in (tmp_path / "4").rglob("d/*"):
        file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(ModelError, match=r"checkpoint 4 .* is damaged") as caught:
        Checkpoints(tmp_path).restore(4, {"a": jnp.zeros(1000)})
    assert "\n" not in str(caught.value)
