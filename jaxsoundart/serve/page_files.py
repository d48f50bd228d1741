"""The page: a few files, read once, and nothing else that a path could name."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from jaxsoundart.serve.problems import Problem

FOLDER = Path(__file__).parent / "page"
INDEX = "index.html"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".json": "application/json",
}


@dataclass(frozen=True)
class File:
    """A part of the page.

    Attributes:
        content: Its bytes.
        media_type: Their kind.
        etag: Of the bytes.
    """

    content: bytes
    media_type: str
    etag: str


def read(folder: Path = FOLDER) -> Mapping[str, File]:
    """Returns all files below a folder by their paths, with slashes."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".py", ".pyc", ".md"):
            content = path.read_bytes()
            kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
            digest = hashlib.sha256(content).hexdigest()[:32]
            files[path.relative_to(folder).as_posix()] = File(
                content, kind or "application/octet-stream", f'"{digest}"'
            )
    return files


def answer(files: Mapping[str, File], name: str, request: Request) -> Response:
    """Returns a file, or that the client has it already.

    Raises:
        Problem: There is no such file.
    """
    file = files.get(name)
    if file is None:
        raise Problem(404, "the page has no such part; begin at /")
    headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
    if is_known(request, file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers, media_type=file.media_type)


def is_known(request: Request, etag: str) -> bool:
    """Returns whether a client says that it has what bears a tag.

    Source: RFC 9110, 13.1.2; the comparison is the weak one.
    """
    said = request.headers.get("if-none-match", "")
    tags = [tag.strip().removeprefix("W/") for tag in said.split(",")]
    return etag in tags or tags == ["*"]
