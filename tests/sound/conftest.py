"""Songs with a known grid, built from noise and sines."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

from jaxsoundart.sound.waveform import Waveform

RATE_HZ = 22_050


@dataclass(frozen=True)
class Song:
    """A song and what is known of it.

    Attributes:
        waveform: The sound.
        beats_s: Every beat.
        sections_s: Where each section begins, and where the song ends.
    """

    waveform: Waveform
    beats_s: np.ndarray
    sections_s: np.ndarray

    @property
    def bars_s(self):
        return self.beats_s[::4]


def _hit(kind, rng):
    time_s = np.arange(round(0.25 * RATE_HZ)) / RATE_HZ
    if kind == "kick":
        sweep = 2 * np.pi * np.cumsum(50 + 100 * np.exp(-time_s / 0.02)) / RATE_HZ
        return 0.8 * np.sin(sweep) * np.exp(-time_s / 0.08)
    noise = rng.standard_normal(len(time_s))
    if kind == "snare":
        body = np.sin(2 * np.pi * 190 * time_s) * np.exp(-time_s / 0.06)
        return 0.3 * body + 0.2 * noise * np.exp(-time_s / 0.05)
    bright = np.diff(noise, prepend=0.0)
    return 0.06 * bright * np.exp(-time_s / 0.02)


def _chord(root_hz, semitones, duration_s):
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    tones = (
        np.sin(2 * np.pi * root_hz * 2 ** (s / 12) * harmonic * time_s) / harmonic
        for s in semitones
        for harmonic in (1, 2, 3)
    )
    return sum(tones)


# Steps of each layer in a bar, in beats.
PATTERNS = {
    "kick": (0, 1, 2, 3),
    "half-time kick": (0, 2.5),
    "snare": (1, 3),
    "hat": tuple(np.arange(8) / 2),
    "sixteenths": tuple(np.arange(16) / 4),
}


def build_song(tempo_bpm, sections, *, lead_in_s=0.0, seed=0):
    """Builds a song from sections, each a number of bars and the layers playing.

    Layers are those of `PATTERNS`, "bass" (an off-beat pulse), "pad" (a chord a bar).
    """
    rng = np.random.default_rng(seed)
    beat_s = 60.0 / tempo_bpm
    num_bars = sum(bars for bars, _ in sections)
    samples = np.zeros(round((lead_in_s + (4 * num_bars + 1) * beat_s) * RATE_HZ))
    hits = {kind: _hit(kind, rng) for kind in ("kick", "snare", "hat")}
    chords = [
        _chord(220 * 2 ** (r / 12), (0, 3, 7), 4 * beat_s) for r in (0, -4, 3, -2)
    ]

    def put(sound, at_s):
        first = round(at_s * RATE_HZ)
        end = min(first + len(sound), len(samples))
        samples[first:end] += sound[: end - first]

    bar, starts = 0, []
    for bars, layers in sections:
        starts.append(bar)
        for _ in range(bars):
            bar_s = lead_in_s + 4 * bar * beat_s
            for layer in layers:
                if layer == "pad":
                    put(0.03 * chords[bar % 4], bar_s)
                elif layer == "bass":
                    tone = _chord(55, (0,), 0.4 * beat_s)
                    tone *= np.minimum(1, 50 * np.arange(len(tone)) / RATE_HZ)
                    for beat in range(4):
                        put(0.12 * tone, bar_s + (beat + 0.5) * beat_s)
                else:
                    hit = hits["hat" if layer == "sixteenths" else layer.split()[-1]]
                    for beat in PATTERNS[layer]:
                        put(hit, bar_s + beat * beat_s)
            bar += 1
    end = round((lead_in_s + 4 * num_bars * beat_s) * RATE_HZ)
    samples = samples[:end] + 1e-4 * rng.standard_normal(end)
    waveform = Waveform(
        samples=(0.5 * samples).astype(np.float32), sample_rate_hz=RATE_HZ
    )
    return Song(
        waveform=waveform,
        beats_s=lead_in_s + beat_s * np.arange(4 * num_bars),
        sections_s=lead_in_s + 4 * beat_s * np.array([*starts, num_bars]),
    )


FULL = ("pad", "bass", "kick", "snare", "hat")
BROKEN = ("pad", "half-time kick", "snare", "sixteenths")


@pytest.fixture(scope="session")
def build():
    """Returns `build_song`."""
    return build_song


def _form(*sections):
    """Returns a session's fixture: a function from a tempo to a song of this form."""

    @pytest.fixture(scope="session")
    def form():
        return partial(build_song, sections=sections)

    return form


club_song = _form(
    (8, ("pad",)),
    (8, ("pad", "kick", "hat")),
    (8, ("pad", "hat")),
    (16, FULL),
    (4, ("pad",)),
)
broken_beat_song = _form((8, ("pad",)), (8, ("pad", "hat")), (16, BROKEN))
full_song = _form((8, FULL))
two_drop_song = _form(
    (8, ("pad",)),
    (8, ("pad", "hat")),
    (16, FULL),
    (8, ("pad", "hat")),
    (16, FULL),
)
steady_song = _form((16, FULL), (20, (*FULL, "sixteenths")), (12, FULL))
treble_rise_song = _form(
    (16, ("pad", "kick", "bass")),
    (16, ("pad", "kick", "bass", "hat", "sixteenths", "snare")),
)
