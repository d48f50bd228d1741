"""Decodes one song in a process of its own: `python -m jaxsoundart.serve.decoder`.

The process limits itself before it imports anything that reads sound. It reads `song`
in its working folder, writes its samples beside it, and one JSON object to stdout. What
breaks here breaks alone. No JAX.
"""

import json
import sys
from typing import Any

SAMPLES = "samples.f32"
PEAKS = 256


def limit(*, memory_bytes: int, cpu_s: int, file_bytes: int) -> None:
    """Limits this process, and those that it starts, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: only the clock limits it there
        return
    for name, most in (
        ("RLIMIT_AS", memory_bytes),
        ("RLIMIT_CPU", cpu_s),
        ("RLIMIT_FSIZE", file_bytes),
        ("RLIMIT_NOFILE", 64),
        ("RLIMIT_CORE", 0),
    ):
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        # The first signal of too much time can be told from all others.
        soft = most - 1 if name == "RLIMIT_CPU" else most
        try:
            resource.setrlimit(kind, (soft, most))
        except (ValueError, OSError):  # as macOS does for memory
            continue


def decode(file_name: str, max_duration_s: float) -> dict[str, Any]:
    """Decodes `song`; returns what is known of it."""
    from jaxsoundart import recording
    from jaxsoundart.picture.schema import plain

    read = recording.read("song", file_name=file_name, max_duration_s=max_duration_s)
    samples = read.waveform.samples
    samples.astype("<f4", copy=False).tofile(SAMPLES)
    return {"song": plain(read.song), "peaks": _peaks(samples)}


def _peaks(samples: Any) -> list[float]:
    """Returns the largest sample of each of 256 stretches, at most 1."""
    import numpy as np

    edges = np.linspace(0, len(samples), PEAKS + 1).astype(int)[:-1]
    highest = np.maximum.reduceat(samples, edges)
    lowest = np.minimum.reduceat(samples, edges)
    peaks = np.maximum(highest, -lowest)
    return [round(float(peak), 3) for peak in np.clip(peaks, 0.0, 1.0)]


def main(arguments: str) -> None:
    """Does what the server asks for."""
    asked = json.loads(arguments)
    limit(**asked["limits"])
    from jaxsoundart.errors import SoundFileError, TooLongError

    try:
        answer = decode(asked["file_name"], asked["max_duration_s"])
    except TooLongError as error:
        answer = {"error": str(error), "status": 413}
    except SoundFileError as error:
        answer = {"error": str(error), "status": 415}
    except MemoryError:
        answer = {
            "error": "song takes more memory to decode than there is",
            "status": 413,
        }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
