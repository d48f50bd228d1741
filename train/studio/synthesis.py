"""Plain synthesis: sums of partials whose brightness falls or sways, note by note.

Partials above half the sample rate are left out, so nothing aliases.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Sound = Float[np.ndarray, " samples"]

_MOST_PARTIALS = 48


@dataclass(frozen=True)
class Patch:
    """The settings of a synthesiser.

    Attributes:
        odd_only: Whether it has the partials of a square, not of a saw.
        detune: Of its copies, in semitones; each once.
        attack_s: How long a note swells.
        release_s: How long it fades when it is let go.
        sustain: Level that a held note falls to, 0 to 1, at `decay_s`.
        decay_s: How fast it falls there.
        cutoff_hz: Brightness a held note settles at.
        open_hz: What is added to it at its beginning.
        closing_s: How fast that goes.
        sway_hz: How often brightness sways between a tenth and all of itself.
        vibrato: Depth of vibrato, in semitones.
        fold: How strongly the sum is driven into a soft limit.
    """

    odd_only: bool = False
    detune: tuple[float, ...] = (0.0,)
    attack_s: float = 0.005
    release_s: float = 0.08
    sustain: float = 0.8
    decay_s: float = 0.3
    cutoff_hz: float = 2000.0
    open_hz: float = 0.0
    closing_s: float = 0.2
    sway_hz: float = 0.0
    vibrato: float = 0.0
    fold: float = 0.0


def patch(name: str, generator: np.random.Generator, tempo_bpm: float) -> Patch:
    """Returns a patch, set a little differently for every piece."""
    return _MAKERS[name](generator, tempo_bpm)


def _spread(generator: np.random.Generator, copies: int, width: float) -> tuple:
    return tuple(np.linspace(-width, width, copies) * generator.uniform(0.8, 1.2))


_MAKERS: dict[str, Callable[[np.random.Generator, float], Patch]] = {
    "sub bass": lambda g, _: Patch(
        cutoff_hz=g.uniform(70, 160), sustain=0.9, decay_s=1.0, fold=g.uniform(0, 1.5)
    ),
    "saw bass": lambda g, _: Patch(
        detune=_spread(g, 2, 0.06),
        cutoff_hz=g.uniform(250, 700),
        open_hz=g.uniform(400, 2500),
        closing_s=g.uniform(0.06, 0.25),
        sustain=0.7,
    ),
    "wobble bass": lambda g, tempo: Patch(
        detune=_spread(g, 3, 0.12),
        cutoff_hz=g.uniform(1200, 3200),
        sway_hz=tempo / 60.0 * g.choice((1.0, 1.5, 2.0, 3.0)),
        sustain=1.0,
        fold=g.uniform(1.0, 4.0),
    ),
    "supersaw": lambda g, _: Patch(
        detune=_spread(g, 7, 0.16),
        cutoff_hz=g.uniform(3000, 9000),
        attack_s=0.01,
        release_s=g.uniform(0.1, 0.3),
        sustain=0.9,
    ),
    "warm pad": lambda g, _: Patch(
        detune=_spread(g, 3, 0.08),
        cutoff_hz=g.uniform(500, 1500),
        attack_s=g.uniform(0.2, 0.8),
        release_s=g.uniform(0.4, 1.2),
        sway_hz=g.uniform(0.05, 0.2),
        sustain=1.0,
    ),
    "glass pad": lambda g, _: Patch(
        odd_only=True,
        detune=(0.0, 12.02, 18.98),
        cutoff_hz=g.uniform(1500, 4000),
        attack_s=g.uniform(0.01, 0.2),
        release_s=g.uniform(0.5, 1.5),
        decay_s=1.5,
        sustain=0.3,
    ),
    "pluck": lambda g, _: Patch(
        detune=_spread(g, 2, 0.05),
        cutoff_hz=g.uniform(200, 500),
        open_hz=g.uniform(2000, 7000),
        closing_s=g.uniform(0.05, 0.15),
        decay_s=g.uniform(0.15, 0.4),
        sustain=0.0,
    ),
    "square lead": lambda g, _: Patch(
        odd_only=True, cutoff_hz=g.uniform(2000, 5000), vibrato=g.uniform(0, 0.25)
    ),
    "saw lead": lambda g, _: Patch(
        detune=_spread(g, 2, 0.08),
        cutoff_hz=g.uniform(2500, 7000),
        vibrato=g.uniform(0.05, 0.3),
        release_s=0.15,
    ),
}


def note(
    given: Patch, pitch: int, length_s: float, velocity: float, rate_hz: int
) -> Sound:
    """Returns one note, with its release.

    Args:
        given: The synthesiser's settings.
        pitch: MIDI number.
        length_s: How long it is held.
        velocity: How hard, 0 to 1.
        rate_hz: Of the samples.
    """
    held = max(1, round(length_s * rate_hz))
    total = held + round(given.release_s * rate_hz)
    time_s = np.arange(total) / rate_hz
    cutoff = given.cutoff_hz + given.open_hz * np.exp(-time_s / given.closing_s)
    if given.sway_hz:
        cutoff *= 0.55 - 0.45 * np.cos(2 * np.pi * given.sway_hz * time_s)
    swing = np.sin(2 * np.pi * 5.5 * time_s) * np.minimum(time_s / 0.4, 1)
    bend = given.vibrato * swing
    sound = np.zeros(total)
    for semitones in given.detune:
        base_hz = 440.0 * 2 ** ((pitch + semitones - 69) / 12)
        turns = np.cumsum(base_hz * 2 ** (bend / 12)) / rate_hz
        step = 2 if given.odd_only else 1
        most = int(min(_MOST_PARTIALS, 0.45 * rate_hz / base_hz))
        for partial in range(1, max(most, 1) + 1, step):
            # Two poles: twelve decibels an octave above the cutoff.
            heard = 1.0 / (1.0 + (partial * base_hz / cutoff) ** 2)
            turned = 2 * np.pi * (partial * turns + 0.37 * semitones)
            sound += heard / partial * np.sin(turned)
    sound /= np.sqrt(len(given.detune))
    sound *= velocity * _envelope(given, time_s, held, rate_hz)
    return np.tanh(given.fold * sound) / given.fold if given.fold > 0.3 else sound


def _envelope(given: Patch, time_s: Sound, held: int, rate_hz: int) -> Sound:
    """Returns how loud a note is over time: swell, decay, release."""
    swell = np.minimum(time_s / given.attack_s, 1.0)
    level = given.sustain + (1 - given.sustain) * np.exp(-time_s / given.decay_s)
    gone = np.maximum(np.arange(len(time_s)) - held, 0) / rate_hz
    return swell * level * np.exp(-5.0 * gone / given.release_s)
