"""Equality with the schedulers of PyTorch diffusers, walk by walk."""

import warnings

import pytest

from benchmarks.parity.samplers import cases, walks
from jaxsoundart.paint.samplers import SAMPLERS, sampler_of

pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    diffusers = pytest.importorskip("diffusers")
    diffusers.logging.set_verbosity_error()

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]

# Ten times what any walk differs by: to notice before the published tolerance does.
CLOSE = 2e-4


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_latents_are_those_of_diffusers(case):
    assert case.error() <= min(CLOSE, case.tolerance)


def test_every_sampler_is_compared():
    assert {walk.sampler for _, walk in walks()} == set(SAMPLERS)


def test_every_published_config_names_a_scheduler_of_theirs():
    for name, sampler in SAMPLERS.items():
        assert hasattr(diffusers, sampler.scheduler)
        algorithm = "sde-dpmsolver++" if name == "dpm++2m-sde" else "dpmsolver++"
        assert sampler_of(sampler.scheduler, algorithm) == name
