"""What `benchmarks/slices.py` asserts of programs, on eight virtual devices."""

import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from benchmarks.slices import check_program, written
from jaxsoundart.errors import SoundArtError
from jaxsoundart.runtime.mesh import DATA, data_mesh, pmapped

SHARE, WHOLE = written(2, 8, 8, 4), written(16, 8, 8, 4)


@pytest.fixture(scope="module")
def mesh():
    return data_mesh()


def compiled(function, mesh):
    latents = jax.ShapeDtypeStruct((16, 8, 8, 4), jnp.float32)
    program = pmapped(function, mesh, shared=0)
    return program.compiled(latents).as_text()


def test_the_walk_is_data_parallel():
    # Apart: what stands for arrays here would not pass the checks of types in tests.
    program = """
from benchmarks import denoising, slices
from jaxsoundart.paint.networks.config import UNetConfig
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.runtime.mesh import data_mesh

config = UNetConfig(
    sample_size=8,
    in_channels=4,
    out_channels=4,
    block_out_channels=(8, 8),
    cross_attention_dim=8,
    down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    layers_per_block=1,
    attention_head_dim=2,
    norm_num_groups=4,
)
unet = UNet(config)
states = denoising.shapes(unet, 2)[-1].shape
program, _ = denoising.compiled(unet, data_mesh(), 2)
share, whole = slices.written(*states), slices.written(16, *states[1:])
slices.check_program(program.as_text(), share, whole)
print(share, whole)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["f32[2,4,8,8,4]", "f32[16,4,8,8,4]"]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda x: x - jax.lax.pmean(x, DATA), "exchange values: all-reduce"),
        (lambda x: x + jax.lax.all_gather(x, DATA)[0], "exchange values"),
        (
            lambda x: jax.lax.ppermute(x, DATA, [(0, 1), (1, 0)]),
            "exchange values: collective-permute",
        ),
    ],
)
def test_an_exchange_between_chips_is_found(mesh, function, told):
    check_program(compiled(jnp.sin, mesh), SHARE, WHOLE)
    with pytest.raises(SoundArtError, match=told):
        check_program(compiled(function, mesh), SHARE, WHOLE)


def test_work_on_the_whole_is_found():
    latents = jax.ShapeDtypeStruct((16, 8, 8, 4), jnp.float32)
    alone = jax.jit(jnp.sin).lower(latents).compile().as_text()
    with pytest.raises(SoundArtError, match="its share is"):
        check_program(alone, SHARE, WHOLE)
