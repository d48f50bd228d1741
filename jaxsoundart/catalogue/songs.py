"""Covers for a whole catalogue: resumable, shared among any number of processes.

    python -m infer.catalogue ~/music -o covers
    python -m infer.catalogue --list songs.txt -o covers --shard 3/8

Folders are searched for sound files and mirrored below DIR. What was done is kept in
DIR/manifest.jsonl, one line a song. Run again, it goes on: a song is skipped if its
content, the settings and both models are those of its covers; what failed is tried
again. With --shard I/N every Nth song is taken, beginning with the Ith, and the
manifest is manifest-I-of-N.jsonl: on N hosts, give each its own number.

Exit codes: 0 all songs have covers, 1 some failed, 2 wrong arguments.
"""

import argparse
import dataclasses
import hashlib
import itertools
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infer.manifest import Manifest
from jaxsoundart.cli import arguments, exit_code_of, terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import (
    ArgumentError,
    PictureError,
    SoundArtError,
    SoundFileError,
)

if TYPE_CHECKING:
    from jaxsoundart.studio import Studio

SUFFIXES = frozenset(
    (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".m4a", ".aac")
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A song of the catalogue.

    Attributes:
        path: The file.
        folder: Where its covers go.
        is_alone: Whether no other song of the catalogue would give its covers the same
            names; the others get a part of their hash into theirs.
    """

    path: Path
    folder: Path
    is_alone: bool


def parser() -> argparse.ArgumentParser:
    """Returns the program's arguments: its own, and those of `jaxsoundart cover`."""
    made = arguments.Parser(
        prog="python -m infer.catalogue",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument(
        "places", nargs="*", type=Path, metavar="SONG", help="sound files and folders"
    )
    made.add_argument(
        "--list",
        type=Path,
        metavar="FILE",
        help="a text file, a song or folder a line",
    )
    made.add_argument(
        "--shard", metavar="I/N", default="1/1", help="the Ith of N parts of the work"
    )
    arguments.folder(made)
    arguments.composing(made)
    arguments.painting(made)
    return made


def main(given: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code."""
    return exit_code_of(parser(), given, run)


def run(options: argparse.Namespace, progress: Progress) -> int:
    """Paints what is not painted yet; returns the exit code."""
    nth, of = read_shard(options.shard)
    studio = texts.studio_of(options)
    commission = studio.commission
    entries = find(places_of(options), options.output)[nth - 1 :: of]

    from jaxsoundart import output
    from jaxsoundart.runtime.compilation import keep_compiled_programs

    output.check_writable(options.output)
    keep_compiled_programs()
    progress.stage("load")
    studio.load()
    settings = {
        **dataclasses.asdict(commission),
        "listener": studio.listener.id,
        "painter": studio.painter.model.sha256,
    }
    text = json.dumps(settings, sort_keys=True)
    manifest = Manifest(
        options.output,
        shard=(nth, of),
        settings=hashlib.sha256(text.encode()).hexdigest()[:16],
    )
    # So many songs at once that no device is left without work.
    capacity = studio.painter.engine.capacity
    some = math.lcm(commission.count, capacity) // commission.count
    counts: Counter[str] = Counter()
    todo = iter(_unpainted(entries, manifest, counts))
    while batch := list(itertools.islice(todo, some)):
        _paint(batch, studio, manifest, counts, progress)
        done = sum(counts.values())
        terminal.tell(f"{done} of {len(entries)} songs")
    terminal.say(
        f"{counts['painted']} painted, {counts['kept']} kept, {counts['failed']} failed"
    )
    return 1 if counts["failed"] else 0


def read_shard(text: str) -> tuple[int, int]:
    """Returns I and N of "I/N".

    Raises:
        ArgumentError: They are no such numbers.
    """
    nth, slash, of = text.partition("/")
    if slash and nth.isdecimal() and of.isdecimal() and 1 <= int(nth) <= int(of):
        return int(nth), int(of)
    raise ArgumentError(f"shard {text!r} is none; use I/N with I from 1 to N, like 3/8")


def places_of(options: argparse.Namespace) -> list[Path]:
    """Returns the songs and folders named, on the command line and in the list.

    Raises:
        ArgumentError: There are none, or the list cannot be read.
    """
    places = list(options.places)
    if options.list is not None:
        try:
            lines = options.list.read_text("utf-8", "surrogateescape").splitlines()
        except OSError as error:
            raise ArgumentError(
                f"list {options.list} cannot be read: {error.strerror}"
            ) from error
        places += [Path(line) for line in lines if line.strip()]
    if not places:
        raise ArgumentError("no songs; name sound files, folders, or a --list")
    return places


def find(places: Sequence[Path], output: Path) -> list[Entry]:
    """Returns all songs in a fixed order, each once.

    Args:
        places: Sound files, taken as they are, and folders, searched with all in them.
        output: Below it go the covers, those of a folder's songs in like folders.
    """
    folders: dict[Path, Path] = {}
    for place in places:
        if place.is_dir():
            inside = sorted(p for p in place.rglob("*") if p.suffix.lower() in SUFFIXES)
            for path in inside:
                if path.is_file():
                    folders.setdefault(path, output / path.parent.relative_to(place))
        else:
            folders.setdefault(place, output)
    names = Counter(map(_name, folders.items()))
    return [
        Entry(path=path, folder=folder, is_alone=names[_name((path, folder))] == 1)
        for path, folder in folders.items()
    ]


def _name(song: tuple[Path, Path]) -> str:
    # Some file systems do not tell upper from lower case.
    path, folder = song
    return str(folder / path.stem).casefold()


def _unpainted(
    entries: Sequence[Entry], manifest: Manifest, counts: Counter[str]
) -> Iterator[tuple[Entry, str]]:
    """Yields the songs without covers, each with its hash; counts the others."""
    from jaxsoundart.sound import files

    for entry in entries:
        try:
            sha256 = files.content_hash(entry.path)
        except SoundFileError as error:
            _fail(entry, str(error), manifest, counts)
            continue
        if manifest.has(entry.path, sha256):
            counts["kept"] += 1
        else:
            yield entry, sha256


def _paint(
    batch: Sequence[tuple[Entry, str]],
    studio: "Studio",
    manifest: Manifest,
    counts: Counter[str],
    progress: Progress,
) -> None:
    """Hears and paints some songs, and writes what became of each."""
    from jaxsoundart import output

    drafted = []
    for entry, sha256 in batch:
        progress.about(str(entry.path))
        try:
            drafted.append((entry, sha256, studio.draft(entry.path)))
        except SoundArtError as error:
            _fail(entry, str(error), manifest, counts)
        except Exception as error:  # one song's trouble must not end a night's work
            _fail(entry, f"{type(error).__name__}: {error}", manifest, counts)
    if not drafted:
        return
    painted = studio.paint([draft for _, _, draft in drafted])
    for (entry, sha256, _), covers in zip(drafted, painted, strict=True):
        stem = entry.path.stem if entry.is_alone else f"{entry.path.stem}-{sha256[:8]}"
        base = output.base_name(
            entry.folder,
            stem,
            sha256,
            lambda record, own=sha256: (
                record.song is not None and record.song.sha256 == own
            ),
        )
        try:
            paths = output.write(entry.folder, covers, base=base)
        except PictureError as error:
            _fail(entry, str(error), manifest, counts)
            raise
        manifest.write(entry.path, sha256=sha256, files=paths)
        counts["painted"] += 1


def _fail(entry: Entry, error: str, manifest: Manifest, counts: Counter[str]) -> None:
    terminal.complain(error)
    manifest.write(entry.path, error=error)
    counts["failed"] += 1


if __name__ == "__main__":
    sys.exit(main())
