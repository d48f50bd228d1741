"""Equality with PyTorch at the size of Stable Diffusion 1.5, network by network."""

import warnings

import pytest

pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("diffusers")
    pytest.importorskip("transformers")
    from benchmarks.parity.full_size import full_size_cases

pytestmark = [
    pytest.mark.parity,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]


@pytest.mark.parametrize("case", list(full_size_cases()), ids=lambda case: case.name)
def test_network(case):
    assert case.error() <= case.tolerance
