"""What painting is said to take, against what compiled programs take."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint import footprint, memory, samplers
from jaxsoundart.paint.engine import Engine
from jaxsoundart.paint.memory import Estimate
from jaxsoundart.paint.model import abstract_params, own_params
from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import UNetConfig, VAEConfig
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.paint.painter import Painter
from jaxsoundart.paint.walk import Task, padded
from jaxsoundart.paint.words.conditioning import Conditioning
from jaxsoundart.runtime.mesh import data_mesh

WORDS = 77
# Compilers differ: the oldest JAX's holds fewer scores than today's, and more maps.
LEAST, MOST = (0.7, 1.35) if jax.__version_info__ >= (0, 10) else (0.6, 1.6)
# Stable Diffusion 1.5 with a quarter of its channels.
DENOISER = UNetConfig(
    sample_size=64,
    in_channels=4,
    out_channels=4,
    block_out_channels=(80, 160, 320, 320),
    cross_attention_dim=192,
    down_block_types=(*["CrossAttnDownBlock2D"] * 3, "DownBlock2D"),
    up_block_types=("UpBlock2D", *["CrossAttnUpBlock2D"] * 3),
    norm_num_groups=16,
)
VARIATIONAL = VAEConfig(
    block_out_channels=(32, 64, 128, 128), layers_per_block=2, norm_num_groups=16
)


def sketch(tiny, platform="any"):
    """A painter of middling size, of whose weights there are only shapes."""
    compute = Compute(platform=platform)
    parts = {"unet": UNet(DENOISER, compute), "vae": VAE(VARIATIONAL, compute)}
    params = {**tiny.params, **abstract_params(parts)}
    return dataclasses.replace(tiny, **parts, params=params)


@pytest.fixture(scope="module")
def model(tiny):
    return sketch(tiny)


def programs(model, side, *, guided):
    """The compiled walk, decoder and encoder for pictures of such latents."""
    engine = Engine(model, data_mesh(jax.devices()[:1]), 1)
    latents = np.zeros((1, side, side, 4), np.float32)
    states = np.moveaxis(np.asarray(samplers.initialize(jnp.asarray(latents))), 1, 0)
    table = padded(samplers.plan("ddim", model.schedule, 4).steps)
    text = np.zeros((1, 1 + guided, WORDS, DENOISER.cross_attention_dim), np.float32)
    one = np.ones(1, np.float32)
    task = Task(Conditioning(text), one, one, np.zeros(1, np.uint32))
    span = np.zeros(2, np.int32)
    unet, vae = (own_params(part, (side, side)) for part in (model.unet, model.vae))
    pixels = np.zeros((1, 8 * side, 8 * side, 3), np.float32)
    return {
        "walk": engine._programs["walk"].compiled(unet, table, span, task, states),
        "decode": engine._programs["decode"].compiled(vae, latents),
        "encode": engine._programs["encode"].compiled(vae, pixels),
    }


@pytest.mark.parametrize(
    ("side", "guided", "platform"),
    [
        (32, True, "any"),
        pytest.param(64, False, "any", marks=pytest.mark.slow),
        pytest.param(64, True, "any", marks=pytest.mark.slow),
        pytest.param(64, True, "cpu", marks=pytest.mark.slow),
    ],
)
def test_the_estimate_is_near_what_compiled_programs_take(tiny, side, guided, platform):
    model = sketch(tiny, platform)
    made = programs(model, side, guided=guided)
    size_px = 8 * side
    settings = Painter.create(model).settle(
        Settings(width_px=size_px, height_px=size_px, steps=4, sampler="ddim")
    )
    said = memory.estimate(model, settings, guided=guided, batch=1, chunks=1, over=True)
    taken = max(one.memory_analysis().temp_size_in_bytes for one in made.values())
    assert LEAST < said.activations_bytes / taken < MOST
    if platform == "any":
        held = 4 * sum(leaf.size for leaf in jax.tree.leaves(model.params))
        assert said.weights_bytes == held
    compute = model.unet.compute
    wanted = {
        "decode": footprint.decoding(VARIATIONAL, compute, 1, side**2),
        "encode": footprint.encoding(VARIATIONAL, compute, 1, side**2),
    }
    for name, size in wanted.items():
        taken = made[name].memory_analysis().temp_size_in_bytes
        assert LEAST < size / taken < MOST, name


def said(model, **changed):
    settings = {"width_px": 512, "height_px": 512, "steps": 4, "sampler": "ddim"}
    settings |= {key: changed.pop(key) for key in settings.keys() & changed.keys()}
    settled = Painter.create(model).settle(Settings(**settings))
    how = {"guided": True, "batch": 1, "chunks": 1, **changed}
    return memory.estimate(model, settled, **how)


def test_more_takes_more(model):
    whole = said(model)
    assert said(model, batch=2).activations_bytes > 1.9 * whole.activations_bytes
    assert said(model, guided=False).activations_bytes < whole.activations_bytes
    assert said(model, width_px=1024).activations_bytes > whole.activations_bytes
    assert said(model, parts=8).weights_bytes < 0.13 * whole.weights_bytes


def test_what_does_not_fit_is_refused_before_anything_is_read(tiny, monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda device: 10**6)
    painter = Painter.create(tiny, jax.devices()[:1])
    settings = Settings(width_px=512, height_px=256)
    with pytest.raises(
        ArgumentError,
        match=r"painting 512×256 px takes about \d+\.\d GB, the device has 0.0 GB "
        "free; use a smaller --size, or --shard-weights",
    ):
        painter.paint([Order(prompt="sun")], settings)
    with pytest.raises(ArgumentError, match="takes about"):
        painter.compile(settings)
    assert painter.engine.held_bytes == 0
    assert painter.engine.compile_s == 0.0


@pytest.mark.parametrize("free", [None, 10**12])
def test_what_fits_or_nobody_knows_is_not_refused(free, monkeypatch, tiny):
    monkeypatch.setattr(memory, "available_bytes", lambda device: free)
    settings = Painter.create(tiny).settle(Settings())
    memory.check(Estimate(10**10, 10**10), 0, data_mesh(), settings)


class Device:
    def __init__(self, stats, platform="tpu"):
        self.platform = platform
        self.stats = stats

    def memory_stats(self):
        return self.stats


def test_free_memory_is_asked_of_the_device_or_the_machine(monkeypatch, tmp_path):
    free = memory.available_bytes
    assert free(Device({"bytes_limit": 100, "bytes_in_use": 30})) == 70
    assert free(Device(None)) is None
    file = tmp_path / "meminfo"
    monkeypatch.setattr(memory, "_MEMINFO", file)
    assert free(Device(None, "cpu")) is None
    file.write_text("MemTotal:  9 kB\nMemAvailable:     7 kB\n")
    assert free(Device(None, "cpu")) == 7 * 1024
