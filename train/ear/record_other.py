r"""Packs what is no music, speech and noise, as records for `train.ear`.

    python -m train.ear.record_other runs/records/other --count 600

Speech is synthesised by espeak-ng, noise by rule: nothing is anybody's recording.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from jaxsoundart.errors import SoundArtError
from jaxsoundart.sound.waveform import Waveform
from train.ear.records import SAMPLE_RATE_HZ, Sound, Writer
from train.studio import augment, noise, speech

_LENGTH_S = 6.0
_PARTS = ("train",) * 8 + ("valid", "test")


def make(kind: str, seed: int) -> Sound:
    """Returns a sound of a kind, worn as music is.

    Raises:
        SoundArtError: espeak-ng is missing, or fails.
    """
    generator = np.random.default_rng((seed, len(kind)))
    if kind == "speech":
        sound = speech.speak(generator, SAMPLE_RATE_HZ)
        sound = augment.anything(generator, sound.cut(0.0, _LENGTH_S))
    else:
        sound = noise.make(generator, _LENGTH_S, SAMPLE_RATE_HZ)
    peak = max(float(np.abs(sound.samples).max()), 1e-6)
    samples = sound.samples / max(1.0, peak)
    waveform = Waveform(samples=samples, sample_rate_hz=SAMPLE_RATE_HZ)
    return Sound.of(waveform, {"kind": (kind,)}, f"{kind} {seed}")


def main(arguments: list[str] | None = None) -> int:
    """Parses the command line and writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the records go")
    parser.add_argument("--count", type=int, default=600, help="of each kind (600)")
    options = parser.parse_args(arguments)
    try:
        with Writer(options.folder) as writer:
            for seed in range(options.count):
                for kind in ("speech", "noise"):
                    writer.write(_PARTS[seed % len(_PARTS)], make(kind, seed))
                if seed % 100 == 99:
                    print(f"{seed + 1} of {options.count}", file=sys.stderr)
    except SoundArtError as error:
        print(f"train.ear.record_other: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
