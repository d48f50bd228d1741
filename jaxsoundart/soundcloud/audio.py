"""The sound of one's own track: in a file for as long as it is listened to."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jaxsoundart.errors import SoundCloudError
from jaxsoundart.soundcloud import playlist
from jaxsoundart.soundcloud.session import SoundCloud
from jaxsoundart.soundcloud.track import Track

_STREAMS = ("hls_aac_160_url", "hls_aac_96_url", "hls_mp3_128_url")
"""The streams that hold a whole track, the best first."""


@contextmanager
def received(session: SoundCloud, track: Track) -> Iterator[Path]:
    """Is a file with a track's sound, of the bytes that came; it goes in the end.

    Args:
        session: Of the user whose track it is.
        track: One of `session.own_tracks()`.

    Raises:
        SoundCloudError: The track has no full stream, or it cannot be received.
    """
    with tempfile.TemporaryDirectory(prefix="jaxsoundart-") as folder:
        path = Path(folder) / re.sub(r"\W+", "-", track.urn, flags=re.ASCII)
        try:
            with path.open("xb") as file:
                for piece in _pieces(session, track):
                    file.write(piece)
        except OSError as error:
            raise SoundCloudError(
                f"its sound cannot be kept in {folder}: {error.strerror}"
            ) from error
        yield path


def _pieces(session: SoundCloud, track: Track) -> Iterator[bytes]:
    if track.access != "playable":
        raise SoundCloudError(f"it may not be played here: {track.access}")
    streams = session.streams(track)
    found = [streams[name] for name in _STREAMS if streams.get(name)]
    if not found:
        raise SoundCloudError("it has no full stream")
    answer = session.fetch(found[0])
    text = answer.content.decode(errors="replace")
    for address in playlist.pieces(text, answer.address):
        yield session.fetch(address).content
