"""Where a browser is sent after signing in: here, to be heard once.

Source: RFC 8252, section 7.3: loopback redirection.
"""

import os
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from jaxsoundart.errors import ArgumentError, SoundCloudError
from jaxsoundart.soundcloud.sign_in import SignIn

_PAGE = "<!doctype html><meta charset=utf-8><title>jaxsoundart</title><p>{}\n"


class Listener(socketserver.TCPServer):
    """Listens on this machine alone.

    Attributes:
        path: Where the browser is sent.
        sign_in: Whose answer is awaited.
        code: The code of that answer, once it has come.
        refusal: Why there will be none, if so.
    """

    # A port that was just used may be used again; elsewhere that lets others steal it.
    allow_reuse_address = os.name != "nt"

    def __init__(self, port: int, path: str, sign_in: SignIn):
        """Listens; `take` hears.

        Raises:
            OSError: Somebody else listens there, or nobody may.
        """
        self.path, self.sign_in = path, sign_in
        self.code: str | None = None
        self.refusal: SoundCloudError | None = None
        super().__init__(("127.0.0.1", port), _Visit)

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: a browser may hang up as it likes."""

    def take(self) -> str | None:
        """Hears one visitor; returns the code, if that was it.

        Raises:
            SoundCloudError: The user, or SoundCloud, said no.
        """
        self.handle_request()
        if self.refusal is not None:
            raise self.refusal
        return self.code


@contextmanager
def listening(redirect: str, sign_in: SignIn) -> Iterator[Listener | None]:
    """Is what listens where the browser is sent, or None where that cannot be."""
    listener = _listener(redirect, sign_in)
    with listener or nullcontext():
        yield listener


def _listener(redirect: str, sign_in: SignIn) -> Listener | None:
    place = urlsplit(redirect)
    if place.scheme != "http" or place.hostname not in ("127.0.0.1", "localhost"):
        return None
    try:
        return Listener(place.port or 80, place.path or "/", sign_in)
    except (OSError, ValueError):
        return None


class _Visit(BaseHTTPRequestHandler):
    # Browsers open connections that they may never use.
    timeout = 2
    server: Listener

    def do_GET(self) -> None:
        if urlsplit(self.path).path != self.server.path:
            self._tell(404, "Nothing is here.")
            return
        try:
            self.server.code = self.server.sign_in.code(self.path)
        except ArgumentError:
            self._tell(400, "This is not the sign-in that is awaited.")
        except SoundCloudError as error:
            self.server.refusal = error
            self._tell(200, "SoundCloud refuses the sign-in. Look at the terminal.")
        else:
            self._tell(200, "Signed in. You can close this page.")

    def _tell(self, status: int, text: str) -> None:
        content = _PAGE.format(text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: what would be said holds the code."""
