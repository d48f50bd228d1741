"""Every form of the 3×3 convolution computes what Flax's own does."""

import functools
from contextlib import contextmanager

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.paint.networks import convolution, plain_convolution, winograd
from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.convolution import (
    Convolution1x1,
    Convolution3x3,
    choose,
    fit,
    transform,
)

CPU = Compute(platform="cpu")

# Relative to the largest output. A tile of 4 × 4 multiplies by 8 and divides by 24: it
# costs a decimal digit of what its type has.
TOLERANCE = {
    "plain": 1e-6,
    "patches": 2e-6,
    "winograd2": 3e-6,
    "winograd4": 2e-5,
    "repeated": 1e-6,
    "doubled": 3e-6,
}
# Batch, height, width, channels in and out.
SHAPES = {
    "plain": [(1, 7, 5, 4, 3), (2, 33, 18, 20, 24)],
    "patches": [(1, 1, 1, 16, 16), (2, 7, 5, 24, 16), (2, 8, 8, 33, 40)],
    "winograd2": [(1, 2, 2, 3, 5), (2, 10, 14, 24, 16), (1, 18, 6, 17, 33)],
    "winograd4": [(1, 4, 4, 3, 5), (2, 32, 36, 24, 16), (2, 8, 64, 17, 33)],
    "repeated": [(1, 3, 5, 4, 4)],
    "doubled": [(1, 1, 1, 4, 4), (2, 7, 5, 24, 24), (2, 16, 18, 8, 8)],
}


@pytest.fixture(autouse=True)
def _forms_of_large_networks(monkeypatch):
    """Lets small networks have the forms that only large ones gain by."""
    monkeypatch.setattr(convolution, "_FEWEST_CHANNELS", 16)


@contextmanager
def doubles(allowed):
    jax.config.update("jax_enable_x64", allowed)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", False)


def wanted(x, kernel, *, doubled):
    if doubled:
        x = jnp.repeat(jnp.repeat(x, 2, axis=1), 2, axis=2)
    return jax.lax.conv_general_dilated(
        x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


@pytest.mark.parametrize(
    ("form", "shape"), [(form, shape) for form in SHAPES for shape in SHAPES[form]]
)
@pytest.mark.parametrize(
    ("dtype", "bands"), [(np.float32, False), (np.float32, True), (np.float64, False)]
)
def test_a_form_computes_the_plain_convolution(form, shape, dtype, bands, monkeypatch):
    batch, height, width, channels_in, channels_out = shape
    draw = np.random.default_rng(0).standard_normal
    x = draw((batch, height, width, channels_in)).astype(dtype)
    kernel = draw((3, 3, channels_in, channels_out)).astype(dtype)
    double = dtype == np.float64
    if bands:
        monkeypatch.setattr(winograd, "_LARGE", 0)
        monkeypatch.setattr(winograd, "_BAND", 1)
    with doubles(double):
        x, kernel = jnp.asarray(x), jnp.asarray(kernel)
        exact = wanted(x, kernel, doubled=form in ("repeated", "doubled"))
        its_shape = convolution.kernel_shape(form, channels_in, channels_out)
        got = convolution.FORMS[form](x, transform(kernel, its_shape))
        error = np.abs(got - exact).max() / np.abs(exact).max()
    assert got.dtype == dtype
    assert error < TOLERANCE[form] * (1e-8 if double else 1.0)


@pytest.mark.parametrize(
    ("height", "width", "form"),
    [
        (4, 4, "patches"),
        (8, 8, "patches"),
        (16, 16, "winograd2"),
        (64, 64, "winograd4"),
        (66, 64, "winograd2"),
        (65, 64, "plain"),
        (33, 33, "plain"),
    ],
)
def test_the_form_follows_from_the_shape_on_cpu_alone(height, width, form):
    assert choose("cpu", height, width, 320, 320) == form
    for platform in ("any", "gpu", "tpu"):
        assert choose(platform, height, width, 320, 320) == "plain"


def test_first_and_last_convolution_stay_plain():
    assert choose("cpu", 64, 64, 4, 320) == "plain"
    assert choose("cpu", 64, 64, 320, 4) == "plain"


def test_everywhere_it_is_flax_own_convolution(key):
    x = jax.random.normal(key, (2, 5, 6, 4))
    ours, theirs = Convolution3x3(7), nn.Conv(7, (3, 3), padding=((1, 1), (1, 1)))
    params = ours.init(key, x)
    jax.tree.map(np.testing.assert_array_equal, params, theirs.init(key, x))
    params = jax.tree.map(lambda leaf: leaf + 0.1, params)

    def energy(module):
        return jax.grad(lambda params: jnp.square(module.apply(params, x)).sum())

    np.testing.assert_array_equal(ours.apply(params, x), theirs.apply(params, x))
    jax.tree.map(
        functools.partial(np.testing.assert_allclose, rtol=1e-5, atol=1e-4),
        *(energy(module)(params) for module in (ours, theirs)),
    )


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
@pytest.mark.parametrize("cache_bytes", [1, 3_000, 20_000, 2**20])
def test_the_gradient_is_the_same_in_pieces(cache_bytes, dtype, key, monkeypatch):
    monkeypatch.setattr(plain_convolution, "_CACHE_BYTES", cache_bytes)
    x, kernel, change = (
        jax.random.normal(key, shape, dtype)
        for shape in ((6, 8, 5, 3), (3, 3, 3, 4), (6, 8, 5, 4))
    )

    def gradients(convolve):
        return jax.vjp(convolve, x, kernel)[1](change)

    for got, exact in zip(
        gradients(plain_convolution.convolve),
        gradients(functools.partial(wanted, doubled=False)),
        strict=True,
    ):
        assert got.dtype == dtype
        got, exact = np.asarray(got, np.float32), np.asarray(exact, np.float32)
        error = np.abs(got - exact).max() / np.abs(exact).max()
        assert error < (1e-6 if dtype == jnp.float32 else 1e-2)


def fitted_to(like, params):
    return jax.tree.map(
        lambda wanted, leaf: jnp.asarray(fit(leaf, wanted.shape, wanted.dtype)),
        like,
        params,
    )


@pytest.mark.parametrize("size", [8, 16, 32])
@pytest.mark.parametrize("doubled", [False, True])
def test_published_kernels_are_fitted(key, size, doubled):
    x = jax.random.normal(key, (1, size, size, 16))
    plain = Convolution3x3(24, doubled=doubled)
    tuned = Convolution3x3(24, doubled=doubled, compute=CPU)
    params = plain.init(key, x)
    params["params"]["bias"] += 1.0
    like = jax.eval_shape(tuned.init, key, x)
    fitted = fitted_to(like, params)
    assert jax.tree.map(jnp.shape, fitted) == jax.tree.map(jnp.shape, like)
    np.testing.assert_allclose(
        tuned.apply(fitted, x), plain.apply(params, x), atol=2e-5
    )


def test_a_fresh_tuned_module_is_the_plain_one_transformed(key):
    x = jax.random.normal(key, (1, 32, 32, 16))
    fresh = Convolution3x3(24, compute=CPU).init(key, x)
    plain = Convolution3x3(24).init(key, x)
    jax.tree.map(
        lambda got, wanted: np.testing.assert_allclose(got, wanted, atol=1e-6),
        fresh,
        fitted_to(fresh, plain),
    )


def test_half_precision_kernels_are_summed_in_float32(key):
    x = jax.random.normal(key, (1, 32, 32, 16))
    params = Convolution3x3(24).init(key, x)
    half = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), params)
    again = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), half)
    tuned = Convolution3x3(24, compute=CPU)
    fitted = fitted_to(jax.eval_shape(tuned.init, key, x), half)
    np.testing.assert_allclose(
        tuned.apply(fitted, x), Convolution3x3(24).apply(again, x), atol=2e-5
    )
    rounded = Convolution3x3(24, compute=Compute(jnp.bfloat16, "cpu"))
    got = rounded.apply(fitted, x)
    assert got.dtype == jnp.bfloat16
    np.testing.assert_allclose(got, Convolution3x3(24).apply(again, x), atol=3e-2)


def test_a_1x1_convolution_is_flax_own(key):
    x = jax.random.normal(key, (2, 5, 6, 4))
    ours, theirs = Convolution1x1(7), nn.Conv(7, (1, 1))
    params = ours.init(key, x)
    jax.tree.map(np.testing.assert_array_equal, params, theirs.init(key, x))
    params = jax.tree.map(lambda leaf: leaf + 0.1, params)
    np.testing.assert_allclose(
        ours.apply(params, x), theirs.apply(params, x), atol=1e-6
    )
