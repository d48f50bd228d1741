"""How long hearing a song takes, stage by stage.

    python -m benchmarks.hearing                     # a synthesised song of 4 minutes
    python -m benchmarks.hearing song.mp3 --repeat 5
    python -m benchmarks.hearing --compare --json    # and the same work by librosa

"first" is the first time in a fresh process, compilation included; "warm" the best of
the repeats after it. `--compare` runs librosa on the same file in the same process, in
turn, and gives ours ÷ librosa's.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_STARTED_S = time.perf_counter()

import numpy as np  # noqa: E402 (the imports are measured)
import soundfile  # noqa: E402

from jaxsoundart.errors import SoundArtError  # noqa: E402
from jaxsoundart.sound.analysis import analyse  # noqa: E402
from jaxsoundart.sound.files import read  # noqa: E402
from jaxsoundart.sound.sections import find_excerpts  # noqa: E402
from jaxsoundart.sound.traits import measure  # noqa: E402
from jaxsoundart.sound.waveform import Part, Waveform  # noqa: E402

Result = TypeVar("Result")
IMPORT_S = time.perf_counter() - _STARTED_S


def synthesise(path: Path, *, duration_s: float = 240.0, rate_hz: int = 44_100) -> None:
    """Writes a stereo MP3: a chord, from 16 s a drum at 120 bpm, from 32 s hats."""
    rng = np.random.default_rng(0)
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    since_beat_s = time_s % 0.5
    drum = np.sin(2 * np.pi * 55 * since_beat_s) * np.exp(-since_beat_s / 0.1)
    hat = rng.standard_normal(len(time_s)) * np.exp(-(time_s % 0.25) / 0.02)
    chord = sum(np.sin(2 * np.pi * hz * time_s) for hz in (220.0, 261.6, 329.6))
    left = 0.06 * chord + 0.5 * drum * (time_s > 16) + 0.05 * hat * (time_s > 32)
    right = left + 0.01 * rng.standard_normal(len(time_s))
    soundfile.write(path, np.stack([left, right], axis=1), rate_hz, format="MP3")


def timed(
    work: Callable[[], Result], *, repeat: int
) -> tuple[Result, dict[str, float]]:
    """Returns the result, and seconds of the first run and the best of the others."""
    seconds: list[float] = []

    def once() -> Result:
        started_s = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - started_s)
        return result

    result = once()
    for _ in range(max(repeat, 1)):
        once()
    return result, {"first_s": seconds[0], "warm_s": min(seconds[1:])}


def measure_stages(path: Path, *, repeat: int) -> dict:
    """Times decoding, analysis, excerpts and traits of one file."""
    stages: dict[str, dict[str, float]] = {}
    waveform, stages["decode"] = timed(lambda: read(path), repeat=repeat)
    analysis, stages["analyse"] = timed(lambda: analyse(waveform), repeat=repeat)
    _, stages["excerpts"] = timed(
        lambda: find_excerpts(analysis, list(Part), seed=0), repeat=repeat
    )
    _, stages["traits"] = timed(lambda: measure(analysis), repeat=repeat)
    total: dict[str, float] = {
        kind: sum(stage[kind] for stage in stages.values())
        for kind in ("first_s", "warm_s")
    }
    total["first_s"] += IMPORT_S
    return {
        "file": path.name,
        "duration_s": waveform.duration_s,
        "import_s": IMPORT_S,
        "stages": stages,
        "total": total,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def compare(path: Path, stages: dict, *, repeat: int) -> dict[str, dict[str, float]]:
    """Times librosa at decoding and at what `analyse` gathers."""
    import librosa

    def load() -> Waveform:
        samples, rate_hz = librosa.load(path, sr=22_050)
        return Waveform(samples=samples, sample_rate_hz=int(rate_hz))

    samples = load().samples

    def gather() -> None:
        magnitude = np.abs(librosa.stft(samples))
        mel = librosa.feature.melspectrogram(S=magnitude**2, sr=22_050)
        onsets = librosa.onset.onset_strength(S=librosa.power_to_db(mel))
        librosa.beat.beat_track(onset_envelope=onsets)
        librosa.feature.chroma_stft(S=magnitude**2, sr=22_050)
        librosa.feature.spectral_centroid(S=magnitude, sr=22_050)

    theirs = {
        "decode": timed(load, repeat=repeat)[1],
        "analyse": timed(gather, repeat=repeat)[1],
    }
    for name, stage in theirs.items():
        stage["ours_over_theirs"] = stages[name]["warm_s"] / stage["warm_s"]
    return theirs


def main() -> int:
    """Prints the figures of every file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, help="sound files to hear")
    parser.add_argument("--repeat", type=int, default=3, help="warm runs (default 3)")
    parser.add_argument("--compare", action="store_true", help="time librosa too")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    reports = []
    with tempfile.TemporaryDirectory() as folder:
        files = options.files
        if not files:
            files = [Path(folder) / "synthesised.mp3"]
            # In a process of its own: its memory is not the hearing's.
            maker = multiprocessing.get_context("spawn").Process(
                target=synthesise, args=(files[0],)
            )
            maker.start()
            maker.join()
        for path in files:
            try:
                report = measure_stages(path, repeat=options.repeat)
            except SoundArtError as error:
                print(error, file=sys.stderr)
                return error.exit_code
            if options.compare:
                report["librosa"] = compare(
                    path, report["stages"], repeat=options.repeat
                )
            reports.append(report)
    if options.json:
        print(json.dumps(reports, indent=2))
        return 0
    for report in reports:
        print(f"{report['file']}, {report['duration_s']:.0f} s of sound")
        print(f"  {'imports':10s} first {report['import_s']:6.2f} s")
        for name, stage in [*report["stages"].items(), ("total", report["total"])]:
            print(
                f"  {name:10s} first {stage['first_s']:6.2f} s"
                f"  warm {stage['warm_s']:7.3f} s"
            )
        for name, stage in report.get("librosa", {}).items():
            print(
                f"  librosa {name}: first {stage['first_s']:.2f} s, warm "
                f"{stage['warm_s']:.3f} s; ours ÷ librosa's "
                f"{stage['ours_over_theirs']:.2f}"
            )
        print(f"  peak memory {report['peak_memory_mb']:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
