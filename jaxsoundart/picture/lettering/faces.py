"""The typefaces that are bundled, and which of them has a text's letters."""

import functools
import io
from importlib import resources
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from PIL import ImageFont

from jaxsoundart.errors import ArgumentError

# In the order of preference: Latin; all of Europe; Japanese.
_FILES = ("LeagueSpartan-Bold.otf", "InterDisplay.ttf", "Mplus1-Bold.otf")
_WEIGHT = 700.0


def face_for(text: str, own: Path | None = None) -> Path:
    """Returns the file of the first typeface that has every letter of a text.

    Args:
        text: What is to be set.
        own: A file to use instead of those that are bundled.

    Raises:
        ArgumentError: None has them all.
    """
    wanted = {character for character in text if not character.isspace()}
    faces = _bundled() if own is None else (own,)
    lacking = [wanted - _letters(face) for face in faces]
    for face, lack in zip(faces, lacking, strict=True):
        if not lack:
            return face
    fewest = min(lacking, key=len)
    least = "".join(letter for letter in dict.fromkeys(text) if letter in fewest)
    where = "no bundled typeface has" if own is None else f"{own} has no"
    raise ArgumentError(f"{where} {least!r}; name one that does with --font")


def opened(face: Path, size_px: float) -> ImageFont.FreeTypeFont:
    """Returns a typeface in one size, bold where it comes in weights."""
    font = ImageFont.truetype(face, size_px)
    if _is_variable(face):
        font.set_variation_by_axes([_WEIGHT])
    return font


def _bundled() -> tuple[Path, ...]:
    folder = resources.files("jaxsoundart.picture.lettering") / "fonts"
    return tuple(Path(str(folder / name)) for name in _FILES)


@functools.cache
def _letters(face: Path) -> frozenset[str]:
    """Returns the characters that a typeface has.

    Raises:
        ArgumentError: The file is no typeface.
    """
    try:
        with TTFont(io.BytesIO(face.read_bytes()), lazy=True, fontNumber=0) as font:
            return frozenset(map(chr, font.getBestCmap() or ()))
    except OSError as error:
        raise ArgumentError(f"font {face} cannot be read: {error.strerror}") from error
    except TTLibError as error:
        raise ArgumentError(f"font {face} is no typeface: {error}") from error


@functools.cache
def _is_variable(face: Path) -> bool:
    with TTFont(face, lazy=True, fontNumber=0) as font:
        return "fvar" in font and len(font["fvar"].axes) == 1
