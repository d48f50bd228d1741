"""What goes wrong, told to programs: RFC 9457, one sentence for people inside."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
_MOST_CHARACTERS = 600


class Problem(Exception):  # noqa: N818 - the name is the standard's
    """An answer that is not what was asked for.

    Attributes:
        status: The HTTP status.
        detail: One sentence: what came, what is wanted, what to do.
        headers: Further headers.
    """

    def __init__(
        self, status: int, detail: str, headers: Mapping[str, str] | None = None
    ):
        """Makes the detail fit to be sent, whatever a client put into it."""
        super().__init__(status, detail)
        self.status = status
        self.detail = one_line(detail)
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Returns the answer."""
        return Response(
            json.dumps(self.content()),
            status_code=self.status,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )

    def content(self) -> dict[str, Any]:
        """Returns what the answer says."""
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }


def later(status: int, detail: str, wait_s: float) -> Problem:
    """Returns the problem that passes after a while."""
    seconds = max(1, -int(-wait_s // 1))
    return Problem(status, detail, {"Retry-After": str(seconds)})


def one_line(text: str) -> str:
    """Returns a text without what breaks lines or is no letter, not too long."""
    seen = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    if len(seen) > _MOST_CHARACTERS:
        seen = seen[: _MOST_CHARACTERS - 1] + "…"
    return seen
