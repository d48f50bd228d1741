"""A piece of synthetic music, and a listener with random weights."""

import numpy as np
import pytest

from jaxsoundart.listen.bundle import Bundle
from jaxsoundart.listen.features import COLUMNS, SAMPLE_RATE_HZ
from jaxsoundart.sound.waveform import Traits, Waveform


def make_music(duration_s, seed=0):
    """Returns chords that change, a struck noise on each beat, and hiss."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    root_hz = 220 * 2 ** (rng.integers(0, 12, 200)[(time_s // 2).astype(int)] / 12)
    phase = 2 * np.pi * np.cumsum(root_hz) / SAMPLE_RATE_HZ
    tones = sum(np.sin(phase * ratio) / n for n, ratio in enumerate((1, 1.26, 1.5), 1))
    struck = rng.standard_normal(len(time_s)) * np.exp(-(time_s % 0.5) / 0.05)
    samples = 0.1 * tones + 0.15 * struck + 0.003 * rng.standard_normal(len(time_s))
    return Waveform(samples=samples.astype(np.float32), sample_rate_hz=SAMPLE_RATE_HZ)


@pytest.fixture(scope="session")
def music():
    return make_music(12.0)


@pytest.fixture(scope="session")
def song():
    return make_music(70.0, seed=1)


@pytest.fixture
def traits():
    return Traits(
        tempo_bpm=120.0,
        key="A minor",
        loudness_db=-15.0,
        brightness_hz=1500.0,
        dynamics_db=6.0,
    )


@pytest.fixture
def bundle():
    rng = np.random.default_rng(0)
    shapes = {
        "hidden_0.kernel": (len(COLUMNS), 5),
        "hidden_0.bias": (5,),
        "hidden_1.kernel": (5, 4),
        "hidden_1.bias": (4,),
        "output.kernel": (4, 3),
        "output.bias": (3,),
    }
    tensors = {
        name: rng.standard_normal(shape).astype(np.float32)
        for name, shape in shapes.items()
    }
    tensors |= {
        "features.mean": rng.standard_normal(len(COLUMNS)).astype(np.float32),
        "features.std": np.full(len(COLUMNS), 3.0, np.float32),
        "temperature": np.float32(1.5),
    }
    return Bundle(
        name="random",
        head="genre",
        labels=("jazz", "metal", "pop"),
        hidden=(5, 4),
        tensors={name: np.asarray(tensor) for name, tensor in tensors.items()},
    )
