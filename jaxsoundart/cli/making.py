"""From a draft to the files of its covers, for all commands that paint songs."""

import itertools
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jaxsoundart import output
from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.commission import Cover
from jaxsoundart.draft import Draft
from jaxsoundart.picture.schema import plain
from jaxsoundart.picture.stores.export import Export
from jaxsoundart.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Made:
    """The covers of one song.

    Attributes:
        covers: Their pixels and records.
        pictures: Where they are written.
        sheet: Where all are on one page; None of a single one.
        exports: The further files of each.
    """

    covers: tuple[Cover, ...]
    pictures: tuple[Path, ...]
    sheet: Path | None
    exports: tuple[tuple[Path, ...], ...]

    def paths(self) -> Iterator[Path]:
        """Yields all files that people look at."""
        yield from self.pictures
        if self.sheet is not None:
            yield self.sheet
        yield from itertools.chain(*self.exports)

    def report(self) -> dict:
        """Returns what `--json` says of them."""
        return {
            "covers": [
                {
                    "file": str(picture),
                    "record": plain(cover.record),
                    "exports": list(map(str, exports)),
                }
                for cover, picture, exports in zip(
                    self.covers, self.pictures, self.exports, strict=True
                )
            ],
            "sheet": None if self.sheet is None else str(self.sheet),
        }


def make(
    studio: Studio,
    draft: Draft,
    export: Export,
    options: Namespace,
    progress: Progress,
    *,
    stem: str,
) -> Made:
    """Paints the covers of a song and writes them, and what is made of them.

    Args:
        studio: Who paints.
        draft: What.
        export: What is made of each cover.
        options: Where it goes, and whether reasons are given.
        progress: Told of all.
        stem: What the files' names begin with.

    Raises:
        ArgumentError: The painter cannot paint so, or the lettering cannot be set.
        PictureError: A file cannot be made or written.
    """
    if options.explain:
        for line in texts.draft_lines(draft, explain=True):
            terminal.tell(line)
    with progress.painting(studio):
        (covers,) = studio.paint([draft], watch=progress.watch)
    progress.stage("write")
    song = draft.song
    assert song is not None
    is_own = output.of_song(song.sha256)
    base = output.base_name(options.output, stem, song.sha256, is_own)
    paths = output.write(options.output, covers, base=base)
    pictures, sheet = paths[: len(covers)], paths[len(covers) :]
    exports = [
        output.export(path, cover.image, cover.record, export)
        for path, cover in zip(pictures, covers, strict=True)
    ]
    return Made(
        covers=covers,
        pictures=tuple(pictures),
        sheet=sheet[0] if sheet else None,
        exports=tuple(map(tuple, exports)),
    )
