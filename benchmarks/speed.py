"""How fast a Stable Diffusion 1.5 paints on this machine, beside PyTorch diffusers.

    python -m benchmarks.speed
    python -m benchmarks.speed --pieces unet --sizes 512 --threads 1 --json
    python -m benchmarks.speed --flax-python old/bin/python --write

Random weights, the same for both, float32 on the CPU. Each side runs in a process of
its own and both take turns, so that a busy machine slows both; a ratio is ours ÷
theirs, the median over turns, of time and of CPU time: with one thread the latter is
fair even where others work on the same machine. `--flax-python` names the interpreter
of an environment with the last diffusers that had Flax models (diffusers==0.39.0
transformers==4.57.6 jax flax), which are then timed too. "first" is the first turn,
compilation included, and memory the most that a process ever held.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import put

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "speed.md"
HEAD = (
    "| piece | threads | ours, s | PyTorch, s | ÷ PyTorch | CPU ÷ PyTorch | ÷ Flax "
    "| CPU ÷ Flax | first, s | ours, GiB | PyTorch, GiB | difference |\n"
    + "|---" * 12
    + "|"
)


@contextmanager
def worker(python: str, *call: str, threads: int) -> Iterator[subprocess.Popen]:
    """Starts a side on as many processors as it may use."""
    flags = " --xla_cpu_multi_thread_eigen=false" if threads == 1 else ""
    settings = {"OMP_NUM_THREADS": str(threads), "JAX_PLATFORMS": "cpu"}
    settings["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + flags
    processors = sorted(os.sched_getaffinity(0))[-threads:]
    process = subprocess.Popen(
        [python, "-m", "benchmarks.speed_side", *call],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **settings},
        preexec_fn=lambda: os.sched_setaffinity(0, processors),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def measure(
    pythons: dict[str, str], piece: str, size: int, batch: int, threads: int, turns: int
) -> dict[str, Any]:
    """Lets the sides take turns at one piece of work, and returns the figures."""
    found: dict[str, Any] = {
        "piece": piece,
        "size_px": size,
        "batch": batch,
        "threads": threads,
    }
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        files = {side: f"{folder}/{side}.npy" for side in pythons}
        workers = {}
        # One after the other, for the drawing of weights takes memory too.
        for side, python in pythons.items():
            call = (side, piece, str(size), str(batch), files[side])
            workers[side] = stack.enter_context(worker(python, *call, threads=threads))
            found[f"{side}_first_s"] = float(workers[side].stdout.readline())
        spent: dict[str, list[list[float]]] = {side: [] for side in pythons}
        for _ in range(turns):
            for side, process in workers.items():
                process.stdin.write("\n")
                process.stdin.flush()
                answer = process.stdout.readline().split()
                spent[side].append([float(seconds) for seconds in answer])
        for side, process in workers.items():
            process.stdin.close()
            found[f"{side}_s"], found[f"{side}_cpu_s"] = np.median(
                spent[side], axis=0
            ).tolist()
            found[f"{side}_gib"] = float(process.stdout.readline())
        theirs = np.load(files["torch"])
        error = np.abs(np.load(files["ours"]) - theirs).max() / np.abs(theirs).max()
        found["difference"] = float(error)
    for side in pythons.keys() - {"ours"}:
        ratios = np.divide(spent["ours"], spent[side])
        found[f"{side}_ratio"], found[f"{side}_cpu_ratio"] = np.median(
            ratios, axis=0
        ).tolist()
    return found


def row(found: dict[str, Any]) -> str:
    """Returns one line of the table."""
    compared = [
        f"{found[f'{side}_{kind}']:.2f}" if f"{side}_{kind}" in found else "–"
        for side in ("torch", "flax")
        for kind in ("ratio", "cpu_ratio")
    ]
    cells = [
        f"{found['piece']}, {found['size_px']} px, batch {found['batch']}",
        str(found["threads"]),
        *(f"{found[f'{side}_s']:.2f}" for side in ("ours", "torch")),
        *compared,
        f"{found['ours_first_s']:.0f}",
        *(f"{found[f'{side}_gib']:.1f}" for side in ("ours", "torch")),
        f"{found['difference']:.0e}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pieces", nargs="+", default=["unet", "vae"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[256, 512])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    # Under guidance the U-Net sees a picture with and without the words: batch 2.
    parser.add_argument("--batches", nargs="+", type=int, default=[2, 1])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--flax-python", metavar="PATH")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into docs/speed.md")
    options = parser.parse_args()
    pythons = {"ours": sys.executable, "torch": sys.executable}
    if options.flax_python:
        pythons["flax"] = options.flax_python
    if not options.json:
        print(HEAD, flush=True)
    rows = []
    for threads in options.threads:
        for piece in options.pieces:
            for size in options.sizes:
                for batch in options.batches if piece == "unet" else [1]:
                    found = measure(pythons, piece, size, batch, threads, options.turns)
                    rows.append(row(found))
                    print(json.dumps(found) if options.json else rows[-1], flush=True)
    if options.write:
        put(DOCUMENT, "\n".join([HEAD, *rows]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
