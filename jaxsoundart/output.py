"""Where covers go: a folder that can be written, names that overwrite nothing foreign.

    covers/song-1.png  song-1.json  song-2.png  song-2.json  …  song-sheet.png

The same song asked for again replaces its own files, each at once or not at all.
Another song of the same name gets the first digits of its content's hash into its
files' names.
"""

import os
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from jaxsoundart.arrays import Image
from jaxsoundart.commission import Cover
from jaxsoundart.errors import PictureError
from jaxsoundart.picture import png, sheet
from jaxsoundart.picture.record import Record
from jaxsoundart.picture.stores.export import Export
from jaxsoundart.picture.whole import write_whole

# File systems take 255 bytes; the longest ending is "-0123abcd-1000.json".
_MOST_BYTES = 200


def check_writable(folder: Path) -> None:
    """Finds out whether files can be made in `folder`, and leaves no trace.

    Raises:
        PictureError: They cannot; the message says why.
    """
    made: list[Path] = []
    try:
        for place in reversed((folder, *folder.parents)):
            if not place.is_dir():
                place.mkdir()
                made.append(place)
        probe = folder / f".{secrets.token_hex(8)}.part"
        probe.write_bytes(b"\0")
        probe.unlink()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PictureError(
            f"cannot write into {folder}: {reason}; name another folder with -o"
        ) from error
    finally:
        for place in reversed(made):
            place.rmdir()


def write(
    folder: Path, covers: Sequence[Cover], *, base: str, with_sheet: bool = True
) -> list[Path]:
    """Writes covers, their records and, of several, a contact sheet.

    Args:
        folder: Made if missing.
        covers: Of one song, or of one prompt.
        base: What the files' names begin with; see `base_name`.
        with_sheet: Whether several covers get a contact sheet.

    Returns:
        The pictures, the sheet last.

    Raises:
        PictureError: A file cannot be written; those before it are whole.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PictureError(f"cannot make {folder}: {error.strerror}") from error
    paths = [folder / f"{base}-{nth}.png" for nth in range(1, len(covers) + 1)]
    for path, cover in zip(paths, covers, strict=True):
        png.write(path, cover.image, cover.record)
    if with_sheet and len(covers) > 1:
        paths.append(folder / f"{base}-sheet.png")
        sheet.write_sheet(paths[-1], [cover.image for cover in covers])
    return paths


def export(
    picture: Path, image: Image, record: Record | None, wanted: Export
) -> list[Path]:
    """Writes what is made of a picture beside it, all of it or nothing.

    Args:
        picture: Where it lies, or would lie.
        image: Its pixels.
        record: What it remembers.
        wanted: What is made of it.

    Returns:
        The files.

    Raises:
        ArgumentError: The lettering cannot be set.
        PictureError: A file cannot be made or written.
    """
    files = wanted.files(picture.with_suffix(""), image, record)
    write_whole(files)
    return list(files)


def base_name(
    folder: Path, stem: str, digest: str, is_own: Callable[[Record], bool]
) -> str:
    """Returns what the names of some pictures' files begin with.

    That is `stem`, shortened and freed of control characters where file systems or
    terminals would choke; with the first 8 digits of `digest` where `stem` is taken.

    Args:
        folder: Where the files go.
        stem: The song's name without its ending, or words of the prompt.
        digest: Hexadecimal digits that tell this song, or order, from others.
        is_own: Whether a picture that lies there is one that may be replaced.
    """
    name = "".join("_" if _is_control(c) or c in "/\\" else c for c in stem)
    while len(os.fsencode(name)) > _MOST_BYTES:
        name = name[:-1]
    name = name or "cover"
    return name if _is_free(folder, name, is_own) else f"{name}-{digest[:8]}"


def of_song(sha256: str) -> Callable[[Record], bool]:
    """Returns what tells whether a picture is a cover of the song of this content."""
    return lambda record: record.song is not None and record.song.sha256 == sha256


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"


def _is_free(folder: Path, name: str, is_own: Callable[[Record], bool]) -> bool:
    first = folder / f"{name}-1.png"
    if first.exists():
        try:
            return is_own(png.read(first)[1])
        except PictureError:
            return False
    there = (first.with_suffix(".json"), folder / f"{name}-sheet.png")
    return not any(path.exists() for path in there)
