"""Requests and their answers: over HTTP alone, patient where SoundCloud asks for it."""

import http.client
import json
import logging
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from jaxsoundart.errors import SoundCloudError
from jaxsoundart.soundcloud.pause import pause_s

JSON = "application/json; charset=utf-8"

_TIMEOUT_S = 60
_LONGEST_PAUSE_S = 300.0
_TRIES = 4
_REASON_CHARACTERS = 200

_log = logging.getLogger(__name__)


class RefusedError(SoundCloudError):
    """SoundCloud has answered, and says no.

    Attributes:
        status: The HTTP status.
    """

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        address: Where it came from, after all redirections.
        content: Its body.
    """

    address: str
    content: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object that it is.

        Raises:
            SoundCloudError: It is none.
        """
        try:
            document = json.loads(self.content)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise SoundCloudError(f"{host(self.address)} answers with no JSON object")
        return document


def host(address: str) -> str:
    """Returns scheme, host and port of an address."""
    place = urlsplit(address)
    return f"{place.scheme}://{place.netloc}"


def request(
    address: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    authorization: str | None = None,
    **headers: str,
) -> urllib.request.Request:
    """Returns a request.

    Args:
        address: Whom to ask.
        method: What to do.
        body: What is sent along.
        authorization: Who asks; told to this address alone, to none it redirects to.
        headers: The others; `content_type` is `Content-Type`.
    """
    named = {name.replace("_", "-"): said for name, said in headers.items()}
    named["User-Agent"] = "jaxsoundart"
    try:
        made = urllib.request.Request(address, body, named, method=method)
    except ValueError:
        raise SoundCloudError(f"SoundCloud names no address: {address!r}") from None
    if authorization is not None:
        made.add_unredirected_header("Authorization", authorization)
    return made


def ask(asked: urllib.request.Request) -> Answer:
    """Returns the answer; waits where SoundCloud has had too many requests.

    Raises:
        RefusedError: The answer is no, or the pause that is asked for is too long.
        SoundCloudError: There is no answer, or half of one.
    """
    for nth in range(_TRIES):
        try:
            with _opener().open(asked, timeout=_TIMEOUT_S) as answer:
                return Answer(answer.geturl(), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                said = _document(error)
                wait_s = pause_s(error.headers, said, nth)
            if error.code != 429:
                raise RefusedError(_refusal(error, said), error.code) from error
            if nth == _TRIES - 1 or wait_s > _LONGEST_PAUSE_S:
                raise RefusedError(
                    "SoundCloud has had too many requests; come again in "
                    f"{wait_s:.0f} s",
                    error.code,
                ) from error
            _log.warning("SoundCloud asks for a pause of %.0f s", wait_s)
            time.sleep(wait_s)
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise SoundCloudError(
                f"{host(asked.full_url)} cannot be asked: {reason}"
            ) from error
    raise AssertionError("the last try returns or raises")


def _opener() -> urllib.request.OpenerDirector:
    """Returns what knows HTTP and nothing else: no playlist names a file of ours."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def _document(error: urllib.error.HTTPError) -> Any:
    """Returns what a refusal says of itself; None if nothing."""
    try:
        return json.loads(error.read())
    except (OSError, ValueError, http.client.HTTPException):
        return None


def _refusal(error: urllib.error.HTTPError, said: Any) -> str:
    if error.code == 401:
        return "SoundCloud refuses the app's id and secret, or the sign-in has ended"
    reason = said.get("message") if isinstance(said, dict) else None
    reason = " ".join(str(reason or error.reason).split())[:_REASON_CHARACTERS]
    return f"{host(error.url or '')} answers {error.code}: {reason}"
