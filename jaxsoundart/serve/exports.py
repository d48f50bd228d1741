"""A finished picture as a file that a store takes, with title and artist if asked."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import quote

from jaxsoundart.errors import ArgumentError, PictureError
from jaxsoundart.picture import png
from jaxsoundart.picture.lettering.lettering import Lettering
from jaxsoundart.picture.stores.export import Export
from jaxsoundart.serve.problems import Problem

_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


@dataclass(frozen=True)
class Download:
    """A file to be saved.

    Attributes:
        content: Its bytes.
        media_type: Their kind.
        name: What it is to be called.
    """

    content: bytes
    media_type: str
    name: str

    @property
    def disposition(self) -> str:
        """The header that says what the file is called, in any alphabet."""
        plain = re.sub(r"[^A-Za-z0-9._ -]", "_", self.name)
        return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(self.name)}"


def export(
    path: Path, n: int, song: str, *, store: str, title: str, artist: str
) -> Download:
    """Returns the file for a store, lettered if there is a title.

    Args:
        path: The finished picture.
        n: Its number.
        song: What the song's file is called.
        store: Which store.
        title: Lettered if not empty.
        artist: Beneath it.

    Raises:
        Problem: The words cannot be set, or the picture is gone.
    """
    base = f"{PurePath(song).stem or 'cover'}-{n}"
    try:
        if artist.strip() and not title.strip():
            raise ArgumentError("an artist is given, but no title; give both")
        words = Lettering(title=title, artist=artist) if title.strip() else None
        image, record = png.read(path)
        files = Export(stores=(store,), lettering=words).files(
            Path(base), image, record
        )
    except ArgumentError as error:
        raise Problem(422, str(error)) from None
    except PictureError:
        raise Problem(404, "the picture is gone; look at the job again") from None
    # The lettered file comes after the plain one, the first format before others.
    kind = next(iter(files)).suffix
    name, content = [(p.name, c) for p, c in files.items() if p.suffix == kind][-1]
    return Download(content, _TYPES[kind], name)
