"""How often each client may ask: a bucket of tokens that fills again with time."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_CLIENTS = 10_000
_MINUTE_S = 60.0


class Rate:
    """So many calls a minute from each client; as many may come at once."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic):
        """Begins with full buckets.

        Args:
            per_minute: Calls.
            clock: Returns seconds.
        """
        self._most = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """Counts a call; returns 0, or how long the client has to wait with it."""
        now_s = self._clock()
        name = network(client)
        left, seen_s = self._buckets.pop(name, (float(self._most), now_s))
        left = min(self._most, left + (now_s - seen_s) * self._most / _MINUTE_S)
        allowed = left >= 1.0
        self._buckets[name] = (left - 1.0 if allowed else left, now_s)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1.0 - left) * _MINUTE_S / self._most


def network(client: str) -> str:
    """Returns what stands for a client: its address, or what IPv6 gives to a home."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address.packed, 64), strict=False))
    return client
