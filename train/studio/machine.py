"""A drum machine: every drum from sines and noise, tuned anew for each piece."""

from dataclasses import dataclass

import numpy as np
from scipy import signal

from train.studio import grooves
from train.studio.synthesis import Sound


@dataclass(frozen=True)
class Machine:
    """Its knobs.

    Attributes:
        rate_hz: Of the samples.
        tune: All pitches, as a factor.
        decay: All decays, as a factor.
        punch: How far the kick's pitch falls, in octaves.
        seed: Of the noise.
    """

    rate_hz: int
    tune: float
    decay: float
    punch: float
    seed: int

    @classmethod
    def create(cls, generator: np.random.Generator, rate_hz: int) -> "Machine":
        """Returns a machine with its knobs somewhere."""
        return cls(
            rate_hz=rate_hz,
            tune=float(generator.uniform(0.85, 1.2)),
            decay=float(generator.uniform(0.6, 1.5)),
            punch=float(generator.uniform(1.0, 2.2)),
            seed=int(generator.integers(2**31)),
        )

    def stroke(self, drum: int, velocity: float) -> Sound:
        """Returns one stroke of a drum of General MIDI's percussion map."""
        return velocity * self._drums()[drum]()

    def _drums(self):
        swept, noise, ring = self._swept, self._noise, self._ring
        return {
            grooves.KICK: lambda: 1.2 * swept(48, self.punch, 0.25),
            grooves.SNARE: lambda: _together(
                swept(185, 0.5, 0.08), 0.8 * noise(900, 8000, 0.13)
            ),
            grooves.CLAP: self._clap,
            grooves.RIM: lambda: 0.6 * ring((1700.0, 2300.0), 0.02),
            grooves.HAT: lambda: 0.45 * noise(7000, 10500, 0.035),
            grooves.PEDAL_HAT: lambda: 0.4 * noise(6000, 10000, 0.05),
            grooves.OPEN_HAT: lambda: 0.45 * noise(6500, 10500, 0.22),
            grooves.RIDE: lambda: _together(
                0.3 * noise(5000, 9500, 0.4), 0.15 * ring((3100.0, 4700.0), 0.3)
            ),
            grooves.CRASH: lambda: 0.6 * noise(3000, 10500, 0.9),
            grooves.LOW_TOM: lambda: swept(85, 0.6, 0.25),
            grooves.MID_TOM: lambda: swept(120, 0.6, 0.22),
            grooves.HIGH_TOM: lambda: swept(165, 0.6, 0.2),
            grooves.TAMBOURINE: lambda: 0.4 * noise(5500, 10000, 0.08),
            grooves.SHAKER: lambda: 0.35 * noise(4500, 9500, 0.04),
            grooves.COWBELL: lambda: 0.4 * ring((540.0, 800.0), 0.12),
            grooves.LOW_CONGA: lambda: 0.7 * swept(190, 0.2, 0.16),
            grooves.HIGH_CONGA: lambda: 0.7 * swept(280, 0.2, 0.12),
            grooves.CLAVES: lambda: 0.5 * ring((2500.0,), 0.03),
        }

    def _time(self, decay_s: float) -> tuple[Sound, Sound]:
        """Returns seconds, and how loud a sound of that decay is."""
        decay_s *= self.decay
        time_s = np.arange(round(6 * decay_s * self.rate_hz)) / self.rate_hz
        return time_s, np.exp(-time_s / decay_s)

    def _swept(self, hz: float, octaves: float, decay_s: float) -> Sound:
        """Returns a sine whose pitch falls by some octaves at its beginning."""
        time_s, level = self._time(decay_s)
        pitch_hz = self.tune * hz * 2 ** (octaves * np.exp(-time_s / 0.03))
        return level * np.sin(2 * np.pi * np.cumsum(pitch_hz) / self.rate_hz)

    def _noise(self, low_hz: float, high_hz: float, decay_s: float) -> Sound:
        """Returns a burst of noise in a band."""
        time_s, level = self._time(decay_s)
        hiss = np.random.default_rng(self.seed).standard_normal(len(time_s))
        band = np.clip([low_hz, high_hz], 20, 0.49 * self.rate_hz)
        sections = signal.butter(2, band, "bandpass", fs=self.rate_hz, output="sos")
        filtered = signal.sosfilt(sections, hiss)
        return level * filtered / (np.abs(filtered).max() + 1e-9)

    def _ring(self, pitches_hz: tuple[float, ...], decay_s: float) -> Sound:
        """Returns a few sines together."""
        time_s, level = self._time(decay_s)
        waves = [np.sin(2 * np.pi * self.tune * hz * time_s) for hz in pitches_hz]
        return level * np.mean(waves, axis=0)

    def _clap(self) -> Sound:
        """Returns a few short bursts and a longer one."""
        burst, tail = self._noise(800, 6000, 0.008), self._noise(800, 6000, 0.1)
        gap = round(0.011 * self.rate_hz)
        sound = np.zeros(3 * gap + len(tail))
        for number in range(3):
            end = min(len(sound), number * gap + len(burst))
            sound[number * gap : end] += burst[: end - number * gap]
        sound[3 * gap :] += tail
        return sound


def _together(*sounds: Sound) -> Sound:
    """Returns sounds that begin together."""
    sound = np.zeros(max(map(len, sounds)))
    for some in sounds:
        sound[: len(some)] += some
    return sound
