"""Songs with something wrong in them, always the same for the same seed."""

import io
import struct

import numpy as np
import soundfile

_RATE_HZ = 22_050
_EXTREMES = (0, 1, 0x7F, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_FORMATS = (("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"))
_KINDS = (*_FORMATS, ("MP3", "MPEG_LAYER_III"), ("AIFF", "PCM_16"), ("WAV", "FLOAT"))


def songs(duration_s: float = 3.0) -> list[bytes]:
    """Returns one whole song in every format that is written here."""
    time_s = np.arange(round(duration_s * _RATE_HZ)) / _RATE_HZ
    beat_s = time_s % 0.5
    kick = np.sin(2 * np.pi * 60 * beat_s) * np.exp(-beat_s / 0.1)
    chord = sum(np.sin(2 * np.pi * 220 * ratio * time_s) for ratio in (1, 1.2, 1.5))
    samples = (0.5 * kick + 0.1 * chord).astype(np.float32)
    made = []
    for kind, subtype in _KINDS:
        rate_hz = 24_000 if subtype == "OPUS" else _RATE_HZ
        file = io.BytesIO()
        soundfile.write(file, samples, rate_hz, format=kind, subtype=subtype)
        made.append(file.getvalue())
    return made


def mutated(song: bytes, *, seed: int) -> bytes:
    """Returns a song with one to eight faults, most of them where headers are."""
    random = np.random.default_rng(seed)
    content = bytearray(song)
    for _ in range(int(random.integers(1, 9))):
        content = _fault(content, random)
    return bytes(content)


def _fault(content: bytearray, random: np.random.Generator) -> bytearray:
    length = len(content)
    if length < 16:
        return content + random.bytes(16)
    reach = length if random.random() < 0.4 else min(length, 256)
    at = int(random.integers(0, reach - 8))
    match int(random.integers(0, 7)):
        case 0:
            content[at] ^= 1 << int(random.integers(0, 8))
        case 1:
            content[at : at + 4] = random.bytes(4)
        case 2:
            extreme = _EXTREMES[int(random.integers(0, len(_EXTREMES)))]
            order = "<I" if random.random() < 0.5 else ">I"
            content[at : at + 4] = struct.pack(order, extreme)
        case 3:
            return content[: max(8, at)]
        case 4:
            end = at + int(random.integers(1, 4096))
            return content[:end] + content[at:]
        case 5:
            return (
                content[:at]
                + random.bytes(int(random.integers(1, 4096)))
                + content[at:]
            )
        case _:
            end = min(length, at + int(random.integers(1, 4096)))
            content[at:end] = bytes(end - at)
    return content
