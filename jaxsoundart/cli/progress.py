"""Says on stderr what is being done, and keeps how long it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jaxsoundart.cli import interrupt, terminal

if TYPE_CHECKING:
    from jaxsoundart.paint.watch import Glimpse
    from jaxsoundart.studio import Studio

_TEXTS = {
    "load": "loading the models",
    "ask": "asking SoundCloud",
    "receive": "receiving its sound",
    "read": "reading",
    "analyse": "finding beats and sections",
    "listen": "listening",
    "compose": "finding words",
    "compile": "compiling",
    "paint": "painting",
    "write": "writing",
    "upload": "uploading",
    "serve": "starting",
}


class Progress:
    """A stopwatch that says what begins.

    Attributes:
        seconds: Of each stage that is over, in the order of their beginnings.
    """

    def __init__(self):
        """Starts the clock of `total_s`."""
        self.seconds: dict[str, float] = {}
        self._subject = ""
        self._stage = ""
        self._started_s = self._begun_s = time.perf_counter()

    @property
    def total_s(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self._started_s

    @property
    def stage_s(self) -> float:
        """Seconds since the stage that goes on began."""
        return time.perf_counter() - self._begun_s

    def about(self, subject: str) -> None:
        """Ends the stage, and names what the next ones are about."""
        self.end()
        self._subject = f"{subject}: "

    def stage(self, name: str) -> None:
        """Begins a stage."""
        interrupt.check()
        self.end()
        self._stage, self._begun_s = name, time.perf_counter()
        if text := _TEXTS.get(name):
            terminal.tell(self._subject + text)

    @contextmanager
    def painting(self, studio: "Studio") -> Iterator[None]:
        """Is the stage of painting, and that of compiling apart from it."""
        before_s = studio.painter.engine.compile_s
        self.stage("paint")
        yield
        compiled_s = studio.painter.engine.compile_s - before_s
        self.end()
        self.seconds["paint"] -= compiled_s
        self.seconds["compile"] = self.seconds.get("compile", 0.0) + compiled_s

    def watch(self, glimpse: "Glimpse") -> None:
        """Says how far the painting is."""
        interrupt.check()
        done, count = glimpse.done, glimpse.count
        begun = f", {glimpse.share:.0%} of the next" if glimpse.share else ""
        terminal.tell(f"{self._subject}{done} of {count} pictures{begun}")

    def end(self) -> None:
        """Ends the stage, if one is going on."""
        if self._stage:
            spent_s = time.perf_counter() - self._begun_s
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + spent_s
            self._stage = ""

    def report(self) -> dict[str, float]:
        """Ends the stage and returns the seconds of all, and in total."""
        self.end()
        return {
            name: round(seconds, 3)
            for name, seconds in (self.seconds | {"total": self.total_s}).items()
        }
