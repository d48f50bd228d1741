"""What the server stands.

    python -m benchmarks.serve                     # 64 clients, five minutes
    python -m benchmarks.serve --mutated 2000      # and broken songs, one by one
    python -m benchmarks.serve --minutes 0 --mutated 2000      # these alone

Many clients at once send songs to `jaxsoundart serve` on this machine. Half of what
they send is good; the rest is huge, endless, silent in the middle, broken, made to do
harm, or asks for what cannot be. Every good song has to be painted and every other one
refused with a 4xx and a sentence. Meanwhile /healthz is asked ten times a second from
another process, and the server's memory is looked at every second. Pictures are
painted in few steps, so that many are.

`--mutated N` damages whole songs of all formats in N ways and decodes each: it has to
come out as sound or as a sentence, whatever is wrong with it.
"""

import argparse
import asyncio
import collections
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import put
from benchmarks.serve.clients import Client, Tally
from benchmarks.serve.mutations import mutated, songs
from jaxsoundart.serve import decoding
from jaxsoundart.serve.limits import Limits
from jaxsoundart.serve.problems import Problem

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "serving.md"
_OPEN = 1_000_000
_LIMITS = {
    "upload-bytes": 5_000_000,
    "duration-s": 120,
    "waiting": 32,
    "keep-s": 60,
    "idle-s": 3,
    "decode-s": 20,
    "jobs-per-minute": _OPEN,
    "calls-per-minute": _OPEN,
}


def crowd(clients: int, minutes: float, options: list[str]) -> dict[str, Any]:
    """Lets many clients at a server, and returns what came of it."""
    limits = [f"--limit-{name}={value}" for name, value in _LIMITS.items()]
    with tempfile.TemporaryDirectory() as folder:
        call = ["-m", "jaxsoundart", "serve", "--json", "--port=0"]
        command = [sys.executable, *call, f"--folder={folder}", *limits, *options]
        server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            said = ""
            while not said.endswith("}\n"):
                line = server.stdout.readline()
                assert line, "the server did not start"
                said += line
            return _crowded(server, json.loads(said)["url"], clients, minutes)
        finally:
            server.terminate()
            server.wait()


def _crowded(
    server: subprocess.Popen, url: str, clients: int, minutes: float
) -> dict[str, Any]:
    # What is compiled and loaded with the first picture is no matter of the crowd.
    asyncio.run(Client(url, 0, Tally(), 0.0).paint_one())
    probe = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.serve.probe", url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    memory: list[tuple[float, float]] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(1.0):
            memory.append((time.time(), _held_mib(server.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    tally, begun_s = Tally(), time.time()
    try:
        asyncio.run(_run(url, clients, 60.0 * minutes, tally))
    finally:
        is_over.set()
        watcher.join()
        probe.terminate()
    told, _ = probe.communicate()
    end_s = begun_s + 60.0 * minutes
    answered = [list(map(float, line.split())) for line in told.splitlines()[:-1]]
    waits_ms = [1000 * wait for at, wait in answered if begun_s <= at <= end_s]
    span_s = min(60.0, 20.0 * minutes)
    first = [mib for at, mib in memory if at < begun_s + span_s]
    last = [mib for at, mib in memory if end_s - span_s < at <= end_s]
    return {
        "clients": clients,
        "minutes": minutes,
        "good_done": tally.done,
        "refused": dict(sorted(tally.refused.items())),
        "asked_to_come_later": {str(k): v for k, v in tally.later.items()},
        "broken_but_taken": dict(tally.taken),
        "wrong": tally.wrong,
        "healthz_count": len(waits_ms),
        "healthz_ms": {
            "p50": float(np.percentile(waits_ms, 50)),
            "p99": float(np.percentile(waits_ms, 99)),
            "max": max(waits_ms),
        },
        "span_s": span_s,
        "memory_mib": {
            "first": float(np.mean(first)),
            "last": float(np.mean(last)),
            "most": max(mib for _, mib in memory),
        },
    }


async def _run(url: str, clients: int, seconds: float, tally: Tally) -> None:
    deadline_s = asyncio.get_running_loop().time() + seconds
    async with asyncio.TaskGroup() as group:
        for seed in range(clients):
            group.create_task(Client(url, seed, tally, deadline_s).run())


def _held_mib(pid: int) -> float:
    """Returns what a process holds of memory."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    held = next((line for line in lines if line.startswith("VmRSS")), "VmRSS: 0 kB")
    return int(held.split()[1]) / 1024


def damaged(count: int, at_once: int) -> dict[str, Any]:
    """Decodes broken songs, and returns what came of them."""
    return asyncio.run(_damaged(count, at_once))


async def _damaged(count: int, at_once: int) -> dict[str, Any]:
    whole, limits = songs(), Limits(duration_s=120.0, decode_s=20.0)
    statuses: collections.Counter = collections.Counter()
    sentences: collections.Counter = collections.Counter()
    turns, slowest_s = asyncio.Semaphore(at_once), 0.0

    async def one(seed: int) -> None:
        nonlocal slowest_s
        async with turns:
            with tempfile.TemporaryDirectory() as folder:
                place, begun_s = Path(folder), time.perf_counter()
                song = mutated(whole[seed % len(whole)], seed=seed)
                (place / "song").write_bytes(song)
                try:
                    await decoding.decode(place, "song", limits)
                    statuses["decoded"] += 1
                except Problem as problem:
                    statuses[str(problem.status)] += 1
                    sentences[" ".join(problem.detail.split()[:6])] += 1
                slowest_s = max(slowest_s, time.perf_counter() - begun_s)

    async with asyncio.TaskGroup() as group:
        for seed in range(count):
            group.create_task(one(seed))
    return {
        "count": count,
        "answers": dict(sorted(statuses.items())),
        "slowest_s": slowest_s,
        "sentences": dict(sentences.most_common()),
    }


def crowd_text(found: dict[str, Any]) -> str:
    """Returns the figures of a crowd for people."""
    waits, memory = found["healthz_ms"], found["memory_mib"]
    refused = ", ".join(f"{name}: {n}" for name, n in found["refused"].items())
    later = ", ".join(f"{n} × {s}" for s, n in found["asked_to_come_later"].items())
    lines = [
        f"{found['clients']} clients, {found['minutes']:g} minutes:",
        "",
        f"- good songs painted: {found['good_done']}",
        f"- refused: {refused}",
        f"- asked to come back later: {later or 'none'}",
        f"- broken songs that could be heard nevertheless: {found['broken_but_taken']}",
        f"- wrong: {len(found['wrong'])}",
        f"- `/healthz`, {found['healthz_count']} times: median {waits['p50']:.0f} ms, "
        f"99 % within {waits['p99']:.0f} ms, slowest {waits['max']:.0f} ms",
        f"- memory of the server: {memory['first']:.0f} MiB in the first "
        f"{found['span_s']:.0f} s, {memory['last']:.0f} MiB in the last, never more "
        f"than {memory['most']:.0f} MiB",
    ]
    return "\n".join([*lines, *(f"  - {wrong}" for wrong in found["wrong"][:20])])


def damage_text(found: dict[str, Any]) -> str:
    """Returns the figures of broken songs for people."""
    answers = ", ".join(f"{name}: {n}" for name, n in found["answers"].items())
    return (
        f"{found['count']} broken songs through the decoder: {answers}; the slowest "
        f"took {found['slowest_s']:.1f} s"
    )


def main() -> int:
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--mutated", type=int, metavar="N", default=0)
    parser.add_argument(
        "--at-once", type=int, default=2, help="decoders, for --mutated"
    )
    parser.add_argument(
        "--server",
        nargs=argparse.REMAINDER,
        default=["--steps=4", "--no-upscale"],
        help="all that follows goes to the server (--steps=4 --no-upscale)",
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into docs/serving.md")
    options = parser.parse_args()
    found: dict[str, Any] = {}
    texts = []
    if options.minutes > 0:
        found["crowd"] = crowd(options.clients, options.minutes, options.server)
        texts.append(crowd_text(found["crowd"]))
    if options.mutated:
        found["mutated"] = damaged(options.mutated, options.at_once)
        texts.append(damage_text(found["mutated"]))
    text = "\n\n".join(texts)
    print(json.dumps(found, indent=2) if options.json else text)
    if options.write:
        put(DOCUMENT, text)
    return 1 if found.get("crowd", {}).get("wrong") else 0


if __name__ == "__main__":
    sys.exit(main())
