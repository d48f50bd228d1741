"""Pixels as the bytes of a file that is no larger than a store takes."""

import io

import numpy as np
import PIL.Image

from jaxsoundart.arrays import Image
from jaxsoundart.errors import PictureError
from jaxsoundart.picture import png
from jaxsoundart.picture.stores.colour_space import srgb_profile

SUFFIXES = {"JPEG": ".jpg", "PNG": ".png"}

_LEAST_QUALITY, _MOST_QUALITY = 40, 95
# Bits of every level that a PNG may give up to become small enough: nobody sees two.
_SPARE_BITS = (0, 1, 2)


def encode(image: Image, kind: str, *, most_bytes: int, xmp: bytes) -> bytes:
    """Returns a file of the best quality that is small enough.

    Args:
        image: Pixels.
        kind: "JPEG" or "PNG".
        most_bytes: The largest size.
        xmp: The packet of metadata that goes into it; none if empty.

    Raises:
        PictureError: It cannot be made so small.
    """
    if kind == "JPEG":
        return _jpeg(image, most_bytes, xmp)
    for bits in _SPARE_BITS:
        content = png.encode(_rounded(image, bits), xmp=xmp, profile=srgb_profile())
        if len(content) <= most_bytes:
            return content
    raise _too_large(image, kind, most_bytes)


def _jpeg(image: Image, most_bytes: int, xmp: bytes) -> bytes:
    """Returns the baseline JPEG of the highest quality that is small enough."""
    picture, best = PIL.Image.fromarray(image), None
    low, high = _LEAST_QUALITY, _MOST_QUALITY
    while low <= high:
        quality = (low + high + 1) // 2
        file = io.BytesIO()
        picture.save(
            file,
            format="JPEG",
            quality=quality,
            # Colours at the full size: edges of lettering do not fray.
            subsampling="4:4:4",
            optimize=True,
            icc_profile=srgb_profile(),
            dpi=(300, 300),
            xmp=xmp,
        )
        if file.tell() <= most_bytes:
            best, low = file.getvalue(), quality + 1
        else:
            high = quality - 1
    if best is None:
        raise _too_large(image, "JPEG", most_bytes)
    return best


def _rounded(image: Image, bits: int) -> Image:
    """Returns the levels without their lowest bits, black and white where they were."""
    if not bits:
        return image
    levels = (1 << (8 - bits)) - 1
    table = np.round(np.round(np.arange(256) * levels / 255) * 255 / levels)
    return table.astype(np.uint8)[image]


def _too_large(image: Image, kind: str, most_bytes: int) -> PictureError:
    height, width = image.shape[:2]
    return PictureError(
        f"no {kind} of {width} × {height} px and at most {most_bytes} bytes shows this "
        "picture well; it is too restless for this store"
    )
