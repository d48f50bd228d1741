"""A stream's sound, in memory: nothing is written to disk."""

import shutil
import subprocess
from collections.abc import Mapping

import numpy as np

from jaxsoundart.sound.waveform import Waveform
from train.soundcloud.tokens import SoundCloudError

_TIMEOUT_S = 600


def decode(
    address: str, headers: Mapping[str, str], *, rate_hz: int = 22_050
) -> Waveform:
    """Returns what a stream sounds like, mono.

    Args:
        address: Of the stream.
        headers: That it is asked for with.
        rate_hz: Samples a second.

    Raises:
        SoundCloudError: ffmpeg is missing, or cannot read the stream.
    """
    if not shutil.which("ffmpeg"):
        raise SoundCloudError("ffmpeg is not on the PATH; install it to hear streams")
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    command = ["ffmpeg", "-v", "error", "-headers", said, "-i", address]
    command += ["-f", "f32le", "-ac", "1", "-ar", str(rate_hz), "pipe:1"]
    done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S)
    samples = np.frombuffer(done.stdout, "<f4")
    if done.returncode or not len(samples):
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        # The command line, and with it the token, must not be shown.
        raise SoundCloudError(
            f"the stream cannot be read: {(lines or ['no sound'])[-1]}"
        )
    return Waveform(samples=samples.astype(np.float32), sample_rate_hz=rate_hz)
