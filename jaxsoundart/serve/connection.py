"""One connection: HTTP/1.1, as uvicorn speaks it, that waits for nobody for ever."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_S = 10.0
"""How long a client may take from connecting, or from its last answer, to the end of
its request's headers."""

WRITES_S = 60.0
"""How long a client may leave an answer unread."""


class Connection(H11Protocol):
    """Hangs up when headers do not come in time, or an answer is not read."""

    _timer: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Somebody calls."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody has gone."""
        self._stop()
        self._is_read()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client leaves much unread."""
        super().pause_writing()
        self._unread = self.loop.call_later(WRITES_S, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads again."""
        self._is_read()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Something comes; the clock runs until it is a whole request."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            if self._timer is None and not self.transport.is_closing():
                self._wait()
        else:
            self._stop()

    def _is_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEADERS_S, self._hang_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hang_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing() and self.conn.their_state is h11.IDLE:
            self.transport.close()
