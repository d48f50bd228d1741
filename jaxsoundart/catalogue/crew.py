"""Processes that hear songs and write files while this one paints.

Nothing of one song can end the work on others: a process that dies, of a broken file
or for want of memory, is replaced, and the song it died of is told.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import Any

import jax

from jaxsoundart import output
from jaxsoundart.catalogue.songs import Entry
from jaxsoundart.commission import Cover
from jaxsoundart.draft import Draft
from jaxsoundart.errors import SoundArtError
from jaxsoundart.runtime.compilation import keep_compiled_programs
from jaxsoundart.studio import Studio

Opening = Callable[[], Studio]
"""Returns a new studio, with nothing loaded; can be sent to another process."""

_LOST = "the process that heard it died, of this file or for want of memory"


class Crew:
    """So many processes, each with a studio of its own.

    Example:
        >>> with Crew(opening, size=4) as crew:                     # doctest: +SKIP
        ...     for entry, draft in crew.hear(entries, ahead=16):
        ...         print(entry.path, draft)
    """

    def __init__(self, opening: Opening, *, size: int):
        """Starts nothing before there is work.

        Args:
            opening: Of the studio in which songs are heard.
            size: How many processes; with 0 this one does all of it itself.
        """
        self._opening = opening
        self._size = size
        self._studio: Studio | None = None
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *raised: object) -> None:
        self._dismiss()

    def hear(
        self, entries: Iterator[Entry], *, ahead: int
    ) -> Iterator[tuple[Entry, Draft | str]]:
        """Yields songs in their order, each with its draft, or why there is none.

        Args:
            entries: Taken as they are needed.
            ahead: How many songs are under way, or heard and not yet taken.
        """
        waiting: deque[tuple[Entry, Future]] = deque()
        while True:
            for entry in islice(entries, ahead - len(waiting)):
                waiting.append((entry, self._submit(_hear, entry)))
            if not waiting:
                return
            entry, future = waiting.popleft()
            try:
                yield entry, future.result()
            except BrokenProcessPool:
                # One of those under way was too much; alone, each shows whether it was.
                suspects = [entry, *(other for other, _ in waiting)]
                waiting.clear()
                yield from ((each, self._hear_alone(each)) for each in suspects)

    def write(
        self, folder: Path, covers: Sequence[Cover], base: str
    ) -> Callable[[], list[Path]]:
        """Begins to write covers as `output.write` does.

        Returns:
            What waits until they are written and returns the files, or raises what
            kept them from being written.
        """
        future = self._submit(_write, folder, covers, base)

        def settle() -> list[Path]:
            try:
                return future.result()
            except BrokenProcessPool:
                return output.write(folder, covers, base=base)

        return settle

    def _hear_alone(self, entry: Entry) -> Draft | str:
        try:
            return self._submit(_hear, entry).result()
        except BrokenProcessPool:
            return f"{entry.path}: {_LOST}"

    def _submit(self, task: Callable[..., Any], *given: Any) -> Future:
        if not self._size:
            self._studio = self._studio or self._opening()
            return _done(task, self._studio, *given)
        try:
            self._pool = self._pool or self._hire()
            return self._pool.submit(_in_own_studio, task, *given)
        except BrokenProcessPool:
            self._dismiss()
            self._pool = self._hire()
            return self._pool.submit(_in_own_studio, task, *given)

    def _hire(self) -> ProcessPoolExecutor:
        # JAX has threads, which a forked process would lack.
        spawned = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(
            self._size,
            mp_context=spawned,
            initializer=_begin,
            initargs=(self._opening,),
        )

    def _dismiss(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _done(task: Callable[..., Any], *given: Any) -> Future:
    """Does a task now."""
    future: Future = Future()
    try:
        future.set_result(task(*given))
    except Exception as error:  # what takes the result gets it, as from a process
        future.set_exception(error)
    return future


def _hear(studio: Studio, entry: Entry) -> Draft | str:
    try:
        return studio.on(entry.asked(studio.commission)).draft(entry.path)
    except SoundArtError as error:
        return str(error)
    except Exception as error:  # one song's trouble must not end a night's work
        return f"{entry.path}: {type(error).__name__}: {error}"


def _write(
    studio: Studio, folder: Path, covers: Sequence[Cover], base: str
) -> list[Path]:
    return output.write(folder, covers, base=base)


# One to a process of the crew; the process that paints has none.
_own_studio: list[Studio] = []


def _begin(opening: Opening) -> None:
    """Prepares a process."""
    # Ctrl-C goes to all processes of a terminal: the one that paints decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The accelerator is the painter's.
    jax.config.update("jax_platforms", "cpu")
    # Warnings about wishes are given once, by the process that paints.
    logging.getLogger("jaxsoundart").addHandler(logging.NullHandler())
    keep_compiled_programs()
    _own_studio.append(opening())


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _in_own_studio(task: Callable[..., Any], *given: Any) -> Any:
    return task(_own_studio[0], *given)
