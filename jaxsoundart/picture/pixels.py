"""The pixels of any picture, of the size asked for: what is painted over."""

import hashlib
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps

from jaxsoundart.arrays import Image, Mask
from jaxsoundart.errors import PictureError

# Pillow tells damage by OSError and SyntaxError, oversized pictures by their own error.
_DAMAGE = (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError)


def read(path: str | Path, width_px: int, height_px: int) -> Image:
    """Returns the middle of a picture, scaled to fill the size.

    PNG, JPEG, WebP and whatever else Pillow reads; transparency is laid on white.

    Raises:
        PictureError: There is no such file, or it is no whole picture.
    """
    upright = _open(Path(path)).convert("RGBA")
    white = PIL.Image.new("RGBA", upright.size, "white")
    flat = PIL.Image.alpha_composite(white, upright).convert("RGB")
    return np.asarray(_fill(flat, width_px, height_px))


def read_mask(path: str | Path, width_px: int, height_px: int) -> Mask:
    """Returns the middle of a picture's brightness, scaled to fill the size.

    Raises:
        PictureError: There is no such file, or it is no whole picture.
    """
    return np.asarray(_fill(_open(Path(path)).convert("L"), width_px, height_px))


def _open(path: Path) -> PIL.Image.Image:
    try:
        with PIL.Image.open(path) as file:
            upright = PIL.ImageOps.exif_transpose(file)
            upright.load()
            return upright
    except PIL.UnidentifiedImageError:
        raise PictureError(f"{path} is no picture, or of an unknown format") from None
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise PictureError(f"cannot read {path}: {error.strerror}") from error
    except _DAMAGE as error:
        raise PictureError(f"{path} is damaged: {error}") from error


def _fill(picture: PIL.Image.Image, width_px: int, height_px: int) -> PIL.Image.Image:
    resampling = PIL.Image.Resampling.LANCZOS
    return PIL.ImageOps.fit(picture, (width_px, height_px), resampling)


def digest(image: Image | Mask) -> str:
    """Returns the SHA-256 of the pixels in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()
