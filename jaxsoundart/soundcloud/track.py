"""A track, as SoundCloud describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jaxsoundart.errors import SoundCloudError


@dataclass(frozen=True, kw_only=True)
class Track:
    """A track.

    Attributes:
        urn: Its name in the API, such as "soundcloud:tracks:308946187".
        title: Its title.
        artist: Who it is by, as the uploader says, else the uploader.
        page: Its address for people; empty if it has none.
        has_artwork: Whether it has a picture of its own.
        access: "playable", "preview" or "blocked", for who asks.
        said: All that SoundCloud says of it.
    """

    urn: str
    title: str
    artist: str
    page: str
    has_artwork: bool
    access: str
    said: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, said: Any) -> "Track":
        """Returns the track that an answer describes.

        Raises:
            SoundCloudError: The answer describes none.
        """
        if not isinstance(said, dict) or not isinstance(said.get("urn"), str):
            raise SoundCloudError("SoundCloud describes a track without a URN")
        user = said.get("user")
        uploader = user.get("username") if isinstance(user, dict) else None
        return cls(
            urn=said["urn"],
            title=str(said.get("title") or said["urn"]),
            artist=str(said.get("metadata_artist") or uploader or ""),
            page=str(said.get("permalink_url") or ""),
            has_artwork=bool(said.get("artwork_url")),
            access=str(said.get("access") or "playable"),
            said=said,
        )
