"""What every call passes before anything is done: who asks, from where, how often.

Every answer leaves with headers that let browsers do no more with it than is meant.
"""

import hmac
import ipaddress
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jaxsoundart.errors import ArgumentError
from jaxsoundart.serve.problems import Problem, later
from jaxsoundart.serve.rates import Rate

LEAST_TOKEN = 16

_CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may ask.

    Attributes:
        token: What calls of the interface must carry; None where anybody may ask.
        names: The names under which the server is called; none for any. Without this a
            foreign page could call a server on this machine by a name of its own.

    Raises:
        ArgumentError: The token is too short, or no header can carry it.
    """

    token: str | None = field(default=None, repr=False)
    names: Collection[str] = _LOCAL

    def __post_init__(self):
        token = self.token
        if token is None:
            return
        if not token.isascii() or not token.isprintable() or " " in token:
            raise ArgumentError(
                "the token has spaces or letters beyond ASCII; use none"
            )
        if len(token) < LEAST_TOKEN:
            raise ArgumentError(
                f"the token has {len(token)} letters; use at least {LEAST_TOKEN}"
            )


def names_for(host: str, others: Collection[str]) -> tuple[str, ...]:
    """Returns under which names a server is called that listens at `host`.

    Args:
        host: An address or a name.
        others: Further names, as of a proxy before it.
    """
    if is_local(host):
        return (*_LOCAL, host, *others)
    return (*_LOCAL, host, *others) if others else ()


def is_local(host: str) -> bool:
    """Returns whether only this machine reaches a server that listens at `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """An application behind all checks."""

    def __init__(self, app: ASGIApp, *, access: Access, calls: Rate):
        """Guards `app`.

        Args:
            app: What is behind.
            access: Who may ask.
            calls: How often.
        """
        self._app, self._access, self._calls = app, access, calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a call, or lets it through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            self._check(scope)
        except Problem as problem:
            await problem.response()(scope, receive, dressed)
            return
        await self._app(scope, receive, dressed)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self._check_name(headers)
        is_api = scope["path"].startswith("/api/")
        if is_api:
            self._check_origin(headers)
        if scope["path"] != "/healthz":
            client = scope["client"][0] if scope.get("client") else ""
            if wait_s := self._calls.wait_s(client):
                raise later(
                    429, "you ask too often; wait as long as Retry-After says", wait_s
                )
        if is_api:
            self._check_token(headers)

    def _check_name(self, headers: Headers) -> None:
        names = self._access.names
        if names and _host(headers.get("host", "")) not in names:
            raise Problem(
                421,
                "this server is not called by that name; call it by its address, or "
                "start it with --name",
            )

    def _check_origin(self, headers: Headers) -> None:
        """Refuses what other pages have a browser send."""
        foreign = headers.get("sec-fetch-site", "") in ("cross-site", "same-site")
        origin = headers.get("origin")
        if origin is not None:
            foreign |= _place(origin) != headers.get("host", "").lower()
        if foreign:
            raise Problem(403, "another site's page asks; open the page of this server")

    def _check_token(self, headers: Headers) -> None:
        token = self._access.token
        if token is None:
            return
        scheme, _, given = headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not same:
            raise Problem(
                401,
                "the token is missing or wrong; send it as Authorization: Bearer TOKEN",
                {"WWW-Authenticate": "Bearer"},
            )


def _place(origin: str) -> str:
    """Returns host and port of a page."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _host(header: str) -> str:
    """Returns a host's name without its port."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
