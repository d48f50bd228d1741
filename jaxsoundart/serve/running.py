"""Runs the application until it is told to stop, and then stops tidily."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

import uvicorn
from fastapi import FastAPI

from jaxsoundart.errors import ArgumentError
from jaxsoundart.serve.app import application
from jaxsoundart.serve.connection import Connection
from jaxsoundart.serve.desk import Desk
from jaxsoundart.serve.guard import Access

_LAST_PORT = 65_535
_GRACE_S = 5
_KEEP_ALIVE_S = 10


class Server(uvicorn.Server):
    """Uvicorn that ends streams when it stops, and leaves no signal behind."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], None]):
        """Makes a server.

        Args:
            config: What it serves.
            hang_up: Ends what would else go on for ever.
        """
        super().__init__(config)
        self._hang_up = hang_up

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stops; at once if it is told so twice."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no more calls, and ends when those under way are answered."""
        self._hang_up()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Makes SIGINT and SIGTERM stop the server, and nothing else."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listening(host: str, port: int) -> socket.socket:
    """Returns a socket that is called at `host` and `port`; 0 takes any free port.

    Raises:
        ArgumentError: It cannot be had.
    """
    if not 0 <= port <= _LAST_PORT:
        raise ArgumentError(f"port {port} is none; use 0 to {_LAST_PORT}")
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        called = socket.socket(family, kind, proto)
    except (OSError, UnicodeError) as error:
        raise ArgumentError(f"cannot listen at {host!r}: {error}") from None
    try:
        if os.name == "posix":
            called.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        called.bind(address)
        called.listen(256)
    except OSError as error:
        called.close()
        reason = error.strerror
        raise ArgumentError(
            f"cannot listen at {host} port {port}: {reason}; use another --port"
        ) from None
    return called


def address(called: socket.socket) -> str:
    """Returns where a socket's server is found."""
    host, port, *_ = called.getsockname()
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def server(
    desk: Desk,
    access: Access,
    *,
    proxies: Sequence[str] = (),
    app: FastAPI | None = None,
) -> Server:
    """Returns a server for a desk.

    Args:
        desk: Opened and closed by the server.
        access: Who may ask.
        proxies: Addresses that are believed when they say who asks.
        app: The application, if it is made already.
    """
    config = uvicorn.Config(
        app or application(desk, access),
        http=Connection,
        ws="none",
        loop="asyncio",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies) or None,
        limit_concurrency=desk.limits.connections,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=1 << 15,
    )
    return Server(config, desk.hang_up)


def run(server: Server, called: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM."""
    asyncio.run(server.serve([called]))
