"""The one thread that hears and paints: the accelerator is its alone.

Songs are heard first, for that is quick and words can be read meanwhile. Then as many
pictures as the devices paint at once, of the jobs whose turn it is, are painted in one
call; pictures of several jobs share it. Between two calls new songs are heard, and jobs
may come and go.
"""

import hashlib
import io
import logging
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import PIL.Image

from jaxsoundart import paint as painting
from jaxsoundart.arrays import Image
from jaxsoundart.commission import Cover
from jaxsoundart.errors import SoundArtError
from jaxsoundart.paint.order import Order
from jaxsoundart.paint.watch import Glimpse
from jaxsoundart.picture import png
from jaxsoundart.recording import Recording
from jaxsoundart.serve.board import Board
from jaxsoundart.serve.decoding import RATE_HZ
from jaxsoundart.serve.job import FINAL, UNFINISHED, Job, Picture, State
from jaxsoundart.serve.store import SOUND, GoneError, Store
from jaxsoundart.serve.views import Progress, view
from jaxsoundart.sound.waveform import Waveform
from jaxsoundart.studio import Studio

_log = logging.getLogger("jaxsoundart")

_LOST = "the server was stopped before it had heard this song; send it again"
_BUG = "the server failed at this job, which is its own fault; its log says more"
_PREVIEW_PX = 128


class _EndedError(Exception):
    """Nobody wants what is being made, or the server is closing."""


@dataclass(frozen=True)
class _Place:
    """A picture that is painted, and whose it is."""

    job: Job
    n: int


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
        self._progress: dict[str, Progress] = {}
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
        progress = self._progress.get(job.id)
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
            _Place(job, n)
            for job in self._store.among(State.PAINTING, State.QUEUED)
            for n in job.missing
        ][: self._studio.painter.engine.capacity]
        if not places:
            return False
        jobs = list({place.job.id: place.job for place in places}.values())
        for id in self._progress.keys() - {job.id for job in jobs}:
            self._progress.pop(id, None)
        for job in jobs:
            if job.state != State.PAINTING:
                self._guarded([job], lambda id=job.id: self._begun(id))
        if self._guarded(jobs, lambda: self._painted(places), alone=len(jobs) == 1):
            return True
        # One of them cannot be painted; the others are not to suffer from it.
        for job in jobs:
            own = [place for place in places if place.job.id == job.id]
            self._guarded([job], lambda own=own: self._painted(own))
        return True

    def _begun(self, id: str) -> None:
        self._changed(id, state=State.PAINTING)

    def _painted(self, places: Sequence[_Place]) -> None:
        covers = self._studio.paint(
            [place.job.draft(place.n) for place in places],
            watch=lambda glimpse: self._watch(places, glimpse),
            every_step=True,
        )
        for place, (cover,) in zip(places, covers, strict=True):
            try:
                self._finished(place, cover)
            except GoneError:
                continue

    def _finished(self, place: _Place, cover: Cover) -> None:
        """Keeps a picture, and tells of it; the last one finishes its job."""
        content = png.encode(cover.image, record=cover.record.to_json())
        height_px, width_px = cover.image.shape[:2]
        picture = Picture(
            n=place.n,
            width_px=width_px,
            height_px=height_px,
            digest=hashlib.sha256(content).hexdigest()[:32],
        )
        self._store.write_picture(place.job.id, picture, content)

        def added(job: Job) -> Job:
            others = tuple(other for other in job.pictures if other.n != place.n)
            more = replace(job, pictures=(*others, picture))
            done = {} if more.missing else self._dated(State.DONE)
            return replace(more, **done)

        self._store.change(place.job.id, added)

    def _watch(self, places: Sequence[_Place], glimpse: Glimpse) -> None:
        """Is called after every step."""
        self._check([place.job.id for place in places])
        begun = [places[number] for number in glimpse.numbers]
        for place in reversed(begun):
            self._progress[place.job.id] = Progress(
                picture=place.n,
                pictures=len(place.job.briefs),
                step=glimpse.step,
                steps=glimpse.steps,
            )
        if any(self._board.has_listeners(place.job.id) for place in begun):
            for place, image in zip(begun, glimpse.look(), strict=True):
                self._preview(place, image, glimpse)

    def _preview(self, place: _Place, image: Image, glimpse: Glimpse) -> None:
        id = place.job.id
        if id in self._gone or not self._board.has_listeners(id):
            return
        data = (
            f'{{"picture":{place.n},"step":{glimpse.step},"steps":{glimpse.steps},'
            f'"image":"{_data_url(image)}"}}'
        )
        self._board.tell(id, "preview", data, is_worked_on=True, is_over=False)

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


def _data_url(image: Image) -> str:
    """Returns a small picture of latents as a JPEG inside of a URL."""
    height, width = image.shape[:2]
    scale = _PREVIEW_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    file = io.BytesIO()
    smooth = PIL.Image.fromarray(image).resize(size, PIL.Image.Resampling.BICUBIC)
    smooth.save(file, format="JPEG", quality=80)
    return "data:image/jpeg;base64," + b64encode(file.getvalue()).decode("ascii")
