"""Which of a store's rules a picture breaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
from PIL.ExifTags import Base as Tag

from jaxsoundart.errors import PictureError
from jaxsoundart.picture import pixels
from jaxsoundart.picture.stores.colour_space import is_srgb, name_of
from jaxsoundart.picture.stores.store import Store

# Pictures whose levels deviate less than this are one colour to the eye.
_PLAIN = 2.0
# Shapes are equal when they differ by less than a pixel in a hundred.
_SHAPE_SHARE = 0.01
_COLOURS = {
    "L": "greyscale",
    "LA": "greyscale",
    "1": "black and white",
    "CMYK": "CMYK",
    "P": "a palette",
    "PA": "a palette",
    "LAB": "Lab",
    "HSV": "HSV",
    "YCbCr": "YCbCr",
}
_DEEP = ("I", "F")
# What tells that a picture has been turned: 1 is upright.
_UPRIGHT = 1
# A copy through half the size that differs by less says that nothing was that fine:
# in levels, and as a share of the picture's own deviation.
_FINE_LEVELS, _FINE_SHARE = 0.7, 0.04


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A rule that a picture breaks.

    Attributes:
        rule: Its name.
        got: What the picture is.
        wanted: What the store takes.
    """

    rule: str
    got: str
    wanted: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a store would say of a picture.

    Attributes:
        breaches: The rules it breaks; none where it is taken.
        detail_px: The width at which all that can be seen in it would have room: where
            this is far below its own width, it is blurred or was enlarged.
    """

    breaches: tuple[Breach, ...]
    detail_px: int


def judge(path: str | Path, store: Store) -> Verdict:
    """Returns which rules a picture breaks.

    Raises:
        PictureError: There is no such file, or it is no whole picture.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(f"cannot read {path}: {error.strerror}") from error
    picture = pixels.opened(path, content)
    breaches = (
        *_of_file(picture, len(content), store),
        *_of_size(picture, store),
        *_of_colours(picture),
        *_of_contents(picture),
    )
    return Verdict(breaches=breaches, detail_px=_detail_px(picture))


def _of_file(
    picture: PIL.Image.Image, size_bytes: int, store: Store
) -> Iterator[Breach]:
    kind, kinds = picture.format or "unknown", store.most_bytes
    if kind not in kinds:
        yield Breach(rule="file format", got=kind, wanted=" or ".join(kinds))
    most = kinds.get(kind, max(kinds.values()))
    if size_bytes > most:
        yield Breach(
            rule="file size",
            got=f"{size_bytes / 1e6:.2f} MB",
            wanted=f"at most {most / 1e6:g} MB",
        )
    if (frames := getattr(picture, "n_frames", 1)) > 1:
        yield Breach(rule="animation", got=f"{frames} frames", wanted="one")


def _of_size(picture: PIL.Image.Image, store: Store) -> Iterator[Breach]:
    got = f"{picture.width} × {picture.height} px"
    shape = store.size_px[0] / store.size_px[1]
    if abs(picture.width / picture.height / shape - 1.0) > _SHAPE_SHARE or (
        shape == 1.0 and picture.width != picture.height
    ):
        wide, high = store.size_px
        wanted = "square" if shape == 1.0 else f"as {wide} × {high}"
        yield Breach(rule="shape", got=got, wanted=wanted)
    if any(g < w for g, w in zip(picture.size, store.least_px, strict=True)):
        wide, high = store.least_px
        yield Breach(rule="size", got=got, wanted=f"at least {wide} × {high} px")
    if store.most_px and max(picture.size) > store.most_px:
        wanted = f"at most {store.most_px} px"
        yield Breach(rule="largest size", got=got, wanted=wanted)


def _of_colours(picture: PIL.Image.Image) -> Iterator[Breach]:
    mode = picture.mode
    if mode in _COLOURS:
        yield Breach(rule="colours", got=_COLOURS[mode], wanted="RGB")
    if mode.startswith(_DEEP):
        yield Breach(rule="depth", got="more than 8 bits", wanted="8 bits a colour")
    if mode.endswith("A") or "transparency" in picture.info:
        yield Breach(rule="transparency", got="transparent pixels", wanted="none")
    profile = picture.info.get("icc_profile")
    if profile and not is_srgb(profile):
        yield Breach(rule="colour space", got=name_of(profile), wanted="sRGB")


def _of_contents(picture: PIL.Image.Image) -> Iterator[Breach]:
    turned = picture.getexif().get(Tag.Orientation, _UPRIGHT)
    if turned != _UPRIGHT:
        yield Breach(rule="orientation", got=f"turned, EXIF {turned}", wanted="upright")
    # A small copy tells as much of this, and sooner.
    levels = np.asarray(picture.convert("RGB").resize((64, 64)), np.float32)
    if levels.std(axis=(0, 1)).max() < _PLAIN:
        yield Breach(rule="contents", got="a single colour", wanted="a picture")


def _detail_px(picture: PIL.Image.Image) -> int:
    """Returns the least of the width and its halves in which nothing is lost."""
    whole = picture.convert("L")
    levels = np.asarray(whole, np.float32)
    fine = max(_FINE_LEVELS, _FINE_SHARE * levels.std())
    width = whole.width
    while width >= 2:
        half = (width // 2, max(1, whole.height * (width // 2) // whole.width))
        back = whole.resize(half, PIL.Image.Resampling.LANCZOS).resize(
            whole.size, PIL.Image.Resampling.LANCZOS
        )
        if np.sqrt(np.mean((np.asarray(back) - levels) ** 2)) > fine:
            break
        width //= 2
    return width
