"""A picture in a store's size: whole, and never stretched."""

import numpy as np
import PIL.Image
import PIL.ImageFilter
import PIL.ImageOps
from jaxtyping import UInt8

from jaxsoundart.arrays import Image
from jaxsoundart.picture.stores.store import Store

Fitted = UInt8[np.ndarray, "store_height store_width 3"]

_LANCZOS = PIL.Image.Resampling.LANCZOS
# Behind a picture of another shape lies itself: larger, out of focus and darker.
_BLUR_SHARE = 0.04
_DARKNESS = 0.55


def fitted(image: Image, store: Store) -> Fitted:
    """Returns the picture in the store's size.

    Where the shapes differ it stands whole before itself, enlarged and out of focus.
    """
    picture = PIL.Image.fromarray(image)
    width, height = store.size_px
    if picture.width * height == picture.height * width:
        return np.asarray(picture.resize((width, height), _LANCZOS))
    behind = PIL.ImageOps.fit(picture, (width, height), _LANCZOS)
    behind = behind.filter(PIL.ImageFilter.GaussianBlur(_BLUR_SHARE * width))
    behind = behind.point(lambda level: level * _DARKNESS)
    before = PIL.ImageOps.contain(picture, (width, height), _LANCZOS)
    place = ((width - before.width) // 2, (height - before.height) // 2)
    behind.paste(before, place)
    return np.asarray(behind)
