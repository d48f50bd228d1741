"""A labelled stretch of sound in a file, whatever set it is of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jaxsoundart.errors import SoundArtError

PARTS = ("train", "valid", "test")

SOUNDS = (".wav", ".flac", ".ogg", ".mp3", ".opus", ".aif", ".aiff")


class DataError(SoundArtError):
    """A set is not there, or a line or a file of it is not as its layout has it."""


@dataclass(frozen=True)
class Clip:
    """One clip.

    Attributes:
        path: The sound file.
        labels: For each head ("genre", "instruments", …) what is there; several where
            several things sound.
        part: "train", "valid" or "test"; "" where the set leaves that open.
        group: What must not be in two parts: an artist, a machine, a recording.
        start_s: Where in the file it begins.
        length_s: How long it is; to the file's end where it is None.
    """

    path: Path
    labels: Mapping[str, tuple[str, ...]]
    part: str = ""
    group: str = ""
    start_s: float = 0.0
    length_s: float | None = None


def checked(clips: Iterable[Clip], source: Path) -> list[Clip]:
    """Returns clips, all of whose files are there.

    Raises:
        DataError: There is no clip; a file is missing; a part is none; or a group lies
            in two parts. The message names which.
    """
    kept = list(clips)
    if not kept:
        raise DataError(f"{source} holds no clips; name another folder or file")
    if missing := [clip for clip in kept if not clip.path.is_file()]:
        raise DataError(
            f"{missing[0].path} is missing, and {len(missing) - 1} others of the "
            f"{len(kept)} that {source} names"
        )
    parts: dict[str, str] = {}
    for clip in kept:
        if clip.part not in (*PARTS, ""):
            raise DataError(
                f"{clip.path} is in part {clip.part!r}; use {', '.join(PARTS)}"
            )
        if clip.group and parts.setdefault(clip.group, clip.part) != clip.part:
            raise DataError(
                f"group {clip.group!r} of {source} lies in {parts[clip.group]} and "
                f"{clip.part}; what belongs together must not be split"
            )
    return kept


def vocabulary(clips: Iterable[Clip], head: str) -> tuple[str, ...]:
    """Returns the labels that occur under a head, in alphabetical order.

    Raises:
        DataError: Less than two do.
    """
    found = sorted({label for clip in clips for label in clip.labels.get(head, ())})
    if len(found) < 2:
        raise DataError(
            f"{head}: {len(found)} label{'' if len(found) == 1 else 's'} found; "
            "at least two are wanted"
        )
    return tuple(found)
