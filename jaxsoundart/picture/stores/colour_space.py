"""The sRGB profile that is put into files, and what a file's own profile is."""

import functools
import io

from PIL import ImageCms

# Where an ICC header holds the time it was made and the digest over that: with these
# at zero, equal pictures are equal files. Source: ICC.1:2022, 7.2.
_MADE = slice(24, 36)
_DIGEST = slice(84, 100)


@functools.cache
def srgb_profile() -> bytes:
    """Returns an ICC profile of sRGB, always the same bytes."""
    profile = bytearray(
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    for part in (_MADE, _DIGEST):
        profile[part] = bytes(part.stop - part.start)
    return bytes(profile)


def name_of(profile: bytes) -> str:
    """Returns what an ICC profile calls itself; "damaged" where it is none."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.getProfileDescription(opened).strip()
    except (OSError, ImageCms.PyCMSError):
        return "damaged"


def is_srgb(profile: bytes) -> bool:
    """Returns whether an ICC profile says that colours are sRGB."""
    return "srgb" in name_of(profile).lower().replace(" ", "")
