"""What is told of jobs while they are on their way, to whoever listens.

Events are told by any thread and awaited on the loops of those who listen. Of a job the
last few are kept, so that a broken connection can go on from where it was; when it is
over, none are.
"""

import asyncio
import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

_KEPT = 32
_STILL_HERE_S = 15.0
STILL_HERE = ": still here\n\n"


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        id: Higher than that of any before.
        name: What kind it is.
        data: JSON in one line.
    """

    id: int
    name: str
    data: str

    def text(self) -> str:
        """Returns the event as it is sent."""
        return f"id: {self.id}\nevent: {self.name}\ndata: {self.data}\n\n"


class _Channel:
    """What is told of one job."""

    def __init__(self):
        self.events: deque[Event] = deque(maxlen=_KEPT)
        self.ears: set[Callable[[], None]] = set()
        self.is_worked_on = False
        self.is_over = False

    @property
    def is_idle(self) -> bool:
        return not self.ears and not self.is_worked_on


class Board:
    """The channels of all jobs that are worked on or listened to."""

    def __init__(self):
        """Begins with no channel."""
        self._lock = threading.Lock()
        self._channels: dict[str, _Channel] = {}
        # Ids go on counting up after a restart.
        self._ids = itertools.count(int(time.time() * 1000))
        self._is_closed = False

    def tell(
        self, job: str, name: str, data: str, *, is_worked_on: bool, is_over: bool
    ) -> None:
        """Tells that something happened.

        Args:
            job: The job's id.
            name: What kind of event it is.
            data: JSON in one line.
            is_worked_on: Whether more will happen by itself.
            is_over: Whether nothing will happen any more.
        """
        with self._lock:
            channel = self._channels.setdefault(job, _Channel())
            if channel.is_over and name != "state":
                return  # as of a picture whose job was cancelled meanwhile
            channel.events.append(Event(next(self._ids), name, data))
            channel.is_worked_on, channel.is_over = is_worked_on, is_over
            if channel.is_idle:
                del self._channels[job]
            ears = tuple(channel.ears)
        for hear in ears:
            hear()

    def has_listeners(self, job: str) -> bool:
        """Returns whether anybody listens."""
        with self._lock:
            channel = self._channels.get(job)
            return channel is not None and bool(channel.ears)

    def close(self) -> None:
        """Ends all streams, now and from now on."""
        with self._lock:
            self._is_closed = True
            ears = [ear for c in self._channels.values() for ear in c.ears]
        for hear in ears:
            hear()

    async def stream(
        self, job: str, after: int | None, snapshot: Callable[[], tuple[str, bool]]
    ) -> AsyncIterator[str]:
        """Yields what happens to a job, as it is sent.

        Args:
            job: Its id.
            after: The last event that was heard, if any.
            snapshot: Returns the job as it is, and whether it is over; run in another
                thread.
        """
        with self._listening(job) as (channel, heard):
            # Counted before the job is looked at: nothing between is lost.
            now = next(self._ids)
            with self._lock:
                first = channel.events[0].id if channel.events else now
            if after is None or not first <= after <= now:
                data, is_over = await asyncio.to_thread(snapshot)
                yield Event(now, "state", data).text()
                if is_over:
                    return
                after = now
            while True:
                heard.clear()
                with self._lock:
                    fresh = [event for event in channel.events if event.id > after]
                    is_over = channel.is_over
                for event in fresh:
                    yield event.text()
                    after = event.id
                if is_over or self._is_closed:
                    return
                try:
                    await asyncio.wait_for(heard.wait(), _STILL_HERE_S)
                except TimeoutError:
                    yield STILL_HERE

    @contextlib.contextmanager
    def _listening(self, job: str) -> Iterator[tuple[_Channel, asyncio.Event]]:
        """Is the time during which somebody listens to a channel."""
        loop, heard = asyncio.get_running_loop(), asyncio.Event()

        def hear() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may be closed
                loop.call_soon_threadsafe(heard.set)

        with self._lock:
            channel = self._channels.setdefault(job, _Channel())
            channel.ears.add(hear)
        try:
            yield channel, heard
        finally:
            with self._lock:
                channel.ears.discard(hear)
                if channel.is_idle and self._channels.get(job) is channel:
                    del self._channels[job]
