"""What happens to music on its way: other levels, cuts, noise, codecs."""

import io

import numpy as np
import soundfile
from scipy import signal

from jaxsoundart.sound.waveform import Waveform

_CODECS = (("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"))


def level(generator: np.random.Generator, sound: Waveform) -> Waveform:
    """Returns a sound up to 12 dB quieter."""
    return _like(sound, sound.samples * 10 ** (generator.uniform(-12.0, 0.0) / 20))


def noise(generator: np.random.Generator, sound: Waveform) -> Waveform:
    """Returns a sound in white or pink noise, 20 to 50 dB below it."""
    hiss = generator.standard_normal(len(sound.samples))
    if generator.random() < 0.5:
        # A pole near zero frequency and a zero above it: about 3 dB an octave.
        hiss = np.asarray(signal.lfilter([1.0, -0.9], [1.0, -0.99], hiss))
    here = np.sqrt(np.mean(np.square(sound.samples)))
    wanted = here * 10 ** (generator.uniform(-50.0, -20.0) / 20)
    return _like(sound, sound.samples + wanted * hiss / np.sqrt(np.mean(hiss**2)))


def band(generator: np.random.Generator, sound: Waveform) -> Waveform:
    """Returns a sound as small speakers and worn tapes have it."""
    low_hz = generator.uniform(30.0, 200.0)
    high_hz = min(generator.uniform(4000.0, 10_000.0), 0.45 * sound.sample_rate_hz)
    sections = signal.butter(
        2, (low_hz, high_hz), "bandpass", fs=sound.sample_rate_hz, output="sos"
    )
    return _like(sound, np.asarray(signal.sosfilt(sections, sound.samples)))


def codec(generator: np.random.Generator, sound: Waveform) -> Waveform:
    """Returns a sound after MP3 or Vorbis, of any quality."""
    kind, subtype = _CODECS[generator.integers(len(_CODECS))]
    rate_hz = sound.sample_rate_hz
    packed = io.BytesIO()
    with soundfile.SoundFile(
        packed,
        "w",
        rate_hz,
        channels=1,
        format=kind,
        subtype=subtype,
        compression_level=float(generator.uniform(0.2, 0.95)),
    ) as file:
        # In pieces: libsndfile's Vorbis encoder dies of minutes at once.
        for first in range(0, len(sound.samples), rate_hz):
            file.write(np.clip(sound.samples[first : first + rate_hz], -1.0, 1.0))
    packed.seek(0)
    samples, _ = soundfile.read(packed, dtype="float32")
    wanted = len(sound.samples)
    return _like(sound, np.pad(samples, (0, max(0, wanted - len(samples))))[:wanted])


def anything(generator: np.random.Generator, sound: Waveform) -> Waveform:
    """Returns a sound after some of all that, often nothing."""
    for change, chance in ((band, 0.2), (noise, 0.3), (codec, 0.3), (level, 0.7)):
        if generator.random() < chance:
            sound = change(generator, sound)
    return sound


def _like(sound: Waveform, samples: np.ndarray) -> Waveform:
    return Waveform(
        samples=samples.astype(np.float32), sample_rate_hz=sound.sample_rate_hz
    )
