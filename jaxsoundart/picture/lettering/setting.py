"""Type set in lines: where a title breaks, and how large it becomes."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import PIL.Image
import PIL.ImageDraw
from jaxtyping import Float

from jaxsoundart.errors import ArgumentError
from jaxsoundart.picture.lettering.faces import opened

Side = Literal["left", "centre", "right"]

# Shares of the picture's shorter side.
_LARGEST, _GOOD, _LEAST = 0.135, 0.085, 0.03
_ARTIST = 0.42
_MOST_LINES = 5
# Shares of a line's size.
_LEADING = 1.08
_APART = 0.62
# A Japanese line begins with none of these.
_NEVER_FIRST = (
    "、。，．・：；？！）」』】〉》〕ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々"
)


@dataclass(frozen=True)
class Line:
    """A line of type.

    Attributes:
        text: What it says.
        size_px: Of its type.
        down_px: Where its baseline is, from the block's top.
    """

    text: str
    size_px: float
    down_px: float


@dataclass(frozen=True)
class Block:
    """Lines of one typeface, set together.

    Attributes:
        face: The typeface's file.
        lines: From the top.
        width_px: Of the longest line, with room for letters that reach out of it.
        height_px: From the first line's top to the last line's foot.
        reach_px: That room, on either side.
    """

    face: Path
    lines: tuple[Line, ...]
    width_px: int
    height_px: int
    reach_px: int

    @cached_property
    def type_px(self) -> float:
        """The largest size."""
        return max(line.size_px for line in self.lines)

    def ink(self, side: Side) -> Float[np.ndarray, "height width"]:
        """Returns how much of every pixel of the block is covered, 0 to 1.

        Args:
            side: Where lines are flush.
        """
        page = PIL.Image.new("L", (self.width_px, self.height_px))
        draw = PIL.ImageDraw.Draw(page)
        left = {
            "left": self.reach_px,
            "centre": self.width_px / 2,
            "right": self.width_px - self.reach_px,
        }
        anchor = {"left": "ls", "centre": "ms", "right": "rs"}[side]
        for line in self.lines:
            font = opened(self.face, line.size_px)
            place = (left[side], line.down_px)
            draw.text(place, line.text, fill=255, font=font, anchor=anchor)
        return np.asarray(page, np.float32) / 255.0


def set_lines(
    title: str, artist: str, face: Path, *, width_px: int, height_px: int, side_px: int
) -> Block:
    """Returns title and artist, as large as they go and no larger than is good.

    Args:
        title: Broken into lines where it is long.
        artist: One line below it, smaller; none if empty.
        face: The typeface's file.
        width_px: The room there is.
        height_px: The same.
        side_px: The picture's shorter side: sizes are shares of it.

    Raises:
        ArgumentError: So small as to fit, it could not be read.
    """
    # Type grows with its size: widths are measured once.
    font = opened(face, 100.0)
    room = width_px - 0.04 * side_px

    def size_of(lines: Sequence[str]) -> float:
        widest = max(font.getlength(line) for line in lines) / 100.0
        high = height_px / (len(lines) * _LEADING + _APART + _ARTIST)
        return min(room / widest, high, _LARGEST * side_px)

    ways = [_broken(title, count) for count in range(1, _MOST_LINES + 1)]
    good = (way for way in ways if size_of(way) >= _GOOD * side_px)
    lines = next(good, max(ways, key=size_of))
    size = size_of(lines)
    if size < _LEAST * side_px:
        raise ArgumentError(
            f"a title of {len(title)} characters has no room on a cover; shorten it "
            "with --title"
        )
    said = [(line, size) for line in lines]
    if artist:
        widest = font.getlength(artist) / 100.0
        small = min(max(_ARTIST * size, _LEAST * side_px), room / widest)
        if small < 0.6 * _LEAST * side_px:
            raise ArgumentError(
                f"an artist's name of {len(artist)} characters has no room on a cover; "
                "shorten it with --artist"
            )
        said.append((artist, small))
    return _stacked(said, face)


def _stacked(said: Sequence[tuple[str, float]], face: Path) -> Block:
    """Returns lines below one another, in a block that holds all of their ink."""
    lines: list[Line] = []
    top = bottom = width = reach = 0.0
    for nth, (text, size) in enumerate(said):
        font = opened(face, size)
        left, above, right, below = font.getbbox(text, anchor="ls")
        if nth == 0:
            top = -above
        elif size == said[nth - 1][1]:
            top += _LEADING * size
        else:
            # From the foot of the title to the head of the artist's name.
            top = bottom + _APART * size - above
        lines.append(Line(text, size, float(top)))
        bottom = max(bottom, top + below)
        length = font.getlength(text)
        width, reach = max(width, length), max(reach, -left, right - length)
    aside = int(np.ceil(reach)) + 1
    return Block(
        face=face,
        lines=tuple(lines),
        width_px=int(np.ceil(width)) + 2 * aside,
        height_px=int(np.ceil(bottom)) + 1,
        reach_px=aside,
    )


def _broken(text: str, count: int) -> list[str]:
    """Returns a text in so many lines, or fewer, the longest as short as can be."""
    pieces = list(_pieces(text))

    def lines(limit: int) -> list[str]:
        made = [""]
        for piece in pieces:
            if made[-1] and _width(made[-1] + piece) > limit:
                made.append("")
            made[-1] += piece
        return made

    too_short, enough = 0, _width(text)
    while enough - too_short > 1:
        middle = (too_short + enough) // 2
        if len(lines(middle)) <= count:
            enough = middle
        else:
            too_short = middle
    return [line.strip() for line in lines(enough)]


def _width(text: str) -> int:
    """Returns about how wide a text is: full width counts twice."""
    return sum(2 if _is_wide(character) else 1 for character in text.strip())


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _pieces(text: str) -> Iterator[str]:
    """Yields what is not broken: words with the space after, or Japanese characters."""
    piece = ""
    for before, character in zip(f" {text}", text, strict=False):
        breaks = before.isspace() or _is_wide(before) or _is_wide(character)
        if (
            piece
            and breaks
            and not character.isspace()
            and character not in _NEVER_FIRST
        ):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece
