"""Sounds that are no music, no voice and no animal: hiss, rumble, hum, clicks."""

import numpy as np
from scipy import signal

from jaxsoundart.sound.waveform import Waveform


def make(generator: np.random.Generator, length_s: float, rate_hz: int) -> Waveform:
    """Returns noise of any colour, with swells, and now and then hum or clicks."""
    count = round(length_s * rate_hz)
    # White, pink, brown and all between: power falls by 0 to 8 dB an octave.
    spectrum = np.fft.rfft(generator.standard_normal(count))
    octaves = np.log2(1.0 + np.arange(len(spectrum)))
    spectrum *= 10 ** (-generator.uniform(0.0, 8.0) * octaves / 20)
    sound = np.fft.irfft(spectrum, count)
    sound /= np.sqrt(np.mean(sound**2))
    time_s = np.arange(count) / rate_hz
    if generator.random() < 0.5:
        swell_hz = generator.uniform(0.05, 1.0)
        phase = generator.uniform(0.0, 2 * np.pi)
        depth = generator.uniform(0.2, 1.0)
        sound *= 1.0 + depth * np.sin(2 * np.pi * swell_hz * time_s + phase)
    if generator.random() < 0.3:
        low_hz = generator.uniform(100.0, 2000.0)
        bounds = (low_hz, min(3.0 * low_hz, 0.45 * rate_hz))
        sections = signal.butter(2, bounds, "bandpass", fs=rate_hz, output="sos")
        sound = np.asarray(signal.sosfilt(sections, sound))
    if generator.random() < 0.3:
        mains_hz = generator.choice((50.0, 60.0))
        for harmonic in range(1, 6):
            loud = generator.uniform(0.0, 1.0) / harmonic
            sound += loud * np.sin(2 * np.pi * mains_hz * harmonic * time_s)
    if generator.random() < 0.4:
        clicks = generator.integers(count, size=generator.integers(1, 40))
        sound[clicks] += generator.normal(0.0, 12.0, len(clicks))
    level = 10 ** (generator.uniform(-40.0, -6.0) / 20)
    samples = level * sound / np.abs(sound).max()
    return Waveform(samples=samples.astype(np.float32), sample_rate_hz=rate_hz)
