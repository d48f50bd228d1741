"""Sets title and artist onto a picture so that they can be read."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Shaped, UInt8
from scipy import ndimage

from jaxsoundart.arrays import Image
from jaxsoundart.errors import ArgumentError
from jaxsoundart.picture.lettering import contrast
from jaxsoundart.picture.lettering.faces import face_for
from jaxsoundart.picture.lettering.placing import MARGIN, calmest
from jaxsoundart.picture.lettering.setting import Block, set_lines

Map = Float[np.ndarray, "height width"]
Colour = UInt8[np.ndarray, "3"]

# A little of the picture's own light and dark: pure white and black look pasted on.
_TINT = 0.10
# Of the room that lettering may take at most.
_HIGHEST = 0.6
_TRIED_PX = 1000
# Densities of the veil: light on dark can be read at the last, wherever they come from.
_VEILS = np.linspace(0.0, 1.0, 65)


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """The words on a cover.

    Attributes:
        title: The song's.
        artist: Whose it is; none if empty.
        font: A typeface's file; without one the first bundled that has the letters.

    Raises:
        ArgumentError: There is no title, no typeface has the letters, or there are too
            many of them for a cover.
    """

    title: str
    artist: str = ""
    font: Path | None = None

    def __post_init__(self):
        if not _tidy(self.title):
            raise ArgumentError("a cover needs a title for its lettering; got none")
        # What fits a square fits whatever has the same shorter side.
        self.block(_TRIED_PX, _TRIED_PX)

    def block(self, width_px: int, height_px: int) -> Block:
        """Returns the words, set for a picture of this size."""
        title, artist = _tidy(self.title), _tidy(self.artist)
        side = min(width_px, height_px)
        return set_lines(
            title,
            artist,
            face_for(title + artist, self.font),
            width_px=width_px - 2 * round(MARGIN * side),
            height_px=round(_HIGHEST * height_px),
            side_px=side,
        )


@dataclass(frozen=True, kw_only=True)
class Lettered:
    """A picture with its words.

    Attributes:
        image: The pixels.
        contrast: The least contrast of the letters with what is behind them.
        box_px: Left, top, right and bottom of the words.
    """

    image: Image
    contrast: float
    box_px: tuple[int, int, int, int]


def letter(image: Image, words: Lettering) -> Lettered:
    """Returns the picture with title and artist where it is calm.

    Letters are light or dark, whichever is told better from the picture; where it is
    too restless or too grey for a contrast of 4.5, a veil is laid behind them, no
    denser than it has to be.
    """
    height, width = image.shape[:2]
    block = words.block(width, height)
    place = calmest(image, block)
    left, top = place.left_px, place.top_px
    right, bottom = left + block.width_px, top + block.height_px
    # Nothing changes further from the words than twice the size of their type.
    far = round(2 * block.type_px)
    window = (
        slice(max(0, top - far), bottom + far),
        slice(max(0, left - far), right + far),
    )
    behind = image[window]
    ink = np.zeros(behind.shape[:2], np.float32)
    rows, columns = (
        slice(first - part.start, last - part.start)
        for first, last, part in zip((top, left), (bottom, right), window, strict=True)
    )
    ink[rows, columns] = block.ink(place.side)
    near = _softened(ink, block.type_px / 24) > 0.02
    behind, colour, least = _readable(behind, near, block.type_px)
    lettered = image.copy()
    lettered[window] = _mixed(behind, colour, ink)
    return Lettered(image=lettered, contrast=least, box_px=(left, top, right, bottom))


def _readable(
    image: Image, near: Bool[np.ndarray, "height width"], type_px: float
) -> tuple[Image, Colour, float]:
    """Returns a picture to letter on, the letters' colour, and their least contrast.

    Args:
        image: The picture.
        near: Where letters are, and close to them.
        type_px: Size of the largest.
    """
    dark, light = _extremes(image)
    # As fine as strokes are, no finer: a speck beside a letter hides nothing.
    fine = type_px / 40
    channels = [_softened(channel, fine)[near] for channel in np.moveaxis(image, -1, 0)]
    beneath = np.stack(channels, -1)

    def least(share: float, veil: Colour, colour: Colour) -> float:
        under = contrast.luminance(_mixed(beneath, veil, np.float32(share)))
        return float(contrast.ratio(contrast.luminance(colour), under).min())

    veil, colour = max(
        ((dark, light), (light, dark)), key=lambda pair: least(0.0, *pair)
    )
    enough = next(s for s in _VEILS if least(s, veil, colour) >= contrast.READABLE)
    if enough:
        image = _mixed(image, veil, enough * _faded(near, type_px))
    return image, colour, least(enough, veil, colour)


def _faded(near: Bool[np.ndarray, "height width"], type_px: float) -> Map:
    """Returns 1 where letters are, less and less away from them."""
    spread = near.astype(np.float32)
    for _ in range(3):
        spread = _softened(spread, type_px / 2.5)
    spread = _softened(np.maximum(np.minimum(1.0, 2.0 * spread), near), type_px / 6)
    return np.maximum(spread, near)


def _extremes(image: Image) -> tuple[Colour, Colour]:
    """Returns near black and near white with a tint of the picture's own."""
    colours = image[::4, ::4].reshape(-1, 3)
    order = np.argsort(contrast.luminance(colours))
    tenth = max(1, order.size // 10)
    dark = _TINT * colours[order[:tenth]].mean(0)
    light = 255.0 * (1.0 - _TINT) + _TINT * colours[order[-tenth:]].mean(0)
    return np.round(dark).astype(np.uint8), np.round(light).astype(np.uint8)


def _mixed(
    colours: UInt8[np.ndarray, "*place 3"], colour: Colour, share: Any
) -> UInt8[np.ndarray, "*place 3"]:
    """Returns colours with a share of another laid over each."""
    over = np.float32(colour) - colours
    return np.round(colours + over * share[..., None]).astype(np.uint8)


def _softened(
    map_: Shaped[np.ndarray, "height width"], radius_px: float
) -> Shaped[np.ndarray, "height width"]:
    """Returns a map averaged over about so many pixels to every side."""
    size = 2 * max(1, round(radius_px)) + 1
    return ndimage.uniform_filter(map_, size, mode="nearest")


def _tidy(text: str) -> str:
    """Returns a text in composed letters, with single spaces and no unseen ones."""
    composed = unicodedata.normalize("NFC", text)
    seen = (" " if c.isspace() else c for c in composed)
    words = " ".join("".join(c for c in seen if c.isprintable()).split())
    if all(unicodedata.category(c).startswith("M") for c in words):
        return ""  # accents alone stand on nothing
    return re.sub(r"(?<=\w)'", "\N{RIGHT SINGLE QUOTATION MARK}", words)
