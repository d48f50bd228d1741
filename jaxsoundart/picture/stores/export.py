"""The files of a cover that leave the house: for stores, with lettering, or both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaxsoundart.arrays import Image
from jaxsoundart.picture import png
from jaxsoundart.picture.lettering.lettering import Lettering, letter
from jaxsoundart.picture.record import Record
from jaxsoundart.picture.stores.colour_space import srgb_profile
from jaxsoundart.picture.stores.encoding import SUFFIXES, encode
from jaxsoundart.picture.stores.fitting import fitted
from jaxsoundart.picture.stores.metadata import xmp
from jaxsoundart.picture.stores.store import named

TITLED = "titled"
# Players read tags into memory, some of them small.
_TAG_BYTES = 500_000


@dataclass(frozen=True, kw_only=True)
class Export:
    """What is made of a painting.

    Attributes:
        stores: Names of the stores that files are made for.
        lettering: The words on further files; none are made without.

    Raises:
        ArgumentError: A store is unknown.
    """

    stores: Sequence[str] = ()
    lettering: Lettering | None = None

    def __post_init__(self):
        for store in self.stores:
            named(store)

    def files(
        self, base: Path, image: Image, record: Record | None = None
    ) -> dict[Path, bytes]:
        """Returns what the files are called and what is in them.

        Args:
            base: A path without an ending: `covers/song-1` gives
                `covers/song-1-spotify.jpg`, and with lettering
                `covers/song-1-spotify-titled.jpg`, too. With lettering for no store it
                gives `covers/song-1-titled.png`.
            image: The painting.
            record: What the picture remembers; files say that they were generated.

        Raises:
            ArgumentError: The words cannot be set.
            PictureError: No file is both good and small enough for a store.
        """
        packet = b"" if record is None else xmp(record)
        made: dict[Path, bytes] = {}
        for name in self.stores:
            store = named(name)
            for version, pixels in self._versions(fitted(image, store)):
                for kind in store.made:
                    place = "-".join((base.name, name, *version)) + SUFFIXES[kind]
                    made[base.with_name(place)] = encode(
                        pixels, kind, most_bytes=store.most_bytes[kind], xmp=packet
                    )
        if self.lettering is not None and not self.stores:
            lettered = letter(image, self.lettering).image
            content = png.encode(lettered, xmp=packet, profile=srgb_profile())
            made[base.with_name(f"{base.name}-{TITLED}.png")] = content
        return made

    def for_tags(self, image: Image, record: Record) -> bytes:
        """Returns the JPEG that goes into a sound file, lettered if anything is."""
        if self.lettering is not None:
            image = letter(image, self.lettering).image
        return encode(image, "JPEG", most_bytes=_TAG_BYTES, xmp=xmp(record))

    def _versions(self, plain: Image) -> Iterator[tuple[tuple[str, ...], Image]]:
        yield (), plain
        if self.lettering is not None:
            yield (TITLED,), letter(plain, self.lettering).image
