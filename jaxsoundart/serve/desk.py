"""Where jobs are taken in and given out: what routes ask for, and nothing of HTTP."""

import asyncio
import contextlib
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from jaxsoundart.errors import ArgumentError
from jaxsoundart.serve import decoding, orders, uploads
from jaxsoundart.serve.board import Board
from jaxsoundart.serve.job import FINAL, Job, Picture, State
from jaxsoundart.serve.limits import Limits
from jaxsoundart.serve.problems import Problem, later
from jaxsoundart.serve.store import GoneError, Store
from jaxsoundart.serve.workshop import Workshop
from jaxsoundart.studio import Studio

_FULL_S = 30.0
_SWEEP_S = 60.0


class Desk:
    """Takes jobs in, shows them, changes and cancels them."""

    def __init__(self, studio: Studio, folder: Path, limits: Limits):
        """Opens the folder.

        Args:
            studio: Whose models and settings are used.
            folder: Where jobs are kept.
            limits: What is taken.

        Raises:
            StoreError: The folder cannot be used.
        """
        self.studio, self.limits = studio, limits
        self.board = Board()
        self.store = Store(folder)
        self.workshop = Workshop(studio, self.store, self.board, limits.keep_s)
        self._decoders = asyncio.Semaphore(limits.decoders)
        self._incoming = 0

    def open(self) -> None:
        """Begins to work, first at what a stop has left."""
        self.workshop.start()
        self.workshop.wake()

    def hang_up(self) -> None:
        """Ends all streams: the server is closing."""
        self.board.close()

    def close(self) -> None:
        """Ends the work and lets go of the folder; what is unfinished goes on later."""
        self.workshop.close()
        self.store.close()

    async def take(self, request: Request) -> Job:
        """Receives a song and puts it into the queue.

        Raises:
            Problem: Song or order is not taken, or there is no room.
            StoreError: The disk takes no more.
        """
        async with self._place():
            folder = self.store.incoming / secrets.token_hex(16)
            await asyncio.to_thread(folder.mkdir, mode=0o700)
            try:
                return await self._taken(request, folder)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _taken(self, request: Request, folder: Path) -> Job:
        limits = self.limits
        form = await uploads.receive(request, folder, limits)
        settings = self.studio.commission.settings
        wish = orders.wish(bytes(form.order), settings, most=limits.pictures)
        async with _unless_gone(request), self._decoders:
            decoded = await decoding.decode(folder, form.file_name, limits)
        now_s = time.time()
        job = Job(
            id=secrets.token_urlsafe(16),
            number=0,
            state=State.WAITING,
            created_s=now_s,
            expires_s=now_s + limits.keep_s,
            wish=wish,
            song=decoded.song,
            peaks=decoded.peaks,
        )
        job = await asyncio.to_thread(self.store.add, job, decoded.samples)
        self.workshop.wake()
        return job

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Is a place in the queue, held until the song has come or is refused."""
        self._check_room()
        if self.store.kept() + self._incoming >= self.limits.kept:
            raise later(503, "there is no room for more jobs; come back later", _FULL_S)
        self._incoming += 1
        try:
            yield
        finally:
            self._incoming -= 1

    def _check_room(self) -> None:
        if self._incoming + self.store.unfinished() >= self.limits.waiting:
            raise later(503, "the queue is full; come back a little later", _FULL_S)

    def job(self, id: str) -> Job:
        """Returns a job.

        Raises:
            Problem: There is none, or its time is over.
        """
        try:
            job = self.store.get(id)
        except GoneError:
            raise _unknown() from None
        if job.expires_s <= time.time() and job.state in (*FINAL, State.WORDS):
            raise _unknown()
        return job

    def put_words(self, id: str, said: Sequence[orders.Words]) -> Job:
        """Has pictures painted of a client's own words.

        Raises:
            Problem: There is no such job, it is being worked on, the queue is full, or
                the painter cannot read the words.
        """
        self.job(id)
        try:
            self.workshop.check_words([(w.prompt, w.negative_prompt) for w in said])
        except ArgumentError as error:
            raise Problem(422, str(error)) from None
        before: tuple[Picture, ...] = ()

        def changed(job: Job) -> Job:
            nonlocal before
            if job.state not in (State.WORDS, State.DONE):
                raise Problem(
                    409,
                    f"the job is {job.state}; its words can be changed once they are "
                    "there or its pictures are done",
                )
            self._check_room()
            before = job.pictures
            return replace(
                job,
                number=self.store.next_number(),
                state=State.QUEUED,
                expires_s=time.time() + self.limits.keep_s,
                briefs=orders.briefs(said, job.briefs),
                seeds=self.workshop.seeds(job, len(said)),
                pictures=(),
            )

        try:
            job = self.store.change(id, changed)
        except GoneError:
            raise _unknown() from None
        self.store.drop(id, before)
        self.workshop.wake()
        return job

    def cancel(self, id: str) -> None:
        """Forgets a job; work at it ends within a step.

        Raises:
            Problem: There is no such job.
        """
        self.job(id)
        try:
            self.store.delete(id)
        except GoneError:
            raise _unknown() from None
        self.workshop.give_up(id)

    def picture(self, id: str, n: int) -> tuple[Job, Picture]:
        """Returns a finished picture.

        Raises:
            Problem: There is no such job, or not yet such a picture.
        """
        job = self.job(id)
        for picture in job.pictures:
            if picture.n == n:
                return job, picture
        raise Problem(404, f"the job has no picture {n}, or not yet; look at its state")

    def picture_bytes(self, job: Job, picture: Picture) -> bytes:
        """Returns a picture's file.

        Raises:
            Problem: It has gone meanwhile.
        """
        try:
            return self.store.picture_path(job.id, picture).read_bytes()
        except FileNotFoundError:
            raise Problem(404, "the picture is gone; look at the job again") from None

    async def sweep(self) -> None:
        """Forgets jobs whose time is over, again and again."""
        while True:
            await asyncio.to_thread(self.store.expire, time.time())
            await asyncio.sleep(min(_SWEEP_S, self.limits.keep_s))


@contextlib.asynccontextmanager
async def _unless_gone(request: Request) -> AsyncIterator[None]:
    """Ends what is done inside when the client hangs up."""
    task = asyncio.current_task()
    assert task is not None

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            continue
        task.cancel()

    listener = asyncio.create_task(listen())
    try:
        yield
    except asyncio.CancelledError:
        if not listener.done():
            raise
        task.uncancel()
        raise ClientDisconnect from None
    finally:
        listener.cancel()


def _unknown() -> Problem:
    return Problem(404, "there is no such job, or no more; its link may be too old")
