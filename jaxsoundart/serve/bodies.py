"""The bodies of requests, read no further and no longer than a client is trusted."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from jaxsoundart.serve.limits import Limits
from jaxsoundart.serve.problems import Problem

_LEAST_BYTES_PER_S = 4096
_DRAINED_BYTES = 1 << 24
_DRAINED_S = 2.0


class Body:
    """What a client sends, piece by piece."""

    def __init__(self, request: Request, limits: Limits, *, most_bytes: int, what: str):
        """Refuses at once what says that it is too long.

        Args:
            request: Whose body it is.
            limits: How long a client may take.
            most_bytes: The longest that is read.
            what: What it is called in messages.

        Raises:
            Problem: The body says that it is longer.
        """
        self._pieces = request.stream().__aiter__()
        self._limits, self._most_bytes, self._what = limits, most_bytes, what
        self._got_bytes = 0
        said = request.headers.get("content-length", "")
        self._said_bytes = int(said) if said.isdecimal() and len(said) < 20 else 0

    def check(self) -> None:
        """Refuses a body that says itself that it is too long.

        Raises:
            Problem: It does.
        """
        if self._said_bytes > self._most_bytes:
            raise self._too_long()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yields the body.

        Raises:
            Problem: It is too long, or comes too slowly.
        """
        limits, begun_s = self._limits, time.monotonic()
        while True:
            left_s = begun_s + limits.upload_s - time.monotonic()
            try:
                async with asyncio.timeout(min(limits.idle_s, max(left_s, 0.0))):
                    piece = await anext(self._pieces)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise self._too_slow() from None
            self._got_bytes += len(piece)
            taken_s = time.monotonic() - begun_s
            if self._got_bytes < _LEAST_BYTES_PER_S * (taken_s - limits.idle_s):
                raise self._too_slow()
            if self._got_bytes > self._most_bytes:
                raise self._too_long()
            yield piece

    async def whole(self) -> bytes:
        """Returns the body.

        Raises:
            Problem: It is too long, or comes too slowly.
        """
        self.check()
        return b"".join([piece async for piece in self.pieces()])

    def _too_slow(self) -> Problem:
        limits = self._limits
        return Problem(
            408,
            f"the {self._what} came too slowly; send it within {limits.upload_s:g} s, "
            f"and without pauses of {limits.idle_s:g} s",
            {"Connection": "close"},
        )

    def _too_long(self) -> Problem:
        return Problem(
            413,
            f"the {self._what} is longer than {self._most_bytes} bytes, which is the "
            "most that is taken; send less",
        )


async def drain(request: Request) -> None:
    """Reads on for a moment, so that a client that still sends hears why not."""
    drained = 0
    # A stream that was read to its end says so by an error.
    with contextlib.suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(_DRAINED_S):
            async for piece in request.stream():
                drained += len(piece)
                if drained > _DRAINED_BYTES:
                    return
