"""Every form of attention computes softmax(QKᵀ/√d)V, and keeps no more than it may."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.paint.networks import attend as forms
from jaxsoundart.paint.networks.attend import attend

# Of values of about 10, in float32.
TOLERANCE = 5e-5

# Batch, tokens, words, heads, width of a head.
SHAPES = {
    "one block": (2, 64, 64, 4, 40),
    "to the words": (2, 600, 77, 2, 16),
    "many blocks": (1, 1536, 1024, 2, 8),
    "one wide head": (1, 1024, 1024, 1, 96),
    "no good divisor": (1, 523, 37, 1, 8),
}


def draw(shape, dtype=np.float32):
    batch, tokens, words, heads, width = shape
    generator = np.random.default_rng(0)
    return [
        # Loud, so that the softmax is far from uniform and its maximum matters.
        jnp.asarray(2 * generator.standard_normal((batch, n, heads, width)), dtype)
        for n in (tokens, words, words)
    ]


def exact(query, key, value):
    query, key, value = (np.asarray(x, np.float64) for x in (query, key, value))
    scores = np.einsum("bqhd,bkhd->bhqk", query, key) / np.sqrt(query.shape[-1])
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return np.einsum("bhqk,bkhd->bqhd", weights, value)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("platform", ["any", "cpu", "gpu", "tpu"])
def test_a_form_computes_attention(name, platform, monkeypatch):
    if platform == "tpu":  # its kernel has a test of its own
        monkeypatch.setattr(forms, "_suits_tpu_flash", lambda *_: False)
    monkeypatch.setattr(forms, "_MOST_SCORES", 2**18)
    inputs = draw(SHAPES[name])
    got = jax.jit(attend, static_argnums=3)(*inputs, platform)
    np.testing.assert_allclose(got, exact(*inputs), atol=TOLERANCE)


def test_half_precision_is_added_up_in_float32():
    inputs = draw((1, 1024, 1024, 2, 16), jnp.bfloat16)
    got = attend(*inputs, "cpu")
    assert got.dtype == jnp.bfloat16
    np.testing.assert_allclose(got.astype(np.float32), exact(*inputs), atol=8e-2)


def test_the_kernel_of_tpus_computes_attention():
    from jax.experimental.pallas import tpu as pltpu

    if not hasattr(pltpu, "force_tpu_interpret_mode"):
        pytest.skip("this JAX cannot interpret TPU kernels on a CPU")
    inputs = draw((1, 1024, 1024, 1, 40))
    with pltpu.force_tpu_interpret_mode():
        got = attend(*inputs, "tpu")
    np.testing.assert_allclose(got, exact(*inputs), atol=TOLERANCE)


def sizes(jaxpr):
    """Number of elements of all that a program computes, loops and calls included."""
    for equation in jaxpr.eqns:
        yield from (variable.aval.size for variable in equation.outvars)
        for inner in jax.tree.leaves(
            list(equation.params.values()), is_leaf=lambda x: hasattr(x, "eqns")
        ):
            if hasattr(inner, "eqns"):
                yield from sizes(inner)


def traced(platform, shape, dtype=jnp.float32):
    batch, tokens, words, heads, width = shape
    query, key = (
        jax.ShapeDtypeStruct((batch, n, heads, width), dtype) for n in (tokens, words)
    )
    return jax.make_jaxpr(lambda *inputs: attend(*inputs, platform))(query, key, key)


SELF_ATTENTION = (2, 4096, 4096, 8, 40)


def test_scores_of_all_pairs_are_never_in_memory():
    every_pair = 4096 * 4096
    plain = max(sizes(traced("any", SELF_ATTENTION).jaxpr))
    assert plain >= 2 * 8 * every_pair
    assert max(sizes(traced("cpu", SELF_ATTENTION).jaxpr)) <= 2 * 8 * 4096 * 40
    decoder = (1, 4096, 4096, 1, 512)
    assert max(sizes(traced("cpu", decoder).jaxpr)) < every_pair


@pytest.mark.parametrize("platform", ["gpu", "tpu"])
def test_an_accelerator_without_a_kernel_for_it_bounds_the_scores(platform):
    upscaled = (2, 16384, 16384, 8, 160)
    assert max(sizes(traced(platform, upscaled).jaxpr)) <= max(
        forms._MOST_SCORES, 2 * 16384 * 8 * 160
    )


@pytest.mark.parametrize(
    ("shape", "kernel"),
    [
        (SELF_ATTENTION, True),
        ((1, 4096, 4096, 1, 512), True),
        ((2, 4096, 77, 8, 40), False),
        ((2, 1024, 1024, 8, 160), False),
        ((2, 1000, 1000, 8, 64), False),
    ],
)
def test_a_tpu_runs_its_kernel_where_it_takes_the_shape(shape, kernel):
    assert ("pallas_call" in str(traced("tpu", shape, jnp.bfloat16))) == kernel


@pytest.mark.parametrize(
    ("dtype", "width", "recent", "chosen"),
    [
        (jnp.bfloat16, 40, True, "cudnn"),
        (jnp.float16, 128, True, "cudnn"),
        (jnp.float32, 40, True, None),
        (jnp.bfloat16, 36, True, None),
        (jnp.bfloat16, 160, True, None),
        (jnp.bfloat16, 40, False, None),
    ],
)
def test_a_gpu_runs_cudnn_where_it_takes_the_heads(
    monkeypatch, dtype, width, recent, chosen
):
    seen = []

    def record(query, key, value, *, implementation=None):
        seen.append(implementation)
        return query

    monkeypatch.setattr(forms, "_has_flash_gpu", lambda: recent)
    monkeypatch.setattr(jax.nn, "dot_product_attention", record)
    traced("gpu", (2, 256, 256, 8, width), dtype)
    assert seen == [chosen]


def test_the_plain_form_has_gradients():
    query, key, value = draw((1, 16, 9, 2, 8))
    slope = jax.grad(lambda value: attend(query, key, value).sum())(value)
    np.testing.assert_allclose(slope.sum(), 16 * 2 * 8, rtol=1e-5)
