"""A job: one song on its way to its pictures, as it is kept on disk."""

import json
from dataclasses import dataclass
from enum import StrEnum

from jaxsoundart.commission import Commission
from jaxsoundart.compose.brief import Brief
from jaxsoundart.draft import Draft
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.paint.order import Settings
from jaxsoundart.picture.record import Song
from jaxsoundart.picture.schema import plain, strict


class State(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    HEARING = "hearing"
    WORDS = "words"
    QUEUED = "queued"
    PAINTING = "painting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (State.WAITING, State.HEARING, State.QUEUED, State.PAINTING)
"""The states of jobs that take a place in the queue."""

FINAL = (State.DONE, State.FAILED, State.CANCELLED)
"""The states after which nothing more happens unless it is asked for."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a client asks for beside the song; meanings as in `Commission`.

    Attributes:
        hold: Whether the job stops after the words, so that they can be changed.
    """

    count: int = 4
    seed: int | None = None
    style: str = ""
    prompt: str | None = None
    negative: str = ""
    atmosphere: str | None = None
    guidance: float | None = None
    excerpts: str = "intro+drop"
    hold: bool = False

    def commission(self, settings: Settings) -> Commission:
        """Returns the wish as a studio takes it.

        Raises:
            ArgumentError: A text, a number or a name cannot be what was meant.
        """
        return Commission(
            count=self.count,
            seed=self.seed,
            style=self.style,
            prompt=self.prompt,
            negative=self.negative,
            atmosphere=self.atmosphere,
            guidance=self.guidance,
            excerpts=self.excerpts,
            settings=settings,
        )


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A finished picture.

    Attributes:
        n: Its number, from 1.
        width_px: Its width.
        height_px: Its height.
        digest: Of the file's bytes; names the file, and the picture to caches.
    """

    n: int
    width_px: int
    height_px: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class Job:
    """One song, and all that has become of it.

    Attributes:
        id: 22 letters that nobody guesses.
        number: Its turn; new words give it another one.
        state: How far it is.
        created_s: When it came, in seconds since 1970.
        expires_s: When it may be forgotten.
        wish: What was asked for.
        song: The file.
        peaks: The largest sample of each of 256 stretches, 0 to 1.
        hearing: What was heard; None before.
        briefs: One order for each picture; none before they are written.
        seeds: One seed for each picture.
        pictures: Those that are finished.
        error: Why it failed.
    """

    id: str
    number: int
    state: State
    created_s: float
    expires_s: float
    wish: Wish
    song: Song
    peaks: tuple[float, ...]
    hearing: Hearing | None = None
    briefs: tuple[Brief, ...] = ()
    seeds: tuple[int, ...] = ()
    pictures: tuple[Picture, ...] = ()
    error: str | None = None

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the pictures that are still to be painted."""
        done = {picture.n for picture in self.pictures}
        return tuple(n for n in range(1, len(self.briefs) + 1) if n not in done)

    def draft(self, n: int) -> Draft:
        """Returns the order for picture `n`."""
        return Draft(
            song=self.song,
            hearing=self.hearing,
            briefs=(self.briefs[n - 1],),
            seeds=(self.seeds[n - 1],),
            guidance=self.wish.guidance,
        )

    def to_json(self) -> str:
        """Returns the job as text."""
        return json.dumps(plain(self))


def from_json(text: str) -> Job:
    """Returns the job that `Job.to_json` wrote.

    Raises:
        ValueError: The text is something else.
    """
    return strict(Job, json.loads(text), "job")
