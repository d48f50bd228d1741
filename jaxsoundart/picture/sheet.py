"""The contact sheet: all pictures of one song on one page."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from jaxsoundart.arrays import Image
from jaxsoundart.errors import PictureError
from jaxsoundart.picture import png

# Near black: lets colours glow, and shows where a black picture ends.
_PAPER = 24


def contact_sheet(
    images: Sequence[Image], *, columns: int | None = None, gap_px: int = 8
) -> UInt8[np.ndarray, "page_height page_width 3"]:
    """Returns the pictures row by row on one page, without lettering.

    Args:
        images: At least one, all of one size.
        columns: Pictures in a row; by default as many as make the page squarish.
        gap_px: Space around and between the pictures.

    Raises:
        PictureError: There is no picture, or their sizes differ.
    """
    sizes = sorted({image.shape[:2] for image in images})
    if not sizes:
        raise PictureError("a contact sheet needs at least one picture, got none")
    if len(sizes) > 1:
        shown = ", ".join(f"{width}×{height}" for height, width in sizes)
        raise PictureError(f"a contact sheet needs pictures of one size, got {shown}")
    columns = min(columns or math.ceil(math.sqrt(len(images))), len(images))
    rows = math.ceil(len(images) / columns)
    height, width = sizes[0]
    page = np.full(
        (gap_px + rows * (height + gap_px), gap_px + columns * (width + gap_px), 3),
        _PAPER,
        np.uint8,
    )
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        top, left = gap_px + row * (height + gap_px), gap_px + column * (width + gap_px)
        page[top : top + height, left : left + width] = image
    return page


def write_sheet(
    path: str | Path,
    images: Sequence[Image],
    *,
    columns: int | None = None,
    gap_px: int = 8,
) -> None:
    """Writes the contact sheet as PNG; each picture's record stays with the picture.

    Raises:
        PictureError: As `contact_sheet`, or the file cannot be written.
    """
    png.write_plain(path, contact_sheet(images, columns=columns, gap_px=gap_px))
