"""The pixels of any picture, of the size asked for: what is painted over."""

import hashlib
import io
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
    return np.asarray(_fill(_flat(Path(path)), width_px, height_px))


def read_whole(path: str | Path) -> Image:
    """Returns a picture as it is, transparency laid on white.

    Raises:
        PictureError: There is no such file, or it is no whole picture.
    """
    return np.asarray(_flat(Path(path)))


def read_mask(path: str | Path, width_px: int, height_px: int) -> Mask:
    """Returns the middle of a picture's brightness, scaled to fill the size.

    Raises:
        PictureError: There is no such file, or it is no whole picture.
    """
    return np.asarray(_fill(_open(Path(path)).convert("L"), width_px, height_px))


def _flat(path: Path) -> PIL.Image.Image:
    upright = _open(path).convert("RGBA")
    white = PIL.Image.new("RGBA", upright.size, "white")
    return PIL.Image.alpha_composite(white, upright).convert("RGB")


def _open(path: Path) -> PIL.Image.Image:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(f"cannot read {path}: {error.strerror}") from error
    return PIL.ImageOps.exif_transpose(opened(path, content))


def opened(path: Path, content: bytes) -> PIL.Image.Image:
    """Returns a picture as its file has it.

    Args:
        path: The file's, for complaints.
        content: Its bytes.

    Raises:
        PictureError: It is no whole picture.
    """
    try:
        picture = PIL.Image.open(io.BytesIO(content))
        picture.load()
    except PIL.UnidentifiedImageError:
        raise PictureError(f"{path} is no picture, or of an unknown format") from None
    except _DAMAGE as error:
        raise PictureError(f"{path} is damaged: {error}") from error
    return picture


def _fill(picture: PIL.Image.Image, width_px: int, height_px: int) -> PIL.Image.Image:
    resampling = PIL.Image.Resampling.LANCZOS
    return PIL.ImageOps.fit(picture, (width_px, height_px), resampling)


def digest(image: Image | Mask) -> str:
    """Returns the SHA-256 of the pixels in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()
