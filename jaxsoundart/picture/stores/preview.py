"""How small a cover is where people meet it: in lists, on light and on dark."""

import numpy as np
import PIL.Image
from jaxtyping import UInt8

from jaxsoundart.arrays import Image

# Sides of pictures in lists, in search results, and beside what is playing.
SIDES_PX = (64, 160, 300)
_GAP_PX = 16
_PAPERS = (18, 250)


def preview(image: Image) -> UInt8[np.ndarray, "page_height page_width 3"]:
    """Returns a page with the picture at the sizes at which lists show it."""
    picture = PIL.Image.fromarray(image)
    width = _GAP_PX + sum(side + _GAP_PX for side in SIDES_PX)
    band = _GAP_PX + max(SIDES_PX) + _GAP_PX
    page = PIL.Image.new("RGB", (width, band * len(_PAPERS)))
    for row, paper in enumerate(_PAPERS):
        page.paste((paper,) * 3, (0, row * band, width, (row + 1) * band))
        left = _GAP_PX
        for side in SIDES_PX:
            small = picture.copy()
            small.thumbnail((side, side), PIL.Image.Resampling.LANCZOS)
            page.paste(small, (left, row * band + _GAP_PX))
            left += side + _GAP_PX
    return np.asarray(page)
