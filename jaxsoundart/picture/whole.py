"""Files that appear whole or not at all, several of them together."""

import os
import secrets
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from jaxsoundart.errors import PictureError

_OLD_S = 3600.0


def write_whole(contents: Mapping[Path, bytes]) -> None:
    """Writes all files, or none and leaves those already there as they were.

    Each goes to a new file in its own folder and onto the disk before any takes its
    name. The last name is taken last, so put the file that matters most there.

    Args:
        contents: Bytes of each file. The folders must exist.

    Raises:
        PictureError: A folder is missing or unwritable, the disk is full, a name is
            taken by a folder.
    """
    path = Path()
    try:
        # Whatever still bears a temporary name at the end, done or failed, goes.
        with ExitStack() as temporary:
            ready: dict[Path, Path] = {}
            for path, content in contents.items():
                if path.is_dir():
                    raise PictureError(f"cannot write {path}: it is a folder")
                ready[path] = path.with_name(f".{secrets.token_hex(8)}.part")
                temporary.callback(_remove, ready[path])
                _write_through(ready[path], content)
            with ExitStack() as undo:
                for path, part in ready.items():
                    undo.callback(_restore, path, _set_aside(path, temporary))
                    os.replace(part, path)
                undo.pop_all()
    except OSError as error:
        reason = error.strerror or str(error)
        raise PictureError(f"cannot write {path}: {reason}") from error


def remove_leftovers(folder: Path) -> None:
    """Removes what writers left below a folder that were killed, an hour ago or more.

    Those of the last hour may be another writer's, at work now.
    """
    for path in folder.rglob(".*.part"):
        try:
            if time.time() - path.stat().st_mtime > _OLD_S:
                path.unlink()
        except OSError:
            continue  # its writer has taken it, or it is not ours to remove


def _write_through(path: Path, content: bytes) -> None:
    """Writes a new file and waits until the disk has it."""
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _set_aside(path: Path, temporary: ExitStack) -> Path | None:
    """Gives the file at `path` a second name and returns that; None where none is."""
    if not path.exists():
        return None
    aside = path.with_name(f".{secrets.token_hex(8)}.part")
    temporary.callback(_remove, aside)
    try:
        os.link(path, aside)
    except OSError:
        # File systems without hard links: a move leaves the name free for a moment.
        os.replace(path, aside)
    return aside


def _restore(path: Path, aside: Path | None) -> None:
    """Puts back what was at `path` before."""
    if aside is None:
        _remove(path)
    else:
        os.replace(aside, path)


def _remove(path: Path) -> None:
    # A failing clean-up must not hide why the writing failed.
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
