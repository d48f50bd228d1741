"""`jaxsoundart catalogue`."""

import contextlib
import os
from argparse import Namespace
from collections.abc import Iterator
from functools import partial

from jaxsoundart import output
from jaxsoundart.catalogue import songs
from jaxsoundart.catalogue.crew import Crew
from jaxsoundart.catalogue.manifest import Manifest
from jaxsoundart.catalogue.work import Work
from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import ArgumentError
from jaxsoundart.picture.whole import remove_leftovers

_MOST_PROCESSES = 8


def run(options: Namespace, progress: Progress) -> int:
    """Paints what is not painted yet; returns the exit code."""
    opening = partial(texts.studio_of, options)
    studio = opening()
    size = _processes(options.processes)
    shard = songs.read_shard(options.shard)
    with _hosts(options.multihost, shard) as (nth, of):
        entries = songs.find(options.places, options.lists, options.output)
        entries = entries[nth - 1 :: of]
        output.check_writable(options.output)
        remove_leftovers(options.output)
        progress.stage("load")
        _ = studio.vocabulary
        studio.load()
        manifest = Manifest(options.output, shard=(nth, of))
        progress.stage("paint")
        with Crew(opening, size=size) as crew:
            work = Work(studio, crew, manifest)
            done = work.do(
                entries,
                ahead=2 * size,
                failing=terminal.complain,
                going=lambda: _tell(work, len(entries), progress),
                watch=progress.watch,
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


@contextlib.contextmanager
def _hosts(several: bool, shard: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Is the time in which this host works with others; yields its part of the work."""
    if not several:
        yield shard
        return
    if shard != (1, 1):
        raise ArgumentError("--multihost shares the work out itself; leave out --shard")
    import jax
    from jax.experimental import multihost_utils

    jax.distributed.initialize()
    yield jax.process_index() + 1, jax.process_count()
    # Whoever is first must not leave: hosts that miss one another give up.
    multihost_utils.sync_global_devices("catalogue")
    jax.distributed.shutdown()


def _tell(work: Work, of: int, progress: Progress) -> None:
    done = work.done
    now = f"{done.songs} of {of} songs"
    if done.painted:
        rate = done.painted / progress.total_s
        now += f", {rate:.2f} a second, {_span((of - done.songs) / rate)} left"
    terminal.tell(now)


def _span(seconds: float) -> str:
    for unit_s, name in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.0f} {name}"
    return f"{seconds:.0f} seconds"
