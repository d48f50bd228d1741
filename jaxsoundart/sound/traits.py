"""Facts about a song that need no learning: tempo, key, loudness, brightness, dynamics.

All follow from the one pass of `analyse`.
"""

import numpy as np
from jaxtyping import Float

from jaxsoundart.sound.analysis import Analysis
from jaxsoundart.sound.descriptors import PITCH_STEPS
from jaxsoundart.sound.waveform import Traits

# How well each degree of the scale fits the key, by listeners' judgement.
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
# The usual spellings: F# minor and Gb major are the same keys on a piano.
_MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")

# Level is followed as loudness meters do, over 0.4 s ("momentary", EBU Tech 3341).
_LEVEL_WINDOW_S = 0.4
_FLOOR_DB = -100.0
# A pause has neither colour nor level: frames this far below the song's do not count.
_AUDIBLE_DB = -40.0


def measure(analysis: Analysis) -> Traits:
    """Returns the traits of an analysed song."""
    return Traits(
        tempo_bpm=analysis.beats.tempo_bpm,
        key=_key(analysis.pitches),
        loudness_db=_db(float(analysis.power.mean(dtype=np.float64))),
        brightness_hz=_brightness_hz(analysis),
        dynamics_db=_dynamics_db(analysis),
    )


def chroma(pitches: Float[np.ndarray, " steps"]) -> Float[np.ndarray, "12"]:
    """Folds tenths of semitones into the twelve pitch classes from C, in tune.

    The tuning is where the peaks cluster between the semitones (the circular mean of
    their cents), so that a record a quarter-tone off is still read in one key.
    """
    per_semitone = PITCH_STEPS // 12
    angle = 2 * np.pi * np.arange(PITCH_STEPS) / per_semitone
    mean = (pitches * np.exp(1j * angle)).sum()
    off_steps = round(float(np.angle(mean)) / (2 * np.pi) * per_semitone)
    centred = np.roll(pitches, per_semitone // 2 - off_steps)
    return centred.reshape(12, per_semitone).sum(axis=1)


def _key(pitches: Float[np.ndarray, " steps"]) -> str:
    """Returns the key whose profile correlates best with what was heard.

    Source: Krumhansl and Kessler (1982), the probe-tone profiles; Krumhansl, Cognitive
        Foundations of Musical Pitch (1990), chapter 4, the key-finding algorithm.
    """
    heard = chroma(pitches)
    scores = {}
    for profile, tonics, mode in (
        (_MAJOR, _MAJOR_TONICS, "major"),
        (_MINOR, _MINOR_TONICS, "minor"),
    ):
        centred = np.array(profile) - np.mean(profile)
        for tonic, name in enumerate(tonics):
            expected = np.roll(centred, tonic) / np.linalg.norm(centred)
            scores[f"{name} {mode}"] = float(expected @ (heard - heard.mean()))
    return max(scores, key=lambda key: scores[key])


def _brightness_hz(analysis: Analysis) -> float:
    power = analysis.power
    audible = power > power.mean() * 10 ** (_AUDIBLE_DB / 10)
    return float(analysis.centroid_hz[audible].mean()) if audible.any() else 0.0


def _dynamics_db(analysis: Analysis) -> float:
    power = analysis.power.astype(np.float64)
    length = max(1, round(_LEVEL_WINDOW_S * analysis.frame_rate_hz))
    length = min(length, len(power))
    running = np.cumsum(np.insert(power, 0, 0.0))
    level = (running[length:] - running[:-length]) / length
    audible = level > power.mean() * 10 ** (_AUDIBLE_DB / 10)
    if not audible.any():
        return 0.0
    loud, soft = np.quantile(10 * np.log10(level[audible]), [0.95, 0.1])
    return float(loud - soft)


def _db(power: float) -> float:
    return 10.0 * float(np.log10(max(power, 10 ** (_FLOOR_DB / 10))))
