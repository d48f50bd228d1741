"""Which songs a catalogue has: folders, patterns, lists; always in one order."""

import csv
import dataclasses
import glob
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaxsoundart.commission import Commission
from jaxsoundart.errors import ArgumentError

SUFFIXES = frozenset(
    (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".m4a", ".aac")
)

SONG = "song"
"""The column of a list that names the file."""

WISHES = {
    "style": str,
    "prompt": str,
    "negative": str,
    "atmosphere": str,
    "excerpts": str,
    "seed": int,
    "count": int,
}
"""The columns that a list may have beside it: wishes of `Commission`, song by song."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A song of the catalogue.

    Attributes:
        path: The file.
        folder: Where its covers go.
        wishes: What is asked for this song alone, by the names of `Commission`.
        is_alone: Whether no other song of the catalogue would give its covers the same
            names; the others get a part of their hash into theirs.
    """

    path: Path
    folder: Path
    wishes: Mapping[str, Any] = field(default_factory=dict)
    is_alone: bool = True

    def asked(self, commission: Commission) -> Commission:
        """Returns what is asked for this song.

        Raises:
            ArgumentError: A wish cannot be what was meant.
        """
        return dataclasses.replace(commission, **self.wishes)


def find(
    places: Sequence[str | Path], lists: Sequence[Path], output: Path
) -> list[Entry]:
    """Returns all songs in a fixed order, each once.

    Args:
        places: Sound files, taken as they are; folders, searched with all in them; and
            patterns with * and ** where no file has that name.
        lists: Files that name songs and folders; see `read_list`.
        output: Below it go the covers, those of a folder's songs in like folders.

    Raises:
        ArgumentError: There are none, or a list cannot be read.
    """
    found: dict[Path, Entry] = {}
    for place in places:
        for each in _matching(Path(place)):
            _add(found, each, output, {})
    for file in lists:
        for place, wishes in read_list(file):
            _add(found, place, output, wishes)
    if not found:
        raise ArgumentError("no songs; name sound files, folders, or a --list")
    names = Counter(map(_name, found.values()))
    return [
        dataclasses.replace(entry, is_alone=names[_name(entry)] == 1)
        for entry in found.values()
    ]


def _matching(place: Path) -> list[Path]:
    """Returns what a pattern stands for, in a fixed order; else the place itself."""
    pattern = str(place)
    if place.exists() or glob.escape(pattern) == pattern:
        return [place]
    paths = (Path(path) for path in glob.iglob(pattern, recursive=True))
    return sorted(path for path in paths if _is_song(path) or path.is_dir())


def _add(
    found: dict[Path, Entry], place: Path, output: Path, wishes: Mapping[str, Any]
) -> None:
    if not place.is_dir():
        found.setdefault(place, Entry(path=place, folder=output, wishes=wishes))
        return
    for path in sorted(filter(_is_song, place.rglob("*"))):
        folder = output / path.parent.relative_to(place)
        found.setdefault(path, Entry(path=path, folder=folder, wishes=wishes))


def _is_song(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _name(entry: Entry) -> str:
    # Some file systems do not tell upper from lower case.
    return str(entry.folder / entry.path.stem).casefold()


def read_list(file: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yields the songs and folders of a list, each with its wishes.

    A `.csv` has a header with the column `song`, a `.jsonl` an object with that key a
    line; both may say `style, prompt, negative, atmosphere, excerpts, seed, count` of a
    song, and what else they say is passed over. In any other file each line is a song
    or a folder. What is not absolute begins in the list's own folder.

    Raises:
        ArgumentError: It cannot be read, or a line is not what it should be.
    """
    try:
        text = file.read_text("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise ArgumentError(f"list {file} cannot be read: {error.strerror}") from error
    rows = {".csv": _csv_rows, ".jsonl": _jsonl_rows}.get(file.suffix.lower(), _lines)
    for line, row in rows(file, text):
        where = f"list {file}, line {line}"
        song = row.get(SONG)
        if not isinstance(song, str) or not song.strip():
            raise ArgumentError(f"{where}: there is no {SONG!r}; name a sound file")
        wishes = _wishes(where, row)
        Entry(path=Path(), folder=Path(), wishes=wishes).asked(Commission())
        yield file.parent / song, wishes


def _lines(file: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, {SONG: line}


def _csv_rows(file: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(text.splitlines(keepends=True))
    if SONG not in (reader.fieldnames or ()):
        raise ArgumentError(f"list {file} has no column {SONG!r} in its first line")
    for row in reader:
        yield reader.line_num, {name: said for name, said in row.items() if said}


def _jsonl_rows(file: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in _lines(file, text):
        try:
            row = json.loads(line[SONG])
        except ValueError as error:
            raise ArgumentError(
                f"list {file}, line {number} is no JSON: {error}"
            ) from error
        if not isinstance(row, dict):
            raise ArgumentError(f"list {file}, line {number} is no JSON object")
        yield number, row


def _wishes(where: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the wishes of a row, each of its type."""
    wishes = {}
    for name, kind in WISHES.items():
        said = row.get(name)
        if said is None:
            continue
        try:
            # JSON tells text from numbers, CSV does not.
            wishes[name] = kind(said if isinstance(said, kind) else str(said))
        except ValueError:
            raise ArgumentError(
                f"{where}: {name} is {said!r}; wanted a whole number"
            ) from None
    return wishes


def read_shard(text: str) -> tuple[int, int]:
    """Returns I and N of "I/N".

    Raises:
        ArgumentError: They are no such numbers.
    """
    nth, slash, of = text.partition("/")
    if slash and nth.isdecimal() and of.isdecimal() and 1 <= int(nth) <= int(of):
        return int(nth), int(of)
    raise ArgumentError(f"shard {text!r} is none; use I/N with I from 1 to N, like 3/8")
