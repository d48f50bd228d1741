"""Equality with PyTorch diffusers and transformers, network by network."""

import warnings

import pytest

pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("diffusers")
    pytest.importorskip("transformers")
    from benchmarks.parity import networks

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("case", list(networks.cases()), ids=lambda case: case.name)
def test_network(case):
    assert case.error() <= case.tolerance
