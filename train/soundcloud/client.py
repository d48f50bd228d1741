"""SoundCloud's public API, as far as labels and one's own tracks need it.

Source: SoundCloud's OpenAPI description (github.com/soundcloud/api, openapi/api.yaml).
"""

import base64
import hashlib
import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from train.soundcloud.tokens import SoundCloudError, Token, TokenFile

API = "https://api.soundcloud.com"
AUTH = "https://secure.soundcloud.com"

PAGE = 200
_TIMEOUT_S = 30
_LONGEST_WAIT_S = 300.0
_TRIES = 3

FREE_LICENCES = ("no-rights-reserved", "cc-by", "cc-by-sa")
"""Licences that allow use, changed or not, for any purpose; others are left alone."""

Track = Mapping[str, Any]


@dataclass(frozen=True)
class App:
    """An app that is registered with SoundCloud.

    Attributes:
        id: Its client id.
        secret: Its client secret.
        redirect: Where a user is sent who has signed in.
    """

    id: str
    secret: str
    redirect: str = ""


class SoundCloud:
    """A session with SoundCloud."""

    def __init__(
        self, app: App, tokens: TokenFile, *, api: str = API, auth: str = AUTH
    ):
        """Asks nothing yet.

        Args:
            app: Who asks.
            tokens: Where tokens are kept.
            api: Where the API is.
            auth: Where tokens come from.
        """
        self._app = app
        self._tokens = tokens
        self._api = api
        self._auth = auth

    def tracks(self, **wanted: str) -> Iterator[Track]:
        """Yields the tracks that a search finds, page by page.

        Args:
            wanted: Parameters of `GET /tracks`: q, genres, tags, access, …

        Raises:
            SoundCloudError: SoundCloud refuses or cannot be reached.
        """
        yield from self._pages("/tracks", wanted)

    def own_tracks(self) -> Iterator[Track]:
        """Yields the tracks of the user who signed in.

        Raises:
            SoundCloudError: As `tracks`, or nobody has signed in.
        """
        if not self._tokens.current(self._renewed).user:
            raise SoundCloudError("nobody has signed in; run `login` first")
        yield from self._pages("/me/tracks", {})

    def stream(self, track: Track, *, own: bool) -> tuple[str, dict[str, str]]:
        """Returns where a track's sound is, and the headers to ask for it with.

        Args:
            track: As SoundCloud describes it.
            own: Whether it is the signed-in user's.

        Raises:
            SoundCloudError: It may not be used, or has no full stream.
        """
        name = track.get("title") or track.get("urn")
        if not own and track.get("license") not in FREE_LICENCES:
            raise SoundCloudError(
                f"{name!r} has the licence {track.get('license')!r}; only your own "
                f"tracks and {', '.join(FREE_LICENCES)} are listened to"
            )
        if track.get("access", "playable") != "playable":
            raise SoundCloudError(f"{name!r} may not be played here")
        streams = self._get(f"/tracks/{urllib.parse.quote(track['urn'])}/streams")
        url = streams.get("hls_aac_160_url") or streams.get("hls_aac_96_url")
        if not url:
            raise SoundCloudError(f"{name!r} has no full stream")
        return url, self._headers()

    def sign_in_address(self, verifier: str, state: str) -> str:
        """Returns the page where a user signs in (authorization code with PKCE)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asked = {
            "client_id": self._app.id,
            "redirect_uri": self._app.redirect,
            "response_type": "code",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": state,
        }
        return f"{self._auth}/authorize?{urllib.parse.urlencode(asked)}"

    def sign_in(self, code: str, verifier: str) -> None:
        """Takes the code that the page gave, and keeps the user's token.

        Raises:
            SoundCloudError: The code is refused.
        """
        self._tokens.keep(
            self._token(
                {
                    "grant_type": "authorization_code",
                    "code": code,
                    "redirect_uri": self._app.redirect,
                    "code_verifier": verifier,
                },
                user=True,
            )
        )

    def _renewed(self, last: Token | None) -> Token:
        """Returns a new token: of the last one's refresh token, else for the app."""
        if last is not None and last.refresh:
            given = {"grant_type": "refresh_token", "refresh_token": last.refresh}
            return self._token(given, user=last.user)
        return self._token({"grant_type": "client_credentials"}, user=False)

    def _token(self, given: dict[str, str], *, user: bool) -> Token:
        pair = f"{self._app.id}:{self._app.secret}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        body = urllib.parse.urlencode(given).encode()
        answer = _ask(f"{self._auth}/oauth/token", headers, body)
        return Token.read(answer, user=user)

    def _headers(self) -> dict[str, str]:
        token = self._tokens.current(self._renewed)
        return {
            "Authorization": f"OAuth {token.access}",
            "Accept": "application/json; charset=utf-8",
        }

    def _get(self, path: str, **wanted: str) -> dict[str, Any]:
        asked = f"?{urllib.parse.urlencode(wanted)}" if wanted else ""
        return _ask(f"{self._api}{path}{asked}", self._headers())

    def _pages(self, path: str, wanted: Mapping[str, str]) -> Iterator[Track]:
        page = self._get(path, **wanted, limit=str(PAGE), linked_partitioning="true")
        while True:
            yield from page.get("collection", ())
            following = page.get("next_href")
            if not following:
                return
            # The token goes along: never to another host.
            if _host(following) != _host(self._api):
                raise SoundCloudError(
                    f"SoundCloud's next page is on {_host(following)}"
                )
            page = _ask(following, self._headers())


def new_verifier() -> str:
    """Returns a secret for one sign-in (RFC 7636)."""
    return secrets.token_urlsafe(48)


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).netloc


def _ask(
    address: str, headers: Mapping[str, str], body: bytes | None = None
) -> dict[str, Any]:
    """Returns a JSON answer; waits where SoundCloud says when to come again."""
    request = urllib.request.Request(address, data=body, headers=dict(headers))
    for left in reversed(range(_TRIES)):
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            wait_s = _wait_s(error) if error.code == 429 else None
            if not left or wait_s is None or wait_s > _LONGEST_WAIT_S:
                raise SoundCloudError(_told(error, wait_s)) from error
            time.sleep(wait_s)
        except (OSError, ValueError) as error:
            raise SoundCloudError(
                f"{_host(address)} cannot be asked: {error}"
            ) from error
    raise AssertionError("the last try returns or raises")


def _wait_s(error: urllib.error.HTTPError) -> float:
    """Returns how long SoundCloud wants us to wait."""
    try:
        return max(0.0, float(error.headers.get("Retry-After") or 1.0))
    except ValueError:
        return 1.0


def _told(error: urllib.error.HTTPError, wait_s: float | None) -> str:
    if wait_s is not None:
        return f"SoundCloud has had too many requests; come again in {wait_s:.0f} s"
    if error.code == 401:
        return "SoundCloud refuses the app's id and secret, or the sign-in has ended"
    return f"SoundCloud answers {error.code} {error.reason}"
