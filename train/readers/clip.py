"""A labelled stretch of sound in a file, whatever set it is of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

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


def divided(clips: Iterable[Clip]) -> list[Clip]:
    """Returns clips in parts, where their set leaves them open.

    Of every ten groups, label by label, one is for trying and one for testing; which
    ones follows from their names. A set with any part of its own is left as it is.
    """
    kept = list(clips)
    if any(clip.part for clip in kept):
        return kept
    labels = {_group(clip): sorted(clip.labels.items()) for clip in kept}
    # By a hash: files are often numbered in the order of something that matters.
    order = sorted(labels, key=lambda group: (labels[group], crc32(group.encode())))
    shares = ("train", "valid", "test", *("train",) * 7)
    parts = {group: shares[n % len(shares)] for n, group in enumerate(order)}
    return [replace(clip, part=parts[_group(clip)]) for clip in kept]


def _group(clip: Clip) -> str:
    return clip.group or clip.path.as_posix()
