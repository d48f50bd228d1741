"""Functions mapped over devices, and random streams by name."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxsoundart.runtime.keys import stream
from jaxsoundart.runtime.mesh import data_mesh, pmapped, replicated


def test_each_device_sees_its_share_and_all_of_what_is_shared():
    mesh = data_mesh()
    assert mesh.size == 8
    seen = []

    def add(weights, batch):
        seen.append((weights.shape, batch.shape))
        return batch + weights.sum()

    weights, batch = replicated(jnp.ones(3), mesh), jnp.arange(16.0)
    result = pmapped(add, mesh, shared=1)(weights, batch)
    assert seen == [((3,), (2,))]
    np.testing.assert_array_equal(result, batch + 3.0)
    shards = {shard.device: shard.data.shape for shard in result.addressable_shards}
    assert len(shards) == 8
    assert set(shards.values()) == {(2,)}


def test_the_number_of_devices_changes_nothing():
    def square(weights, batch):
        return jnp.sin(batch) @ weights

    weights = jax.random.normal(jax.random.key(1), (4, 4))
    batch = jax.random.normal(jax.random.key(2), (8, 4))
    results = [
        pmapped(square, data_mesh(jax.devices()[:count]), shared=1)(weights, batch)
        for count in (1, 2, 8)
    ]
    np.testing.assert_allclose(results[1], results[0], atol=1e-6)
    np.testing.assert_allclose(results[2], results[0], atol=1e-6)


def test_streams_differ_by_seed_and_name_and_repeat():
    def draw(seed, name):
        return np.asarray(jax.random.normal(stream(jnp.uint32(seed), name), (4,)))

    np.testing.assert_array_equal(draw(7, "noise"), draw(7, "noise"))
    others = [draw(8, "noise"), draw(7, "mask"), draw(2**32 - 1, "noise")]
    for other in others:
        assert np.abs(other - draw(7, "noise")).max() > 1e-3
