"""From parts to one sound: room, ducking, risers, the last limiter."""

import numpy as np
from scipy import signal

from train.studio import grooves
from train.studio.score import BEATS_PER_BAR, Piece
from train.studio.synthesis import Sound

_DUCKED_S = 0.18


def room(
    generator: np.random.Generator, sound: Sound, amount: float, rate_hz: int
) -> Sound:
    """Returns a sound with the reverberation of some room."""
    if amount <= 0:
        return sound
    length_s = generator.uniform(0.6, 2.2)
    time_s = np.arange(round(length_s * rate_hz)) / rate_hz
    tail = generator.standard_normal(len(time_s)) * np.exp(-5 * time_s / length_s)
    tail /= np.sqrt(np.square(tail).sum())
    return sound + amount * signal.fftconvolve(sound, tail)[: len(sound)]


def ducking(piece: Piece, samples: int, depth: float, rate_hz: int) -> Sound:
    """Returns a level that drops with every kick and comes back."""
    level = np.ones(samples)
    shape = 1 - depth * np.exp(
        -np.arange(round(3 * _DUCKED_S * rate_hz)) / rate_hz / _DUCKED_S
    )
    for part in piece.parts:
        for note in part.notes:
            if part.instrument == "drum machine" and note.pitch == grooves.KICK:
                start = round(piece.seconds(note.start_beats) * rate_hz)
                end = min(samples, start + len(shape))
                level[start:end] = np.minimum(level[start:end], shape[: end - start])
    return level


def risers(
    generator: np.random.Generator, piece: Piece, samples: int, rate_hz: int
) -> Sound:
    """Returns noise that rises through every build, and breaks off."""
    sound = np.zeros(samples)
    for section in piece.sections:
        if section.kind != "build":
            continue
        start = round(piece.seconds(section.first_bar * BEATS_PER_BAR) * rate_hz)
        last = (section.first_bar + section.bars) * BEATS_PER_BAR
        length = min(samples, round(piece.seconds(last) * rate_hz)) - start
        hiss = generator.standard_normal(length)
        high = signal.sosfilt(
            signal.butter(2, 2500, "highpass", fs=rate_hz, output="sos"), hiss
        )
        sound[start : start + length] += 0.12 * np.linspace(0, 1, length) ** 2 * high
    return sound


def master(
    generator: np.random.Generator, sound: Sound, drive_db: tuple[float, float]
) -> Sound:
    """Returns a sound driven into a soft limit, peaks at most 1."""
    level = np.sqrt(np.mean(np.square(sound))) + 1e-9
    wanted = 10 ** (generator.uniform(*drive_db) / 20)
    return np.tanh(sound * wanted / level)
