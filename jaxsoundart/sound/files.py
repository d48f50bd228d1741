"""Decoding: any sound file to mono samples at the asked rate.

The only place that reads sound files. A file is read block by block: mixed to mono,
checked, resampled into its final array, so that the memory needed is that of the result
(318 MB an hour at 22,050 Hz) whatever the file's own rate and number of channels.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from jaxtyping import Float32

from jaxsoundart.arrays import Samples
from jaxsoundart.errors import SoundFileError, TooLongError
from jaxsoundart.sound import ffmpeg
from jaxsoundart.sound.waveform import Waveform

MIN_DURATION_S = 0.5
MAX_DURATION_S = 4 * 3600.0
SILENCE_DB = -80.0
# A float file scaled like integers would read as +90 dB; mastered music clips at 0.
MAX_PEAK = 100.0

_BLOCK_SAMPLES = 1 << 18  # of all channels together
_MIN_BLOCK_FRAMES = 1 << 12
_HEAD_BYTES = 4096
_TEXT = re.compile(rb"[\t-\r\x20-\x7e\x80-\xf4]+")

MonoBlock = Float32[np.ndarray, " samples"]


def read(
    path: str | Path,
    *,
    sample_rate_hz: int = 22_050,
    min_duration_s: float = MIN_DURATION_S,
    max_duration_s: float | None = None,
) -> Waveform:
    """Returns the sound of a file, mixed to mono, at the asked sample rate.

    libsndfile reads WAV, FLAC, OGG, Opus, MP3, AIFF and their kin; M4A, AAC, WMA and
    the sound track of films go through ffmpeg, where it is installed. Channels are
    averaged, the rate is converted by SoX's high-quality resampler.

    Args:
        path: The file.
        sample_rate_hz: The rate wanted.
        min_duration_s: The shortest sound that is taken.
        max_duration_s: The longest; 4 h unless given.

    Raises:
        SoundFileError: If the file is missing, not sound, cut off, shorter than that,
            silent, or holds samples that are no sound pressure.
        TooLongError: If it is longer than that.

    Source: `librosa.load(path, sr=sample_rate_hz)` 0.11; agrees within 1e-5.
    """
    path = Path(path)
    most_s = MAX_DURATION_S if max_duration_s is None else max_duration_s
    _check_is_file(path)
    try:
        # In bytes, since not every name is text; Windows knows names as text only.
        name = path if os.name == "nt" else os.fsencode(path)
        source = soundfile.SoundFile(name)  # pyright: ignore[reportArgumentType]
    except soundfile.LibsndfileError as error:
        container = ffmpeg.container(path)
        if container is None:
            raise SoundFileError(
                f"{path} is not sound, or in a format that cannot be read; use WAV, "
                "FLAC, OGG, Opus, MP3 or M4A"
            ) from error
        blocks = ffmpeg.blocks(path, container, sample_rate_hz=sample_rate_hz)
        samples = _collect(path, blocks, 0, sample_rate_hz, most_s)
    else:
        with source:
            samples = _read_libsndfile(path, source, sample_rate_hz, most_s)
    _check_is_heard(path, samples, sample_rate_hz, min_duration_s)
    return Waveform(samples=samples, sample_rate_hz=sample_rate_hz)


def content_hash(path: str | Path) -> str:
    """Returns the SHA-256 of a file's bytes in hexadecimal: the song's identity.

    Raises:
        SoundFileError: If the file is missing or cannot be read.
    """
    path = Path(path)
    _check_is_file(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_is_file(path: Path) -> None:
    """Raises for what cannot be opened, and for what is plainly no sound."""
    try:
        if path.is_dir():
            raise SoundFileError(f"{path} is a directory; name a sound file inside it")
        if path.exists() and not path.is_file():
            raise SoundFileError(f"{path} is not a regular file; name a sound file")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError as error:
        raise SoundFileError(f"{path} does not exist; check the name") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SoundFileError(f"{path} cannot be opened: {reason}") from error
    if not head:
        raise SoundFileError(f"{path} is empty (0 bytes); export or download it again")
    # Asked first, because MP3 decoders search text for music and complain at length.
    if _TEXT.fullmatch(head):
        raise SoundFileError(
            f"{path} is text, not sound, whatever its name says; name a sound file"
        )


def _read_libsndfile(
    path: Path, source: soundfile.SoundFile, sample_rate_hz: int, most_s: float
) -> Samples:
    """Decodes an opened file and compares its length with what its header says."""
    rate_hz, promised = source.samplerate, source.frames
    _check_length(path, promised / rate_hz, most_s)
    decoded = 0

    def mono_blocks() -> Iterator[MonoBlock]:
        nonlocal decoded
        frames = max(_BLOCK_SAMPLES // source.channels, _MIN_BLOCK_FRAMES)
        while True:
            try:
                block = source.read(frames, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                raise SoundFileError(
                    f"{path} is damaged or cut off after {decoded / rate_hz:.1f} s "
                    f"of {promised / rate_hz:.1f} s; export or download it again"
                ) from error
            if not len(block):
                return
            decoded += len(block)
            yield block.mean(axis=1)

    expected = round(promised * sample_rate_hz / rate_hz)
    blocks = _resampled(mono_blocks(), rate_hz, sample_rate_hz)
    samples = _collect(path, blocks, expected, sample_rate_hz, most_s)
    # MP3 headers round to whole frames and may count the encoder's padding.
    if (promised - decoded) / rate_hz > 0.5 + 0.01 * promised / rate_hz:
        raise SoundFileError(
            f"{path} is cut off: its header promises {promised / rate_hz:.1f} s, only "
            f"{decoded / rate_hz:.1f} s are there; export or download it again"
        )
    return samples


def _resampled(
    blocks: Iterator[MonoBlock], from_hz: int, to_hz: int
) -> Iterator[MonoBlock]:
    """Converts the rate of a stream of blocks, without seams between them."""
    if from_hz == to_hz:
        yield from blocks
        return
    stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _collect(
    path: Path,
    blocks: Iterator[MonoBlock],
    expected_samples: int,
    rate_hz: int,
    most_s: float,
) -> Samples:
    """Joins checked blocks in one array, allocated once where the header is right."""
    samples = np.empty(max(expected_samples, rate_hz) + rate_hz, np.float32)
    filled = 0
    for block in blocks:
        if not np.isfinite(block).all():
            raise SoundFileError(
                f"{path} holds samples that are not numbers (NaN or infinity) near "
                f"{filled / rate_hz:.1f} s; export it again"
            )
        end = filled + len(block)
        if end > len(samples):
            _check_length(path, end / rate_hz, most_s)
            samples = np.concatenate(
                [samples[:filled], np.empty(max(filled, len(block)), np.float32)]
            )
        samples[filled:end] = block
        filled = end
    return samples[:filled]


def _check_length(path: Path, duration_s: float, most_s: float) -> None:
    if duration_s > most_s:
        unit, unit_s = ("h", 3600.0) if most_s >= 3600.0 else ("min", 60.0)
        raise TooLongError(
            f"{path} is {duration_s / unit_s:.1f} {unit} long; the longest that is "
            f"heard is {most_s / unit_s:g} {unit}, cut it"
        )


def _check_is_heard(
    path: Path, samples: Samples, rate_hz: int, min_duration_s: float
) -> None:
    """Raises for sound too short, too quiet or too loud to stand for a song."""
    duration_s = len(samples) / rate_hz
    if duration_s < min_duration_s or not len(samples):
        raise SoundFileError(
            f"{path} holds {duration_s:.2f} s of sound; at least {min_duration_s} s "
            "are needed"
        )
    peak = max(float(samples.max()), -float(samples.min()))
    if peak <= 10 ** (SILENCE_DB / 20):
        raise SoundFileError(
            f"{path} is silent (its peak is not above {SILENCE_DB:.0f} dB of full "
            "scale); there is nothing to hear"
        )
    if peak > MAX_PEAK:
        raise SoundFileError(
            f"{path} holds samples up to {peak:.3g}; sound lies between -1 and 1, "
            "export it again"
        )
