"""What a stream is made of: the pieces that its playlist names.

Source: RFC 8216 (HLS), of which it reads media playlists with whole pieces.
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from jaxsoundart.errors import SoundCloudError

_MAP = re.compile(r'#EXT-X-MAP:(?:.*,)?URI="([^"]*)"')
_FOREIGN = ("#EXT-X-STREAM-INF", "#EXT-X-BYTERANGE", "BYTERANGE=")


def pieces(text: str, address: str) -> Iterator[str]:
    """Yields the addresses of all pieces, in order; joined, they are one sound file.

    Args:
        text: The playlist.
        address: Where it was found: its own addresses may be relative.

    Raises:
        SoundCloudError: It is no playlist, is encrypted, or goes on.
    """
    lines = [line.strip() for line in text.splitlines()]
    if lines[:1] != ["#EXTM3U"] or any(mark in text for mark in _FOREIGN):
        raise SoundCloudError("its stream is of a kind that is not understood")
    if any(
        line.startswith("#EXT-X-KEY:") and "METHOD=NONE" not in line for line in lines
    ):
        raise SoundCloudError("its stream is encrypted")
    if "#EXT-X-ENDLIST" not in lines:
        raise SoundCloudError("its stream has no end")
    for line in lines:
        if found := _MAP.match(line):
            yield urljoin(address, found[1])
        elif line and not line.startswith("#"):
            yield urljoin(address, line)
