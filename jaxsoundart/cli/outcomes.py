"""Several pieces of work, of which one that fails does not end the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jaxsoundart.cli import terminal
from jaxsoundart.errors import PictureError, SoundArtError


class Outcomes:
    """What became of each.

    Attributes:
        hopeless: Whether the next would fail like the last: a full disk is no better
            for another song.
    """

    def __init__(self):
        """Nothing is done yet."""
        self.hopeless = False
        self._codes: list[int] = []

    @contextmanager
    def of(self, report: dict[str, Any], subject: str = "") -> Iterator[None]:
        """Is one piece of work; an error of it is printed, and put into its report.

        Args:
            report: What `--json` says of it.
            subject: What an error's message begins with.
        """
        try:
            yield
            self._codes.append(0)
        except SoundArtError as error:
            self.fail(report, error, subject)

    def fail(
        self, report: dict[str, Any], error: SoundArtError, subject: str = ""
    ) -> None:
        """Counts work that failed; the arguments are those of `of`."""
        terminal.complain(f"{subject}{error}")
        report["error"] = str(error)
        self._codes.append(error.exit_code)
        self.hopeless = isinstance(error, PictureError)

    @property
    def exit_code(self) -> int:
        """1 where only some failed, else the worst of all."""
        failed = [code for code in self._codes if code]
        return 1 if failed and 0 in self._codes else max(failed, default=0)
