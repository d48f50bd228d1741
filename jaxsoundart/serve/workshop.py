"""The one thread that hears and paints: the accelerator is its alone.

Songs are heard first, for that is quick and words can be read meanwhile. Then as many
pictures as the devices paint at once, of the jobs whose turn it is, are painted in one
call; pictures of several jobs share it. Between two calls new songs are heard, and jobs
may come and go.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from jaxsoundart import paint as painting
from jaxsoundart.errors import SoundArtError
from jaxsoundart.paint.order import Order
from jaxsoundart.recording import Recording
from jaxsoundart.serve.board import Board
from jaxsoundart.serve.decoding import RATE_HZ
from jaxsoundart.serve.easel import Easel, Place
from jaxsoundart.serve.job import FINAL, UNFINISHED, Job, State
from jaxsoundart.serve.store import SOUND, GoneError, Store
from jaxsoundart.serve.views import view
from jaxsoundart.sound.waveform import Waveform
from jaxsoundart.studio import Studio

_log = logging.getLogger("jaxsoundart")

_LOST = "the server was stopped before it had heard this song; send it again"
_BUG = "the server failed at this job, which is its own fault; its log says more"


class _EndedError(Exception):
    """Nobody wants what is being made, or the server is closing."""


class Workshop:
    """Works at what is in the store until it is closed."""

    def __init__(self, studio: Studio, store: Store, board: Board, keep_s: float):
        """Begins with `start`.

        Args:
            studio: With the models, and the settings of all pictures.
            store: Where jobs come from and pictures go.
            board: Told of all that happens.
            keep_s: How long jobs are kept when they have changed their state.
        """
        self._studio, self._store, self._board = studio, store, board
        self._keep_s = keep_s
        store.told = self._tell
        self._news = threading.Condition()
        self._is_closing = False
        self._has_news = False
        self._gone: set[str] = set()
        self._easel = Easel(
            studio,
            store,
            board,
            check=self._check,
            finished=lambda job: replace(job, **self._dated(State.DONE)),
        )
        self._thread = threading.Thread(target=self._run, name="workshop", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def wake(self) -> None:
        """Says that there may be something to do."""
        with self._news:
            self._has_news = True
            self._news.notify()

    def give_up(self, id: str) -> None:
        """Ends the work at a job that is gone, within a step."""
        self._gone.add(id)
        self.wake()

    def close(self) -> None:
        """Ends the work within a step, and waits for that."""
        self._is_closing = True
        self.wake()
        if self._thread.is_alive():
            self._thread.join()

    def shown(self, job: Job) -> str:
        """Returns what clients are shown of a job, as JSON in one line."""
        ahead = 0
        if job.state in UNFINISHED:
            ahead = self._store.unfinished(before=job.number)
        progress = self._easel.progress.get(job.id)
        return view(job, ahead=ahead, progress=progress).model_dump_json()

    def _tell(self, job: Job) -> None:
        """Tells who listens how a job is."""
        self._board.tell(
            job.id,
            "state",
            self.shown(job),
            is_worked_on=job.state in UNFINISHED,
            is_over=job.state in FINAL,
        )

    def _run(self) -> None:
        while not self._is_closing:
            try:
                if self._hear() or self._paint():
                    continue
            except _EndedError:
                continue
            except Exception:
                _log.exception("the workshop stumbled")
                time.sleep(1.0)  # a full disk may get room again
                continue
            with self._news:
                self._news.wait_for(lambda: self._has_news or self._is_closing)
                self._has_news = False

    def _hear(self) -> bool:
        """Hears the next song; returns whether there was one."""
        self._gone.clear()  # what is gone by now is no longer in the store
        job = self._store.first(State.WAITING)
        if job is None:
            return False
        self._guarded([job], lambda: self._heard(job))
        return True

    def _heard(self, job: Job) -> None:
        job = self._changed(job.id, state=State.HEARING)
        sound = self._store.folder(job.id) / SOUND
        try:
            samples = np.fromfile(sound, "<f4")
        except FileNotFoundError:
            raise SoundArtError(_LOST) from None
        asked = job.wish.commission(self._studio.commission.settings)
        draft = self._studio.on(asked).draft(
            Recording(
                song=job.song,
                waveform=Waveform(samples=samples, sample_rate_hz=RATE_HZ),
            ),
            stage=lambda name: self._check([job.id]),
        )
        self.check_words(
            [(brief.prompt, brief.negative_prompt) for brief in draft.briefs]
        )
        self._changed(
            job.id,
            state=State.WORDS if job.wish.hold else State.QUEUED,
            hearing=draft.hearing,
            briefs=draft.briefs,
            seeds=draft.seeds,
        )
        sound.unlink(missing_ok=True)

    def check_words(self, words: Sequence[tuple[str, str]]) -> None:
        """Finds out whether the painter can read prompts and negative prompts.

        Raises:
            ArgumentError: It cannot.
        """
        orders = [Order(prompt=said, negative_prompt=no) for said, no in words]
        settings = self._studio.commission.settings
        self._studio.painter.check_words(orders, settings)

    def seeds(self, job: Job, count: int) -> tuple[int, ...]:
        """Returns the seeds of so many pictures of a job."""
        return painting.seeds(job.seeds[0], count)

    def _paint(self) -> bool:
        """Paints as much as fits at once; returns whether there was anything."""
        self._gone.clear()
        places = [
            Place(job, n)
            for job in self._store.among(State.PAINTING, State.QUEUED)
            for n in job.missing
        ][: self._easel.capacity]
        if not places:
            return False
        jobs = list({place.job.id: place.job for place in places}.values())
        for job in jobs:
            if job.state != State.PAINTING:
                self._guarded([job], lambda id=job.id: self._begun(id))
        if self._guarded(jobs, lambda: self._easel.paint(places), alone=len(jobs) == 1):
            return True
        # One of them cannot be painted; the others are not to suffer from it.
        for job in jobs:
            own = [place for place in places if place.job.id == job.id]
            self._guarded([job], lambda own=own: self._easel.paint(own))
        return True

    def _begun(self, id: str) -> None:
        self._changed(id, state=State.PAINTING)

    def _check(self, ids: Sequence[str]) -> None:
        """Ends the work if nobody wants any of it."""
        if self._is_closing or all(id in self._gone for id in ids):
            raise _EndedError

    def _guarded(
        self, jobs: Sequence[Job], work: Callable[[], None], *, alone: bool = True
    ) -> bool:
        """Does some work, and returns whether that is over.

        Args:
            jobs: Whose it is.
            work: What fails makes the jobs fail.
            alone: If not, what fails is left to be tried one by one.
        """
        try:
            work()
        except (_EndedError, GoneError):
            if self._is_closing:
                raise _EndedError from None
        except Exception as error:
            if not alone:
                return False
            reason = str(error) if isinstance(error, SoundArtError) else _BUG
            if reason == _BUG:
                _log.exception("a job failed")
            for job in jobs:
                self._failed(job.id, reason)
        return True

    def _failed(self, id: str, reason: str) -> None:
        try:
            self._changed(id, state=State.FAILED, error=reason)
        except GoneError:
            return

    def _changed(self, id: str, *, state: State, **changes: Any) -> Job:
        def changed(job: Job) -> Job:
            return replace(job, **{**self._dated(state), **changes})

        return self._store.change(id, changed)

    def _dated(self, state: State) -> dict[str, Any]:
        return {"state": state, "expires_s": time.time() + self._keep_s}
