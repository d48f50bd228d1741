"""Where jobs are kept: SQLite for what is known of them, files for sound and pictures.

    FOLDER/jobs.sqlite3
    FOLDER/jobs/ID/sound.f32, 1-DIGEST.png, …
    FOLDER/incoming/…        songs that are being received

Every change is on the disk before it is told. A job whose row is gone is gone: whatever
still works on it finds that out when it next wants to change it.
"""

import contextlib
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from jaxsoundart.errors import PictureError, SoundArtError
from jaxsoundart.picture.whole import write_whole
from jaxsoundart.serve.job import FINAL, UNFINISHED, Job, Picture, State, from_json

SOUND = "sound.f32"
_VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    expires_s REAL NOT NULL,
    content TEXT NOT NULL
) STRICT
"""


class StoreError(SoundArtError):
    """The folder cannot be used, or no more."""


class GoneError(Exception):
    """There is no such job, or no more."""


class Store:
    """All jobs; may be used by any thread.

    Attributes:
        told: Called with a job after every change, in the order of the changes; one
            that is deleted is shown as cancelled.
    """

    def __init__(self, folder: Path):
        """Opens a folder, made if missing, and forgets what was half done.

        Raises:
            StoreError: It cannot be used, or another server uses it.
        """
        self._folder = folder
        self._lock = threading.RLock()
        self.told: Callable[[Job], None] = lambda job: None
        # What is asked at every call, in memory: the turns of unfinished jobs.
        self._turns: dict[str, int] = {}
        self._count = 0
        try:
            for place in (self._jobs, self.incoming):
                place.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._database = sqlite3.connect(
                folder / "jobs.sqlite3",
                check_same_thread=False,
                isolation_level=None,
                timeout=0.5,
            )
            self._begin()
            self._tidy()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"cannot keep jobs in {folder}: {error}; name another folder, or stop "
                "the server that uses it"
            ) from error

    @property
    def incoming(self) -> Path:
        """Where songs lie while they are received and decoded."""
        return self._folder / "incoming"

    @property
    def _jobs(self) -> Path:
        return self._folder / "jobs"

    def folder(self, id: str) -> Path:
        """Returns where a job's files lie."""
        return self._jobs / id

    def _begin(self) -> None:
        run = self._database.execute
        # One server a folder: the lock is held until the end.
        run("PRAGMA locking_mode=EXCLUSIVE")
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL")
        (version,) = run("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"its layout is {version}, not {_VERSION}")
        run("BEGIN IMMEDIATE")
        run(_TABLE)
        run(f"PRAGMA user_version={_VERSION}")
        run("COMMIT")

    def _tidy(self) -> None:
        """Removes files of no job, and sets back jobs that were being worked on."""
        shutil.rmtree(self.incoming)
        self.incoming.mkdir(mode=0o700)
        known = {id for (id,) in self._database.execute("SELECT id FROM jobs")}
        for place in self._jobs.iterdir():
            if place.name not in known:
                shutil.rmtree(place, ignore_errors=True)
        back = {State.HEARING: State.WAITING, State.PAINTING: State.QUEUED}
        for job in self.among(*back):
            self._write(replace(job, state=back[job.state]))
        for job in self.among(*UNFINISHED):
            self._turns[job.id] = job.number
        self._count = len(known)

    def close(self) -> None:
        """Lets go of the folder."""
        with self._lock:
            self._database.close()

    def get(self, id: str) -> Job:
        """Returns a job.

        Raises:
            GoneError: There is none of this id.
        """
        with self._lock:
            row = self._database.execute(
                "SELECT content FROM jobs WHERE id = ?", (id,)
            ).fetchone()
        if row is None:
            raise GoneError
        return from_json(row[0])

    def among(self, *states: State) -> tuple[Job, ...]:
        """Returns the jobs in some states, in their turn."""
        marks = ", ".join("?" * len(states))
        with self._lock:
            rows = self._database.execute(
                f"SELECT content FROM jobs WHERE state IN ({marks}) ORDER BY number",
                states,
            ).fetchall()
        return tuple(from_json(text) for (text,) in rows)

    def first(self, state: State) -> Job | None:
        """Returns the job in a state whose turn it is."""
        with self._lock:
            row = self._database.execute(
                "SELECT content FROM jobs WHERE state = ? ORDER BY number LIMIT 1",
                (state,),
            ).fetchone()
        return None if row is None else from_json(row[0])

    def unfinished(self, *, before: int | None = None) -> int:
        """Returns how many jobs take a place in the queue, or do so before a turn.

        Waits for nothing, not even for a change under way.
        """
        turns = tuple(self._turns.values())
        if before is None:
            return len(turns)
        return sum(turn < before for turn in turns)

    def kept(self) -> int:
        """Returns how many jobs there are; waits for nothing."""
        return self._count

    def next_number(self) -> int:
        """Returns the turn after that of all others."""
        with self._lock:
            (last,) = self._database.execute("SELECT MAX(number) FROM jobs").fetchone()
        return (last or 0) + 1

    def add(self, job: Job, sound: Path) -> Job:
        """Keeps a new job, and takes its samples over; returns it with its turn.

        Raises:
            StoreError: The disk takes no more.
        """
        place = self.folder(job.id)
        with self._told():
            place.mkdir(mode=0o700)
            sound.replace(place / SOUND)
            with self._lock:
                job = replace(job, number=self.next_number())
                self._database.execute(
                    "INSERT INTO jobs VALUES (?, ?, ?, ?, ?)", _row(job)
                )
                self._count += 1
                self._turns[job.id] = job.number
                self.told(job)
        return job

    def change(self, id: str, changed: Callable[[Job], Job]) -> Job:
        """Changes a job while nobody else does, and returns it.

        Args:
            id: Which one.
            changed: Returns what it becomes; what it raises leaves the job alone.

        Raises:
            GoneError: There is none of this id.
            StoreError: The disk takes no more.
        """
        with self._lock, self._told():
            job = changed(self.get(id))
            self._write(job)
            self.told(job)
        return job

    def write_picture(self, id: str, picture: Picture, content: bytes) -> None:
        """Writes a finished picture's file, whole.

        Raises:
            GoneError: The job is gone.
            StoreError: The disk takes no more.
        """
        path = self.picture_path(id, picture)
        try:
            write_whole({path: content})
        except PictureError as error:
            if not path.parent.is_dir():
                raise GoneError from None
            raise _full(error.__cause__ or error) from error

    def picture_path(self, id: str, picture: Picture) -> Path:
        """Returns where a picture lies."""
        return self.folder(id) / f"{picture.n}-{picture.digest}.png"

    def drop(self, id: str, pictures: Sequence[Picture]) -> None:
        """Removes pictures' files."""
        for picture in pictures:
            with contextlib.suppress(OSError):
                self.picture_path(id, picture).unlink(missing_ok=True)

    def delete(self, id: str) -> Job:
        """Forgets a job and removes its files.

        Raises:
            GoneError: There is none of this id.
        """
        with self._lock, self._told():
            job = self.get(id)
            self._database.execute("DELETE FROM jobs WHERE id = ?", (id,))
            self._count -= 1
            self._turns.pop(id, None)
            self.told(replace(job, state=State.CANCELLED))
        # Under another name first: nothing new can appear in it.
        doomed = self._jobs / f".{secrets.token_hex(8)}"
        with contextlib.suppress(OSError):
            self.folder(id).replace(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
        return job

    def expire(self, now_s: float) -> tuple[Job, ...]:
        """Forgets the jobs whose time is over, unless they are worked on."""
        states = (*FINAL, State.WORDS)
        marks = ", ".join("?" * len(states))
        with self._lock:
            rows = self._database.execute(
                f"SELECT id FROM jobs WHERE expires_s <= ? AND state IN ({marks})",
                (now_s, *states),
            ).fetchall()
        forgotten = []
        for (id,) in rows:
            with contextlib.suppress(GoneError):
                forgotten.append(self.delete(id))
        return tuple(forgotten)

    def _write(self, job: Job) -> None:
        _, *values = _row(job)
        self._database.execute(
            "UPDATE jobs SET number = ?, state = ?, expires_s = ?, content = ? "
            "WHERE id = ?",
            (*values, job.id),
        )
        if job.state in UNFINISHED:
            self._turns[job.id] = job.number
        else:
            self._turns.pop(job.id, None)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise _full(error) from error


def _row(job: Job) -> tuple[str, int, str, float, str]:
    return job.id, job.number, job.state, job.expires_s, job.to_json()


def _full(error: BaseException) -> StoreError:
    # Not the whole error: clients are told, and it names the server's folders.
    reason = getattr(error, "strerror", None) or type(error).__name__
    return StoreError(f"the server cannot keep this job: {reason}; try again later")
