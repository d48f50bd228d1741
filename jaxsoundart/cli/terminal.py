"""What is printed, and where: results to stdout, all else to stderr, one line each."""

import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PROGRAM = "jaxsoundart"


def say(text: str) -> None:
    """Prints a result."""
    sys.stdout.write(text + "\n")


def document(content: object) -> None:
    """Prints the one JSON document of `--json`, in ASCII: safe in any terminal."""
    say(json.dumps(content, indent=2, allow_nan=False))


def flush() -> None:
    """Makes results be read at once, also through a pipe."""
    sys.stdout.flush()


def tell(text: str) -> None:
    """Prints a line that is no result."""
    sys.stderr.write(one_line(text) + "\n")
    sys.stderr.flush()


def can_ask() -> bool:
    """Returns whether somebody is there who sees a question and can answer it."""
    # A stream that was closed from the beginning is None.
    return all(stream and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(question: str) -> str | None:
    """Returns the answer to a question; None where there will be none."""
    sys.stderr.write(f"{one_line(question)} ")
    sys.stderr.flush()
    line = sys.stdin.readline() if sys.stdin else ""
    return line.strip() if line else None


def complain(text: str) -> None:
    """Prints an error."""
    tell(f"{PROGRAM}: error: {text}")


def hang_up() -> None:
    """Lets results vanish: whoever read them has gone."""
    # Else Python would fail again when it flushes at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def ready() -> Iterator[None]:
    """Prepares both streams and the log for one command."""
    for stream in (sys.stdout, sys.stderr):
        # File names need not be text; what a terminal cannot show must not end it.
        is_unicode = (stream.encoding or "").lower().startswith("utf")
        if isinstance(stream, io.TextIOWrapper):
            errors = "surrogateescape" if is_unicode else "backslashreplace"
            stream.reconfigure(errors=errors)
    log, handler = logging.getLogger(PROGRAM), _Warnings(logging.WARNING)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


class _Warnings(logging.Handler):
    """Prints what the package logs, each message once."""

    def __init__(self, level: int):
        super().__init__(level)
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message not in self._said:
            self._said.add(message)
            tell(f"{PROGRAM}: {record.levelname.lower()}: {message}")


def one_line(text: str) -> str:
    """Returns `text` with what would break or garble a line made visible."""
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    # Bytes of a file name that are no text go back to the terminal as they came.
    as_it_came = "\udc80" <= character <= "\udcff"
    if character.isprintable() or as_it_came:
        return character
    return ascii(character)[1:-1]
