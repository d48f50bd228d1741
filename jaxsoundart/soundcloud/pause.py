"""How long SoundCloud wants to be left alone."""

import time
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

_RESET = "%Y/%m/%d %H:%M:%S %z"


def pause_s(headers: Message, said: Any, nth: int) -> float:
    """Returns the seconds to wait after a refusal of status 429.

    Args:
        headers: Its own: `Retry-After` is in seconds, or a date.
        said: Its body: the API names a `reset_time` where it counts requests.
        nth: How many refusals came before; without a word the pause doubles.
    """
    for wait_s in (_retry_after(headers.get("Retry-After")), _reset(said)):
        if wait_s is not None:
            return max(0.0, wait_s)
    return 2.0**nth


def _retry_after(said: str | None) -> float | None:
    if said is None:
        return None
    if said.strip().isdecimal():
        return float(said)
    try:
        return parsedate_to_datetime(said).timestamp() - time.time()
    except ValueError:
        return None


def _reset(said: Any) -> float | None:
    try:
        until = said["errors"][0]["meta"]["reset_time"]
        return datetime.strptime(until, _RESET).timestamp() - time.time()
    except (LookupError, TypeError, ValueError):
        return None
