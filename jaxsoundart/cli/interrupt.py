"""Ctrl-C, also where a library swallows what it raises, or makes something else of it.

An import that is interrupted may end in a `RuntimeError`, and what is raised inside a
garbage collector's callback is printed and forgotten.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_asked = threading.Event()


def check() -> None:
    """Raises `KeyboardInterrupt` if one was asked for and got lost."""
    if _asked.is_set():
        raise KeyboardInterrupt


@contextmanager
def heeded() -> Iterator[None]:
    """Makes whatever ends the work after Ctrl-C a `KeyboardInterrupt`."""
    _asked.clear()
    # Signals are the main thread's; in another one there is nothing to heed.
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, _interrupt) if is_main else None
    hook, sys.unraisablehook = sys.unraisablehook, _forget_interrupts
    try:
        yield
        check()
    except Exception:
        check()
        raise
    finally:
        sys.unraisablehook = hook
        if is_main:
            signal.signal(signal.SIGINT, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt


def _forget_interrupts(unraisable: "sys.UnraisableHookArgs") -> None:
    """Prints what nobody could catch, but for interrupts: `check` raises these."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
