"""Tones as records: a set that a tiny network learns in seconds."""

import numpy as np
import pytest

from jaxsoundart.listen.mel_network import MelConfig
from jaxsoundart.sound.waveform import Waveform
from train.ear.config import EarConfig, Question, Wear
from train.ear.records import SAMPLE_RATE_HZ, Sound, Writer
from train.optimiser import Optimisation

PITCHES_HZ = {"low": 220.0, "high": 1760.0}


def tone(generator, name, clicks):
    """Returns a tone of about a pitch, with or without clicks, and its labels."""
    time_s = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    samples = np.sin(
        2 * np.pi * PITCHES_HZ[name] * generator.uniform(0.9, 1.1) * time_s
    )
    if clicks:
        samples[generator.integers(len(samples), size=8)] += 8.0
    samples *= 0.1 + 0.01 * generator.standard_normal()
    labels = {"pitch": (name,), "extras": ("clicks",) * clicks + ("tone",)}
    waveform = Waveform(
        samples=samples.astype(np.float32), sample_rate_hz=SAMPLE_RATE_HZ
    )
    return Sound.of(waveform, labels, f"{name}-{clicks}")


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    """A folder of records: 48 sounds to learn from, 16 to judge by, 16 to test on."""
    folder = tmp_path_factory.mktemp("tones")
    generator = np.random.default_rng(0)
    with Writer(folder / "records") as writer:
        for part, count in (("train", 48), ("valid", 16), ("test", 16)):
            for number in range(count):
                name = ("low", "high")[number % 2]
                writer.write(part, tone(generator, name, number // 2 % 2))
    return folder / "records"


@pytest.fixture(scope="session")
def config():
    """A run of seconds."""
    return EarConfig(
        name="tones",
        network=MelConfig(num_mels=16, channels=(8, 8), width=16, norm_groups=2),
        questions=(Question("pitch"), Question("extras", exclusive=False)),
        window_s=0.5,
        optimisation=Optimisation(
            steps=60,
            batch=8,
            peak_rate=1e-2,
            warmup_steps=5,
            ema=0.9,
            save_every=10,
            log_every=10,
        ),
        wear=Wear(mixup=0.2, speed=0.05),
        evaluate_every=20,
        patience=10,
    )
