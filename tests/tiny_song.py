"""A song of a few seconds: drums at 120 bpm and a chord."""

from pathlib import Path

import numpy as np
import soundfile


def samples(*, duration_s=4.0, rate_hz=22_050, tonic_hz=220.0):
    """Returns mono samples of a kick on every beat over a minor chord."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    since_beat_s = time_s % 0.5
    kick = np.sin(2 * np.pi * 60 * since_beat_s) * np.exp(-since_beat_s / 0.1)
    chord = sum(np.sin(2 * np.pi * tonic_hz * r * time_s) for r in (1, 1.2, 1.5))
    return (0.5 * kick + 0.1 * chord).astype(np.float32)


def write(path: Path, **changes) -> Path:
    """Writes the song, 16 bit; returns `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rate_hz = changes.get("rate_hz", 22_050)
    soundfile.write(path, samples(**changes), rate_hz)
    return path
