"""The PNG file with its record inside; the only file that writes or reads PNG.

The record is an iTXt chunk under the keyword `jaxsoundart`, and the same text lies
beside the picture: `cover.png`, `cover.json`. Equal pictures with equal records are
equal bytes, as long as Pillow and its zlib stay the same.
"""

import io
from pathlib import Path

import numpy as np
import PIL.Image
from PIL.PngImagePlugin import MAX_TEXT_CHUNK, PngInfo

from jaxsoundart.arrays import Image
from jaxsoundart.errors import PictureError
from jaxsoundart.picture.record import Record, from_json
from jaxsoundart.picture.whole import write_whole

KEYWORD = "jaxsoundart"
_XMP_KEYWORD = "XML:com.adobe.xmp"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"IEND\xaeB`\x82"
# Shorter records stay readable in the bare file.
_COMPRESS_FROM_BYTES = 2048
# Pillow tells damage by OSError and SyntaxError, oversized text by ValueError and
# oversized pictures by an error of its own.
_DAMAGE = (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError)


def write(path: str | Path, image: Image, record: Record) -> None:
    """Writes the picture with its record inside, and the record as JSON beside it.

    Both files appear whole or neither does; files already there are replaced.

    Args:
        path: Ends in `.png`; its folder exists.
        image: The pixels.
        record: What the picture remembers.

    Raises:
        PictureError: The files cannot be written; nothing has changed then.
    """
    path = _png_path(path)
    text = record.to_json()
    if len(text.encode()) > MAX_TEXT_CHUNK:
        raise PictureError(
            f"cannot write {path}: its record has {len(text.encode())} bytes, readers "
            f"of PNG take at most {MAX_TEXT_CHUNK}; use a shorter prompt"
        )
    # The picture last: it carries the record and can do without the JSON.
    write_whole(
        {path.with_suffix(".json"): text.encode(), path: encode(image, record=text)}
    )


def write_plain(path: str | Path, image: Image) -> None:
    """Writes a picture without a record, whole or not at all.

    Raises:
        PictureError: The file cannot be written; nothing has changed then.
    """
    path = _png_path(path)
    write_whole({path: encode(image)})


def read(path: str | Path) -> tuple[Image, Record]:
    """Returns a picture's pixels and its record.

    Raises:
        PictureError: There is no such file, it is no whole PNG, or it carries no
            record of jaxsoundart.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(f"cannot read {path}: {error.strerror}") from error
    if not content.startswith(_SIGNATURE):
        raise PictureError(f"{path} is not a PNG; only PNG covers carry their record")
    if _END not in content:
        raise PictureError(f"{path} is truncated: the PNG has no end")
    try:
        with PIL.Image.open(io.BytesIO(content), formats=["PNG"]) as file:
            pixels = np.array(file.convert("RGB"))
            text = file.text.get(KEYWORD)  # pyright: ignore[reportAttributeAccessIssue]
    except _DAMAGE as error:
        raise PictureError(f"{path} is damaged: {error}") from error
    if text is None:
        raise PictureError(
            f"{path} carries no record of jaxsoundart: it was painted elsewhere, or "
            "edited by a program that dropped it"
        )
    try:
        return pixels, from_json(text)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from None


def _png_path(path: str | Path) -> Path:
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise PictureError(f"cannot write {path}: the name of a cover ends in .png")
    return path


def encode(
    image: Image,
    *,
    record: str | None = None,
    xmp: bytes = b"",
    profile: bytes | None = None,
) -> bytes:
    """Returns the bytes of a PNG file.

    Args:
        image: The pixels.
        record: The text that the picture carries.
        xmp: A packet of metadata for other programs.
        profile: ICC profile of the colours; without one they are said to be sRGB.
    """
    chunks = PngInfo()
    if profile is None:
        # One byte: the rendering intent, 0 is perceptual.
        chunks.add(b"sRGB", b"\x00")
    if record is not None:
        compress = len(record.encode()) >= _COMPRESS_FROM_BYTES
        chunks.add_itxt(KEYWORD, record, zip=compress)
    if xmp:
        chunks.add_itxt(_XMP_KEYWORD, xmp.decode())
    file = io.BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(image)).save(
        file, format="PNG", pnginfo=chunks, compress_level=6, icc_profile=profile
    )
    return file.getvalue()
