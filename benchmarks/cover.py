"""How long a song's covers take from end to end, stage by stage, and how much memory.

    python -m benchmarks.cover                         # a synthesised song of 4 minutes
    python -m benchmarks.cover song.mp3 --repeat 5 --json
    python -m benchmarks.cover --cores 2 --painter my/painter

The command line is run as a user would: "cold" with an empty cache of compiled
programs, "warm" with what the cold run left there, the median of the repeats. "start"
is what passes before and after the program's own clock.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.hearing import synthesise

STAGES = (
    *("start", "import", "load", "read", "analyse", "listen", "compose"),
    *("compile", "paint", "write", "total"),
)


def run(song: Path, cache: Path, options: argparse.Namespace) -> dict[str, float]:
    """Makes a song's covers in a process of its own; returns seconds and megabytes.

    Raises:
        RuntimeError: It fails.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        started_s = time.perf_counter()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jaxsoundart", "cover", str(song.absolute())),
                *("--count", str(options.count), "--painter", options.painter),
                *("-o", "covers", "--json"),
            ],
            cwd=folder,
            env=os.environ | {"JAX_COMPILATION_CACHE_DIR": str(cache)},
            stdout=said,
        )
        _, status, usage = os.wait4(process.pid, 0)
        total_s = time.perf_counter() - started_s
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"cover ended with exit code {process.returncode}")
        said.seek(0)
        seconds = json.load(said)["seconds"]
    seconds["start"] = total_s - seconds["total"]
    return {
        **{f"{stage}_s": seconds[stage] for stage in STAGES[:-1]},
        "total_s": total_s,
        "peak_memory_mb": usage.ru_maxrss / 1024,
    }


def measure(song: Path, options: argparse.Namespace) -> dict:
    """Measures one cold run and some warm ones."""
    with tempfile.TemporaryDirectory() as cache:
        cold = run(song, Path(cache), options)
        warm = [run(song, Path(cache), options) for _ in range(max(options.repeat, 1))]
    middle = {name: statistics.median(one[name] for one in warm) for name in cold}
    return {
        "song": song.name,
        "count": options.count,
        "painter": options.painter,
        "cores": len(os.sched_getaffinity(0)),
        "cold": cold,
        "warm": middle,
        "warm_total_s": [one["total_s"] for one in warm],
    }


def main() -> int:
    """Prints the figures, as a table or as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("song", nargs="?", type=Path, help="a sound file")
    parser.add_argument("--count", type=int, default=4, help="pictures (4)")
    parser.add_argument("--painter", default="bundled", help="which hand (bundled)")
    parser.add_argument("--repeat", type=int, default=3, help="warm runs (3)")
    parser.add_argument("--cores", type=int, help="how many to use (all)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    if options.cores is not None:
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[: options.cores])
    with tempfile.TemporaryDirectory() as folder:
        song = options.song
        if song is None:
            song = Path(folder) / "synthesised.mp3"
            synthesise(song)
        try:
            report = measure(song, options)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
    if options.json:
        print(json.dumps(report, indent=2))
        return 0
    print(f"{report['song']}, {report['count']} pictures, {report['cores']} cores")
    print(f"{'':14s}{'cold':>10s}{'warm':>10s}")
    for stage in STAGES:
        cold, warm = (report[kind][f"{stage}_s"] for kind in ("cold", "warm"))
        print(f"{stage:14s}{cold:8.2f} s{warm:8.2f} s")
    cold, warm = (report[kind]["peak_memory_mb"] for kind in ("cold", "warm"))
    print(f"{'peak memory':14s}{cold:7.0f} MB{warm:7.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
