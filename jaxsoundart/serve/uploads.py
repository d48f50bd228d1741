"""A form with a song and an order, written to the disk as it comes.

A client's name for its song is read, shortened, and nothing but a text from then on.
"""

import asyncio
import re
from pathlib import Path, PurePosixPath

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from jaxsoundart.serve.bodies import Body
from jaxsoundart.serve.limits import Limits
from jaxsoundart.serve.problems import Problem, one_line

_FORM_BYTES = 1 << 17
_ORDER_BYTES = 1 << 16
_HEADER_BYTES = 1 << 13
_MOST_LETTERS = 200
_WRITTEN_BYTES = 1 << 18
_WANTED = 'send a form with the parts "song" and, if wanted, "order"'


class Form:
    """What there is of a form while it comes; the parser calls its methods."""

    def __init__(self, most_bytes: int):
        """Begins with nothing.

        Args:
            most_bytes: The largest song.
        """
        self.file_name = ""
        self.order = bytearray()
        self.fresh = bytearray()
        self.parts: list[str] = []
        self.is_whole = False
        self._most_bytes = most_bytes
        self._song_bytes = 0
        self._name, self._header = bytearray(), bytearray()
        self._headers: dict[bytes, bytes] = {}

    def on_part_begin(self) -> None:
        """A part begins."""
        self._headers = {}

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's name."""
        self._name += data[start:end]
        self._check_header()

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's value."""
        self._header += data[start:end]
        self._check_header()

    def on_header_end(self) -> None:
        """A header is whole."""
        self._headers[bytes(self._name).lower()] = bytes(self._header)
        self._name.clear()
        self._header.clear()

    def on_headers_finished(self) -> None:
        """All headers of a part are whole."""
        said = self._headers.get(b"content-disposition", b"")
        _, options = parse_options_header(said)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name not in ("song", "order") or name in self.parts:
            raise Problem(422, f"the form has an unwanted part {name!r}; {_WANTED}")
        self.parts.append(name)
        if name == "song":
            called = options.get(b"filename", b"").decode("utf-8", "replace")
            self.file_name = plain_name(called)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """A piece of a part."""
        if self.parts[-1] == "song":
            self._song_bytes += end - start
            if self._song_bytes > self._most_bytes:
                raise Problem(
                    413,
                    f"the song is larger than {self._most_bytes} bytes, which is the "
                    "most that is taken; send it as MP3 or Opus, or cut it",
                )
            self.fresh += data[start:end]
        else:
            self.order += data[start:end]
            if len(self.order) > _ORDER_BYTES:
                raise Problem(
                    413, f"the order is longer than {_ORDER_BYTES} bytes; send less"
                )

    def on_end(self) -> None:
        """The form is whole."""
        self.is_whole = True

    def _check_header(self) -> None:
        if len(self._name) + len(self._header) > _HEADER_BYTES:
            raise Problem(422, f"the form has an endless header; {_WANTED}")


def plain_name(name: str) -> str:
    """Returns a file's name without folders and without what is no letter.

    Args:
        name: Whatever a client calls it.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = one_line(last[-_MOST_LETTERS:]).strip()
    return "song" if plain in ("", ".", "..") else plain


async def receive(request: Request, folder: Path, limits: Limits) -> Form:
    """Receives a form; the song is then in `folder/song`.

    Args:
        request: Whose body it is.
        folder: Where nothing else lies.
        limits: What is taken.

    Raises:
        Problem: It is no such form, too long, or comes too slowly.
    """
    body = Body(
        request, limits, most_bytes=limits.upload_bytes + _FORM_BYTES, what="upload"
    )
    body.check()
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not re.fullmatch(rb"[ -~]{1,70}", boundary):
        raise Problem(415, f"the body is no multipart/form-data; {_WANTED}")
    form = Form(limits.upload_bytes)
    names = (
        *("on_part_begin", "on_header_field", "on_header_value", "on_header_end"),
        *("on_headers_finished", "on_part_data", "on_end"),
    )
    callbacks = {name: getattr(form, name) for name in names}
    parser = MultipartParser(boundary, callbacks)  # pyright: ignore[reportArgumentType]
    with (folder / "song").open("xb") as file:
        try:
            async for piece in body.pieces():
                parser.write(piece)
                if len(form.fresh) >= _WRITTEN_BYTES:
                    fresh, form.fresh = form.fresh, bytearray()
                    await asyncio.to_thread(file.write, fresh)
            parser.finalize()
        except FormParserError as error:
            raise Problem(422, f"the form is broken: {error}; {_WANTED}") from None
        await asyncio.to_thread(file.write, form.fresh)
        form.fresh = bytearray()
    if not form.is_whole:
        raise Problem(422, f"the form is cut off; {_WANTED}")
    if "song" not in form.parts:
        raise Problem(422, f"the form has no song; {_WANTED}")
    return form
