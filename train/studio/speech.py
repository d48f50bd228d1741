"""Speech that means nothing: espeak-ng reads syllables aloud, as any voice it has."""

import io
import shutil
import subprocess

import numpy as np
import soundfile

from jaxsoundart.errors import SoundArtError
from jaxsoundart.sound.resampling import resample
from jaxsoundart.sound.waveform import Waveform

VOICES = ("en-us", "en-gb", "de", "fr-fr", "es", "it", "pt-br", "nl", "sv", "pl", "fi")
_VARIANTS = ("", "+f1", "+f2", "+f3", "+f4", "+m1", "+m3", "+m5", "+m7", "+croak")
_ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "pr")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ou", "ea")
_CODAS = ("", "", "n", "r", "s", "t", "l", "m", "nd", "st")


def speak(generator: np.random.Generator, rate_hz: int) -> Waveform:
    """Returns some sentences in one voice, at any pace and pitch.

    Raises:
        SoundArtError: espeak-ng is missing, or fails.
    """
    if not shutil.which("espeak-ng"):
        raise SoundArtError("espeak-ng is not on the PATH; install it")
    voice = f"{generator.choice(VOICES)}{generator.choice(_VARIANTS)}"
    pace, pitch = generator.integers(110, 220), generator.integers(20, 80)
    command = ["espeak-ng", "-v", voice, "-s", str(pace), "-p", str(pitch), "--stdout"]
    said = ". ".join(_sentence(generator) for _ in range(3))
    done = subprocess.run([*command, said], capture_output=True, timeout=60)
    if done.returncode or not done.stdout:
        reason = " ".join(done.stderr.decode(errors="replace").split())[-200:]
        raise SoundArtError(f"espeak-ng could not speak as {voice}: {reason}")
    samples, own_hz = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    return resample(Waveform(samples=samples, sample_rate_hz=own_hz), rate_hz)


def _sentence(generator: np.random.Generator) -> str:
    return " ".join(
        "".join(
            f"{generator.choice(_ONSETS)}{generator.choice(_VOWELS)}{generator.choice(_CODAS)}"
            for _ in range(generator.integers(1, 4))
        )
        for _ in range(generator.integers(4, 10))
    )
