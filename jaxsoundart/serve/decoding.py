"""Has songs decoded by a process that may do little, and ends it when it does more."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jaxsoundart
from jaxsoundart.picture.record import Song
from jaxsoundart.picture.schema import strict
from jaxsoundart.serve.decoder import PEAKS, SAMPLES
from jaxsoundart.serve.limits import Limits
from jaxsoundart.serve.problems import Problem, one_line

RATE_HZ = 22_050
"""Of all samples: what listeners want."""

_MOST_TOLD_BYTES = 1 << 16
_LAST_WORDS_S = 5.0
_MOST_LETTERS = 300
_ROOT = Path(jaxsoundart.__file__).parents[1]


@dataclass(frozen=True)
class Decoded:
    """A song that was decoded.

    Attributes:
        song: The file.
        peaks: The largest sample of each of 256 stretches, 0 to 1.
        samples: The file with its samples: mono, 22,050 Hz, float32.
    """

    song: Song
    peaks: tuple[float, ...]
    samples: Path


async def decode(folder: Path, file_name: str, limits: Limits) -> Decoded:
    """Decodes `folder/song`.

    Args:
        folder: Nothing else lies there; samples are written into it.
        file_name: What the client calls the song.
        limits: What decoding may take.

    Raises:
        Problem: The song is no sound, is broken, too long or too much.
    """
    most_samples_bytes = round(4 * RATE_HZ * (limits.duration_s + 2))
    asked = {
        "file_name": file_name,
        "max_duration_s": limits.duration_s,
        "limits": {
            # Three times: an array grows by being copied.
            "memory_bytes": limits.decode_bytes + 3 * most_samples_bytes,
            "cpu_s": max(1, round(limits.decode_s)) + 1,
            "file_bytes": most_samples_bytes,
        },
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jaxsoundart.serve.decoder", json.dumps(asked)),
        cwd=folder,
        env=_environment(folder),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        start_new_session=True,
    )
    async with _ended(process):
        try:
            async with asyncio.timeout(limits.decode_s):
                told = await _told(process)
                code = await process.wait()
        except TimeoutError:
            raise Problem(
                413,
                f"the song takes longer than {limits.decode_s:g} s to decode; export "
                "it as WAV or FLAC, or cut it",
            ) from None
    answer = _understood(told, code)
    samples = folder / SAMPLES
    try:
        size = samples.stat().st_size
        song = strict(Song, answer["song"], "song")
        peaks = strict(tuple[float, ...], answer["peaks"], "peaks")
    except (KeyError, ValueError, OSError):
        raise _crashed(code) from None
    if size > most_samples_bytes or size % 4 or len(peaks) != PEAKS:
        raise _crashed(code)
    return Decoded(
        song=Song(
            file_name=file_name,
            title=one_line(song.title)[:_MOST_LETTERS],
            artist=one_line(song.artist)[:_MOST_LETTERS],
            sha256=song.sha256,
            duration_s=size / 4 / RATE_HZ,
        ),
        peaks=tuple(min(1.0, max(0.0, peak)) for peak in peaks),
        samples=samples,
    )


def _environment(folder: Path) -> dict[str, str]:
    """Returns what the process is told: where things are, and no secrets."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        # Threads of libraries reserve memory that nobody uses.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


@contextlib.asynccontextmanager
async def _ended(process: Process) -> AsyncIterator[None]:
    """Ends the process with all that it started, however this ends."""
    try:
        yield
    finally:
        # Its id is that of its group, which lives on with what it started.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        # What is not read keeps the pipe open, and whoever waits for its end waiting.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_S):
                assert process.stdout is not None
                while await process.stdout.read(_MOST_TOLD_BYTES):
                    continue
                await process.wait()


async def _told(process: Process) -> bytes:
    """Returns what the process says, up to the most that is listened to."""
    assert process.stdout is not None
    told = b""
    while data := await process.stdout.read(_MOST_TOLD_BYTES):
        told += data
        if len(told) > _MOST_TOLD_BYTES:
            raise _crashed(0)
    return told


def _understood(told: bytes, code: int) -> dict[str, Any]:
    """Returns what the process said, if it is what it says when it succeeds."""
    try:
        answer = json.loads(told)
    except ValueError:
        raise _crashed(code) from None
    if not isinstance(answer, dict):
        raise _crashed(code)
    if "error" in answer:
        status = 413 if answer.get("status") == 413 else 415
        raise Problem(status, f"the {answer['error']}")
    return answer


def _crashed(code: int) -> Problem:
    if -code in (getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)):
        return Problem(
            413,
            "the song takes more to decode than there is; export it as WAV or FLAC, or "
            "cut it",
        )
    return Problem(
        415,
        "the song cannot be decoded: it broke the decoder; export it again, as WAV or "
        "FLAC",
    )
