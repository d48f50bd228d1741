import pytest

from jaxsoundart.compose.brief import Brief
from jaxsoundart.paint.order import Settled
from jaxsoundart.picture.record import Painting, Record, Versions


@pytest.fixture
def record():
    return Record(
        song=None,
        hearing=None,
        brief=Brief(prompt="neon città <3, rain", negative_prompt="text"),
        painting=Painting(
            painter="bundled",
            painter_sha256="cd" * 32,
            seed=7,
            guidance=7.5,
            settings=Settled(
                sampler="ddim",
                steps=25,
                width_px=48,
                height_px=32,
                upscale=False,
            ),
            backend="cpu",
        ),
        versions=Versions(jaxsoundart="0.1.0", jax="0.10.2", flax="0.12.8", python="3"),
        painted_on="2026-02-28",
    )
