"""The instruments of `make_song.py`: subtractive synthesis with NumPy and SciPy.

Sawtooths without audible aliasing, low-pass filters whose cutoff moves, noise and
envelopes. Every instrument returns samples × (left, right), the same each time, and is
cached because a song strikes the same notes often.
"""

from functools import cache

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

SAMPLE_RATE_HZ = 44100

Sound = np.ndarray  # samples, or samples × (left, right)


# --- Building blocks ---


def samples(seconds: float) -> int:
    """Returns the nearest whole number of samples."""
    return round(seconds * SAMPLE_RATE_HZ)


def seconds(length: int) -> Sound:
    """Returns the time of each of `length` samples."""
    return np.arange(length) / SAMPLE_RATE_HZ


def pitch_hz(note: float) -> float:
    """Returns the frequency of a MIDI note, in equal temperament."""
    return 440 * 2 ** ((note - 69) / 12)


def saw(frequency_hz: Sound | float, length: int, phase: float = 0.0) -> Sound:
    """Returns a sawtooth whose step is rounded off (polyBLEP), so it hardly aliases."""
    step = np.broadcast_to(np.asarray(frequency_hz) / SAMPLE_RATE_HZ, (length,))
    position = (phase + np.cumsum(step)) % 1
    before = np.clip((position - 1) / step, -1, 0)
    after = np.clip(position / step, 0, 1)
    return 2 * position - 1 - (before + 1) ** 2 + (after - 1) ** 2


def chorus(note: float, length: int, cents: float, voices: int = 5) -> Sound:
    """Returns detuned sawtooths spread from left to right."""
    # The golden ratio scatters the phases evenly; all at 0 would start with a click.
    phases = np.arange(voices) * 0.618 % 1
    sound = np.zeros((length, 2))
    for place, phase in zip(np.linspace(-1, 1, voices), phases, strict=True):
        voice = saw(pitch_hz(note + cents / 100 * place), length, phase)
        sound += voice[:, None] * np.sqrt([0.5 - place / 2.5, 0.5 + place / 2.5])
    return sound / np.sqrt(voices)


def lowpass(sound: Sound, cutoff_hz: Sound | float, resonance: float = 0.8) -> Sound:
    """Returns `sound` through a second-order low-pass whose cutoff may move."""
    block = 128
    cutoffs_hz = np.broadcast_to(cutoff_hz, (len(sound),))[::block]
    angles = 2 * np.pi * np.minimum(cutoffs_hz, 18_000) / SAMPLE_RATE_HZ
    cosines, alphas = np.cos(angles), np.sin(angles) / (2 * resonance)
    filtered = np.empty_like(sound)
    state = np.zeros((2, *sound.shape[1:]))
    for index, (cosine, alpha) in enumerate(zip(cosines, alphas, strict=True)):
        part = slice(index * block, (index + 1) * block)
        numerator = (1 - cosine) * np.array([0.5, 1, 0.5])
        denominator = [1 + alpha, -2 * cosine, 1 - alpha]
        filtered[part], state = lfilter(
            numerator, denominator, sound[part], axis=0, zi=state
        )
    return filtered


def band(sound: Sound, low_hz: float, high_hz: float) -> Sound:
    """Returns what of `sound` lies between two frequencies."""
    edges = butter(2, (low_hz, high_hz), "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(sosfilt(edges, sound, axis=0))


def noise(length: int, seed: int, channels: int = 2) -> Sound:
    """Returns white noise, the same for the same seed."""
    return np.random.default_rng(seed).standard_normal((length, channels))


def swell(length: int, attack_s: float, release_s: float) -> Sound:
    """Returns an envelope that rises, holds and falls, as a column."""
    t = seconds(length)
    edges = np.minimum(t / attack_s, (t[-1] - t) / release_s)
    return np.sin(np.pi / 2 * np.clip(edges, 0, 1))[:, None] ** 2


# --- Instruments ---


@cache
def pad(
    chord: tuple[int, ...], length_s: float, open_from: float, open_to: float
) -> Sound:
    """Returns strings that overlap the next by 0.5 s; `open_…`: filter, 0 to 1."""
    length = samples(length_s + 0.5)
    sound = np.sum([chorus(note, length, 14) for note in chord], axis=0)
    opening = np.linspace(open_from, open_to, length)
    sound = lowpass(lowpass(sound, 350 * 14**opening), 500 * 14**opening)
    # Without its depth the pad leaves the low end to the drop's bass.
    return band(sound, 180, 9000) * swell(length, 0.35, 0.6) * 0.16


@cache
def pluck(note: int, bright: float) -> Sound:
    """Returns a short note whose filter snaps shut, for the arpeggio."""
    length = samples(0.45)
    t = seconds(length)
    cutoff_hz = 300 + 6000 * bright * np.exp(-t / 0.07)
    sound = lowpass(chorus(note, length, 8, voices=3), cutoff_hz, resonance=1.6)
    return sound * np.exp(-t / 0.13)[:, None] * swell(length, 0.002, 0.05) * 0.5


@cache
def stab(chord: tuple[int, ...], length_s: float) -> Sound:
    """Returns a wide chord of sawtooths."""
    length = samples(length_s)
    t = seconds(length)
    sound = np.sum([chorus(note, length, 18, voices=7) for note in chord], axis=0)
    sound = lowpass(sound, 900 + 6500 * np.exp(-t / 0.35))
    return band(sound, 160, 14_000) * swell(length, 0.005, 0.06) * 0.2


@cache
def bass(note: int, length_s: float) -> Sound:
    """Returns a reedy note with a sine beneath it."""
    length = samples(length_s)
    t = seconds(length)
    reed = saw(pitch_hz(note), length) + saw(pitch_hz(note + 0.07), length, 0.4)
    reed = lowpass(lowpass(reed, 180 + 1400 * np.exp(-t / 0.09)), 900)
    deep = np.sin(2 * np.pi * pitch_hz(note) * t)
    sound = (0.35 * reed + 0.5 * deep)[:, None] * swell(length, 0.004, 0.03)
    return sound.repeat(2, axis=1)


@cache
def lead(note: int, length_s: float) -> Sound:
    """Returns a note of the melody."""
    length = samples(length_s + 0.12)
    t = seconds(length)
    # Vibrato sets in late, as a player's would.
    bend = 0.18 * np.sin(2 * np.pi * 5.3 * t) * np.clip((t - 0.25) / 0.4, 0, 1)
    glide = -0.6 * np.exp(-t / 0.02)
    voices = [
        saw(pitch_hz(note + cents / 100) * 2 ** ((bend + glide) / 12), length, phase)
        for cents, phase in ((-7, 0.0), (0, 0.3), (7, 0.7))
    ]
    left, middle, right = (lowpass(v, 1800 + 3200 * np.exp(-t / 0.3)) for v in voices)
    sound = np.stack([left + middle, right + middle], axis=1)
    return sound * swell(length, 0.008, 0.12) * 0.22


@cache
def kick() -> Sound:
    """Returns a bass drum: a sine that falls from about 240 to 47 Hz."""
    t = seconds(samples(0.34))
    cycles = 47 * t - 0.035 * 190 * np.expm1(-t / 0.035)
    body = np.sin(2 * np.pi * cycles) * np.exp(-t / 0.13)
    click = lowpass(noise(len(t), 1, 1)[:, 0], 8000) * np.exp(-t / 0.006) * 0.5
    sound = np.tanh(1.8 * (body + click))[:, None] * swell(len(t), 0.001, 0.05)
    return sound.repeat(2, axis=1)


@cache
def snare() -> Sound:
    """Returns a snare drum."""
    t = seconds(samples(0.3))
    rattle = band(noise(len(t), 2), 900, 9000) * np.exp(-t / 0.09)[:, None]
    skin = np.sin(2 * np.pi * (185 * t - 0.9 * np.expm1(-t / 0.02))) * np.exp(-t / 0.06)
    return np.tanh(0.7 * rattle + 0.5 * skin[:, None])


@cache
def hat(decay_s: float) -> Sound:
    """Returns a hi-hat, closed or open by its decay."""
    t = seconds(samples(6 * decay_s))
    return band(noise(len(t), 3), 7000, 16_000) * np.exp(-t / decay_s)[:, None] * 0.8


@cache
def crash() -> Sound:
    """Returns a crash cymbal."""
    t = seconds(samples(2.5))
    return band(noise(len(t), 4), 3000, 15_000) * np.exp(-t / 0.7)[:, None] * 0.4


@cache
def riser(length_s: float) -> Sound:
    """Returns noise that climbs and stops."""
    length = samples(length_s)
    climb = np.linspace(0, 1, length)
    sound = lowpass(noise(length, 5), 400 * 25**climb, resonance=2.5)
    return band(sound, 300, 15_000) * climb[:, None] ** 2 * 0.25


@cache
def room() -> Sound:
    """Returns the impulse response of a large, dark room."""
    t = seconds(samples(1.8))
    response = band(noise(len(t), 6), 250, 6000) * np.exp(-t / 0.4)[:, None]
    response *= np.clip(t / 0.02, 0, 1)[:, None]
    return response / np.sqrt(np.sum(response**2, axis=0))
