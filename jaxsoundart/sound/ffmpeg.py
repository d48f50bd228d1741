"""Decoding through ffmpeg: the containers that libsndfile does not know."""

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from jaxsoundart.errors import SoundFileError

# A file of four hours decodes in about a minute; a hung process never ends.
TIMEOUT_S = 600.0

_BLOCK_BYTES = 1 << 20

# And nothing else, whatever a file pretends: a playlist would open other files.
_DEMUXERS = "mov,matroska,webm,asf,aac,avi,flv,mpeg,wv,ape,ogg,mp3"

# What such files begin with: (offset, bytes, name).
_SIGNATURES = (
    (4, b"ftyp", "MP4/M4A"),
    (0, b"\x1aE\xdf\xa3", "Matroska/WebM"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA/ASF"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
    (8, b"AVI ", "AVI"),
    (0, b"FLV\x01", "FLV"),
    (0, b"\x00\x00\x01\xba", "MPEG"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"OggS", "Ogg"),
    (0, b"ID3", "MP3"),
)


def container(path: Path) -> str | None:
    """Returns the name of the media container a file begins like, if it does."""
    with path.open("rb") as file:
        head = file.read(32)
    for offset, signature, name in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return name
    return None


def blocks(
    path: Path, container_name: str, *, sample_rate_hz: int
) -> Iterator[Float32[np.ndarray, " samples"]]:
    """Yields a file's first sound track, mixed to mono, at the asked rate.

    Raises:
        SoundFileError: If ffmpeg is missing, fails, or takes longer than ten minutes.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise SoundFileError(
            f"{path} is {container_name}; install ffmpeg to read it, or use WAV, FLAC, "
            "OGG, Opus or MP3"
        )
    # Only local data: a playlist dressed as a film must not reach the network.
    command = [program, "-nostdin", "-hide_banner", "-loglevel", "error", "-xerror"]
    command += ["-protocol_whitelist", "file,pipe", "-format_whitelist", _DEMUXERS]
    command += ["-i", f"file:{path.absolute()}"]
    # Without the limit two channels would be summed with 0.7 each: 3 dB too loud.
    command += ["-map", "0:a:0", "-af", "aresample=rematrix_maxval=1"]
    command += ["-ac", "1", "-ar", str(sample_rate_hz)]
    command += ["-f", "f32le", "-"]
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints) as process,
    ):
        assert process.stdout is not None
        timer = threading.Timer(TIMEOUT_S, process.kill)
        timer.start()
        try:
            while data := process.stdout.read(_BLOCK_BYTES):
                yield np.frombuffer(data[: len(data) // 4 * 4], "<f4")
            failed = process.wait() != 0
            expired = not timer.is_alive()
        finally:
            timer.cancel()
            process.kill()
        if failed:
            complaints.seek(0)
            lines = complaints.read().decode(errors="replace").split("\n")
            reason = next((line for line in lines if line.strip()), "no reason given")
            reason = reason.replace(f"file:{path.absolute()}: ", "").strip()
            if expired:
                reason = f"not done after {TIMEOUT_S:.0f} s"
            raise SoundFileError(
                f"{path} ({container_name}) cannot be read by ffmpeg: {reason}"
            )
