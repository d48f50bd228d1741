"""The pixels of any picture, square and of the size asked for: what is painted over."""

import hashlib
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps

from jaxsoundart.arrays import Image
from jaxsoundart.errors import PictureError

# Pillow tells damage by OSError and SyntaxError, oversized pictures by their own error.
_DAMAGE = (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError)


def read_square(path: str | Path, *, size_px: int) -> Image:
    """Returns the middle square of a picture, scaled to `size_px` on each side.

    PNG, JPEG, WebP and whatever else Pillow reads; transparency is laid on white.

    Raises:
        PictureError: There is no such file, or it is no whole picture.
    """
    path = Path(path)
    try:
        with PIL.Image.open(path) as file:
            upright = PIL.ImageOps.exif_transpose(file).convert("RGBA")
    except PIL.UnidentifiedImageError:
        raise PictureError(f"{path} is no picture, or of an unknown format") from None
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise PictureError(f"cannot read {path}: {error.strerror}") from error
    except _DAMAGE as error:
        raise PictureError(f"{path} is damaged: {error}") from error
    white = PIL.Image.new("RGBA", upright.size, "white")
    flat = PIL.Image.alpha_composite(white, upright).convert("RGB")
    resampling = PIL.Image.Resampling.LANCZOS
    return np.asarray(PIL.ImageOps.fit(flat, (size_px, size_px), resampling))


def digest(image: Image) -> str:
    """Returns the SHA-256 of the pixels in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()
