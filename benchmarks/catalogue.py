"""A catalogue on this machine: how fast, how steady, and whether killing it does harm.

    python -m benchmarks.catalogue
    python -m benchmarks.catalogue --songs 100 --kills 5 --json
    python -m benchmarks.catalogue --write

Songs of a few seconds are synthesised, each with its own tempo, key and rhythm. All are
painted by `jaxsoundart catalogue`; some, for comparison, one after the other by
`jaxsoundart cover`, with its programs compiled before. Memory is that of all processes
together. Then some songs are painted by a process that is killed at random moments, by
eight virtual devices, and by two hosts, and the files are compared with those of a run
that nothing disturbed. `--write` puts the figures into `docs/catalogue.md`; on two
cores it takes an hour.
"""

import argparse
import contextlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.figures import put

DOCUMENT = Path(__file__).parents[1] / "docs" / "catalogue.md"
RATE_HZ = 22_050
QUICK = ("--count", "1", "--steps", "8")
SAMPLE_S = 0.5


def synthesise(folder: Path, count: int, *, seconds: float = 6.0) -> list[Path]:
    """Writes songs of which no two are alike."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    paths = []
    for number in range(count):
        chance = np.random.default_rng(number)
        beat_s = 60 / chance.uniform(70, 175)
        tonic_hz = 110 * 2 ** (chance.integers(12) / 12)
        since_s = time_s % (beat_s * chance.choice([0.5, 1.0, 2.0]))
        kick = np.sin(2 * np.pi * 55 * since_s) * np.exp(-since_s / 0.12)
        hiss = chance.normal(size=time_s.size) * np.exp(-(time_s % beat_s) / 0.03)
        third = chance.choice([1.2, 1.25])
        chord = sum(np.sin(2 * np.pi * tonic_hz * r * time_s) for r in (1, third, 1.5))
        weights = chance.dirichlet([1.0, 1.0, 1.0])
        mixed = weights @ np.stack([kick, 0.3 * hiss, 0.4 * chord])
        path = folder / f"{number // 100:02d}" / f"song-{number:04d}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.8 * mixed / np.abs(mixed).max(), RATE_HZ)
        paths.append(path)
    return paths


@dataclass(frozen=True)
class Run:
    """A run of the catalogue.

    Attributes:
        seconds: From its first to its last song.
        songs: How many were painted in them.
        memory_mb: Of all its processes together, by how many songs were done.
    """

    seconds: float
    songs: int
    memory_mb: list[tuple[int, float]]

    def hundred(self, first: int) -> float:
        """Returns the mean memory in MB while a hundred songs were painted."""
        return statistics.mean(
            mb for done, mb in self.memory_mb if first <= done < first + 100
        )


class Bench:
    """A folder with songs and with the programs compiled for them."""

    def __init__(self, folder: Path, painter: str):
        """Args: where to work, and who paints."""
        self._folder = folder
        self._environment = os.environ | {
            "JAX_COMPILATION_CACHE_DIR": str(folder / "programs")
        }
        self._painter = ("--painter", painter, *QUICK)

    def start(
        self, command: str, *arguments: object, **variables: str
    ) -> subprocess.Popen:
        """Starts a command of `jaxsoundart`."""
        given = (command, *map(str, arguments), *self._painter)
        return subprocess.Popen(
            [sys.executable, "-m", "jaxsoundart", *given],
            cwd=self._folder,
            env=self._environment | variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, *processes: subprocess.Popen) -> None:
        """Waits for commands.

        Raises:
            RuntimeError: One fails.
        """
        for process in processes:
            _, said = process.communicate()
            if process.returncode:
                raise RuntimeError(f"exit code {process.returncode}:\n{said}")

    def watched(self, *arguments: object) -> Run:
        """Runs a catalogue and looks at it twice a second."""
        process = self.start("catalogue", *arguments)
        assert process.stderr is not None
        os.set_blocking(process.stderr.fileno(), False)
        memory: list[tuple[int, float]] = []
        begun: tuple[float, int] | None = None
        ended = (0.0, 0)
        while process.poll() is None:
            time.sleep(SAMPLE_S)
            said = process.stderr.read() or ""
            told = re.findall(r"^(\d+) of \d+ songs, ", said, re.MULTILINE)
            if told:
                ended = (time.perf_counter(), int(told[-1]))
                begun = begun or ended
            memory.append((ended[1], memory_mb(process.pid)))
        self.finish(process)
        assert begun is not None
        return Run(ended[0] - begun[0], ended[1] - begun[1], memory)


def memory_mb(process: int) -> float:
    """Returns the memory of a process and those it started, shared parts once."""
    total = 0.0
    with contextlib.suppress(OSError):
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        total += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0]) / 1024
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                total += memory_mb(int(child))
    return total


def files(folder: Path) -> dict[str, bytes]:
    """Returns what a catalogue wrote, but for its manifests and the day in records."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("manifest")
    }


def songs_done(folder: Path) -> list[str]:
    """Returns the songs of all manifests of a folder, as often as they stand there."""
    lines = [
        json.loads(line)
        for path in folder.glob("manifest*.jsonl")
        for line in path.read_text().splitlines()
    ]
    return sorted(line["song"] for line in lines if "files" in line)


def killed(bench: Bench, *arguments: object, times: int) -> int:
    """Kills the work on a catalogue again and again, then lets it end.

    Returns:
        How often it was at work when it was killed.
    """
    chance, busy = random.Random(0), 0
    for _ in range(times):
        process = bench.start("catalogue", *arguments)
        # Loading takes some seconds; killing must not always come before the work.
        deadline_s = time.perf_counter() + chance.uniform(1, 20)
        while process.poll() is None and time.perf_counter() < deadline_s:
            time.sleep(0.01)
        busy += process.poll() is None
        process.kill()
        process.communicate()
    bench.finish(bench.start("catalogue", *arguments))
    return busy


def hosts() -> Iterator[dict[str, str]]:
    """Yields the environments of two hosts of a job, as Slurm makes them."""
    for number in ("0", "1"):
        yield {
            "SLURM_STEP_NODELIST": "localhost",
            "SLURM_JOB_NUM_NODES": "1",
            "SLURM_JOB_ID": str(os.getpid()),
            "SLURM_NTASKS": "2",
            "SLURM_PROCID": number,
            "SLURM_LOCALID": number,
        }


def measure(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Returns all figures."""
    bench = Bench(folder, options.painter)
    songs = synthesise(folder / "songs", options.songs)
    few = [str(path) for path in songs[: options.few]]
    (folder / "few.txt").write_text("\n".join(few))
    some: Sequence[object] = ("--list", folder / "few.txt")

    # Compiles whatever both ways need.
    bench.finish(bench.start("cover", songs[0], "-o", "cold"))
    begun_s = time.perf_counter()
    for path in songs[: options.alone]:
        bench.finish(bench.start("cover", path, "-o", "alone"))
    alone = options.alone / (time.perf_counter() - begun_s)
    run = bench.watched("songs", "-o", "all")
    together = run.songs / run.seconds

    bench.finish(bench.start("catalogue", *some, "-o", "few"))
    whole = files(folder / "few")
    busy = killed(bench, *some, "-o", "killed", times=options.kills)
    flags = os.environ.get("XLA_FLAGS", "")
    flags = f"{flags} --xla_force_host_platform_device_count=8"
    bench.finish(bench.start("catalogue", *some, "-o", "eight", XLA_FLAGS=flags))
    bench.finish(
        *(
            bench.start("catalogue", *some, "-o", "two", "--multihost", **variables)
            for variables in hosts()
        )
    )
    return {
        "songs": options.songs,
        "cores": len(os.sched_getaffinity(0)),
        "alone_songs_per_s": alone,
        "together_songs_per_s": together,
        "ratio": together / alone,
        "first_hundred_mb": run.hundred(0),
        "last_hundred_mb": run.hundred(options.songs - 100),
        "few": len(few),
        "kills": options.kills,
        "kills_while_working": busy,
        "killed_each_once": songs_done(folder / "killed") == sorted(few),
        "killed_same_files": files(folder / "killed") == whole,
        "eight_devices_same_files": files(folder / "eight") == whole,
        "two_hosts_same_files": files(folder / "two") == whole,
        "two_hosts_each_once": songs_done(folder / "two") == sorted(few),
    }


def as_text(figures: dict) -> str:
    """Returns the figures as they stand in the document."""
    said = {True: "yes", False: "**no**"}
    grown = figures["last_hundred_mb"] / figures["first_hundred_mb"] - 1
    return "\n".join(
        [
            f"{figures['songs']} songs of six seconds, one cover each, eight steps, "
            f"{figures['cores']} cores:",
            "",
            "| | |",
            "|---|---|",
            f"| `catalogue`, songs a second | {figures['together_songs_per_s']:.2f} |",
            f"| `cover`, song by song | {figures['alone_songs_per_s']:.2f} |",
            f"| times as fast | {figures['ratio']:.1f} |",
            "| memory of all processes, first hundred songs | "
            f"{figures['first_hundred_mb']:.0f} MB |",
            "| the same, last hundred | "
            f"{figures['last_hundred_mb']:.0f} MB ({grown:+.1%}) |",
            f"| killed {figures['kills']} times on the way through {figures['few']} "
            f"songs ({figures['kills_while_working']} times at work): every song once "
            f"in the manifest | {said[figures['killed_each_once']]} |",
            "| the same files as undisturbed, byte for byte | "
            f"{said[figures['killed_same_files']]} |",
            "| the same files from eight virtual devices | "
            f"{said[figures['eight_devices_same_files']]} |",
            "| the same files from two hosts | "
            f"{said[figures['two_hosts_same_files']]} |",
            "| every song once in the manifests of two hosts | "
            f"{said[figures['two_hosts_each_once']]} |",
        ]
    )


def main() -> int:
    """Parses the command line, measures, prints or writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--songs", type=int, default=1000, help="of all (1000)")
    parser.add_argument("--alone", type=int, default=20, help="one by one (20)")
    parser.add_argument("--few", type=int, default=60, help="to be compared (60)")
    parser.add_argument("--kills", type=int, default=50, help="of the work (50)")
    parser.add_argument("--painter", default="bundled", help="which hand (bundled)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into docs/catalogue.md")
    options = parser.parse_args()
    if options.songs < 200:
        parser.error("--songs is less than 200: too few to compare hundreds")
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options)
    text = as_text(figures)
    print(json.dumps(figures, indent=2) if options.json else text)
    if options.write:
        put(DOCUMENT, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
