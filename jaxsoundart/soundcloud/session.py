"""A session with SoundCloud's public API: tracks, their streams, their artwork."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from jaxsoundart.errors import SoundCloudError
from jaxsoundart.soundcloud import multipart, transport
from jaxsoundart.soundcloud.app import App
from jaxsoundart.soundcloud.authorization import Authorization
from jaxsoundart.soundcloud.tokens import Token, TokenFile
from jaxsoundart.soundcloud.track import Track
from jaxsoundart.soundcloud.transport import Answer, RefusedError, host

API = "https://api.soundcloud.com"
AUTH = "https://secure.soundcloud.com"

_PAGE = 200


class SoundCloud:
    """A session with SoundCloud.

    Attributes:
        app: Who asks.
        authorization: What lets it ask.
    """

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
        self.app = app
        self.authorization = Authorization(app, tokens, auth)
        self._api = api

    def tracks(self, **wanted: str) -> Iterator[Track]:
        """Yields the tracks that a search finds, page by page.

        Args:
            wanted: Parameters of `GET /tracks`: q, genres, tags, access, …

        Raises:
            SoundCloudError: SoundCloud refuses or cannot be reached.
        """
        yield from self._pages("/tracks", wanted)

    def own_tracks(self) -> Iterator[Track]:
        """Yields the tracks of the user who signed in, the newest first.

        Raises:
            SoundCloudError: As `tracks`, or nobody has signed in.
        """
        self.authorization.user_token()
        yield from self._pages("/me/tracks", {})

    def track(self, urn: str) -> Track:
        """Returns a track as it is now.

        Raises:
            SoundCloudError: There is none of this URN, or as `tracks`.
        """
        return Track.read(self._ask(self._place(urn)).document)

    def streams(self, track: Track) -> Mapping[str, Any]:
        """Returns the addresses at which a track can be heard, by their names.

        Raises:
            SoundCloudError: As `tracks`.
        """
        return self._ask(f"{self._place(track.urn)}/streams").document

    def fetch(self, address: str) -> Answer:
        """Returns what lies at an address; the API alone is told who asks.

        Raises:
            SoundCloudError: As `tracks`.
        """
        if host(address) == host(self._api):
            return self._ask(address)
        return transport.ask(transport.request(address))

    def put_artwork(self, track: Track, jpeg: bytes) -> Track:
        """Gives a track its picture, in place of any it has; returns the track then.

        Raises:
            SoundCloudError: As `tracks`, or the account's plan has no artwork.
        """
        body, kind = multipart.form(
            "track[artwork_data]", "artwork.jpg", jpeg, "image/jpeg"
        )
        answer = self._ask(
            self._place(track.urn), method="PUT", body=body, content_type=kind
        )
        return Track.read(answer.document)

    def _place(self, urn: str) -> str:
        return f"{self._api}/tracks/{quote(urn, safe=':')}"

    def _pages(self, path: str, wanted: Mapping[str, str]) -> Iterator[Track]:
        asked = {**wanted, "limit": str(_PAGE), "linked_partitioning": "true"}
        following = f"{self._api}{path}?{urlencode(asked)}"
        while following:
            # The token goes along: never to another host.
            if host(following) != host(self._api):
                raise SoundCloudError(f"SoundCloud's next page is on {host(following)}")
            page = self._ask(following).document
            yield from map(Track.read, page.get("collection") or ())
            following = page.get("next_href")

    def _ask(self, address: str, **more: Any) -> Answer:
        """Returns an answer of the API; a token that is refused is renewed once."""
        token = self.authorization.token()
        try:
            return _ask_as(token, address, **more)
        except RefusedError as error:
            if error.status != 401:
                raise
            return _ask_as(self.authorization.renewed(token), address, **more)


def _ask_as(token: Token, address: str, **more: Any) -> Answer:
    return transport.ask(
        transport.request(
            address,
            authorization=f"OAuth {token.access}",
            accept=transport.JSON,
            **more,
        )
    )
