"""Equality with the pipelines of PyTorch diffusers, painting by painting."""

import warnings

import pytest

from jaxsoundart.paint.samplers import SAMPLERS

pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("diffusers")
    pytest.importorskip("transformers")
    from benchmarks.parity import painting
    from benchmarks.parity.checkpoints import FAMILIES

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]

# Ten times what any painting differs by: to notice before the published tolerance does.
CLOSE = 1e-4


@pytest.mark.parametrize("case", list(painting.cases()), ids=lambda case: case.name)
def test_latents_and_pixels_are_those_of_diffusers(case):
    assert case.error() <= min(CLOSE, case.tolerance)


def test_every_family_and_every_sampler_paints():
    painted = [each for _, each in painting.paintings()]
    assert {each.family for each in painted} == set(FAMILIES)
    own = {painting.painter("LCM").model.defaults.sampler}
    assert {each.sampler for each in painted} - {None} | own == set(SAMPLERS)
