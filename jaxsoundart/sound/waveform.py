"""What the sound room hands on: samples, the stretches chosen from them, their traits.

No JAX here: the types are shared with rooms that do without it.
"""

from dataclasses import dataclass
from enum import StrEnum

from jaxsoundart.arrays import Samples


@dataclass(frozen=True, kw_only=True)
class Waveform:
    """Mono sound at one sample rate.

    Attributes:
        samples: Sound pressure, nominal range -1 to 1.
        sample_rate_hz: Samples per second.
    """

    samples: Samples
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate_hz

    def cut(self, start_s: float, end_s: float) -> "Waveform":
        """Returns the part from `start_s` to `end_s`, clipped to what there is."""
        first = max(0, round(start_s * self.sample_rate_hz))
        last = round(end_s * self.sample_rate_hz)
        return Waveform(
            samples=self.samples[first:last], sample_rate_hz=self.sample_rate_hz
        )


class Part(StrEnum):
    """Which stretch of a song an excerpt is."""

    INTRO = "intro"
    DROP = "drop"
    BAR = "bar"
    WHOLE = "whole"


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """A stretch of a song that stands for it.

    Attributes:
        part: Which stretch it is.
        start_s: First second, from the song's beginning.
        end_s: Last second.
        why: One sentence, how it was found ("no drop found: the fullest passage").
    """

    part: Part
    start_s: float
    end_s: float
    why: str


@dataclass(frozen=True, kw_only=True)
class Traits:
    """Facts about a stretch of sound that need no learning.

    Attributes:
        tempo_bpm: Beats per minute; 0.0 where no beat was found.
        key: Tonic and mode, "F# minor".
        loudness_db: RMS level in dB relative to full scale (0 is the loudest).
        brightness_hz: Mean spectral centroid.
        dynamics_db: Spread of short-time level, 95th less 10th percentile.
    """

    tempo_bpm: float
    key: str
    loudness_db: float
    brightness_hz: float
    dynamics_db: float
