"""`jaxsoundart catalogue`."""

import os
from argparse import Namespace
from functools import partial

from jaxsoundart import output
from jaxsoundart.catalogue import songs
from jaxsoundart.catalogue.crew import Crew
from jaxsoundart.catalogue.manifest import Manifest
from jaxsoundart.catalogue.work import Work
from jaxsoundart.cli import interrupt, terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import ArgumentError
from jaxsoundart.picture.whole import remove_leftovers

_MOST_PROCESSES = 8


def run(options: Namespace, progress: Progress) -> int:
    """Paints what is not painted yet; returns the exit code."""
    opening = partial(texts.studio_of, options)
    studio = opening()
    size = _processes(options.processes)
    nth, of = _shard(options)
    entries = songs.find(options.places, options.lists, options.output)[nth - 1 :: of]
    output.check_writable(options.output)
    remove_leftovers(options.output)
    progress.stage("load")
    _ = studio.vocabulary
    studio.load()
    manifest = Manifest(options.output, part="" if of == 1 else f"{nth}-of-{of}")
    progress.stage("paint")
    with Crew(opening, size=size) as crew:
        work = Work(studio, crew, manifest)
        done = work.do(
            entries,
            ahead=2 * size,
            failing=terminal.complain,
            going=lambda: _tell(work, len(entries), progress),
            watch=lambda glimpse: interrupt.check(),
        )
    if options.json:
        counts = {"painted": done.painted, "kept": done.kept, "failed": done.failed}
        seconds = progress.report()
        terminal.document(
            {**counts, "manifest": str(manifest.path), "seconds": seconds}
        )
    else:
        terminal.say(
            f"{done.painted} painted, {done.kept} kept, {done.failed} failed: "
            f"{manifest.path}"
        )
    return 1 if done.failed else 0


def _processes(asked: int | None) -> int:
    """Returns how many processes hear and write."""
    if asked is None:
        return max(1, min(_MOST_PROCESSES, (os.cpu_count() or 1) // 2))
    if asked < 0:
        raise ArgumentError(f"--processes is {asked}; use 0 or more")
    return asked


def _shard(options: Namespace) -> tuple[int, int]:
    """Returns which part of the work is this process's, and of how many.

    Raises:
        ArgumentError: There is no such part, or there are no other hosts.
    """
    shard = songs.read_shard(options.shard)
    if not options.multihost:
        return shard
    if shard != (1, 1):
        raise ArgumentError("--multihost shares the work out itself; leave out --shard")
    import jax

    try:
        jax.distributed.initialize()
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise ArgumentError(
            f"--multihost finds no other hosts ({reason}); outside of TPU slices, "
            "Slurm and Open MPI use --shard"
        ) from error
    shard = (jax.process_index() + 1, jax.process_count())
    # Having met, they part: no host's work may wait for another's, or end with it.
    jax.distributed.shutdown()
    return shard


def _tell(work: Work, of: int, progress: Progress) -> None:
    done = work.done
    now = f"{done.songs} of {of} songs"
    if done.painted:
        rate = done.painted / progress.stage_s
        now += f", {rate:.2f} a second, {_span((of - done.songs) / rate)} left"
    terminal.tell(now)


def _span(seconds: float) -> str:
    for unit_s, name in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.0f} {name}"
    return f"{seconds:.0f} seconds"
