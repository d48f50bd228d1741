"""Where on a picture lettering disturbs least: where the picture is calm."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import PIL.Image

from jaxsoundart.arrays import Image
from jaxsoundart.picture.lettering.setting import Block, Side

Height = Literal["top", "middle", "bottom"]

# As a share of the shorter side: nothing comes nearer to the edge.
MARGIN = 0.075
# Where equally calm, the corner that eyes end in; over the middle only if need be.
_LIKED: dict[tuple[Height, Side], float] = {
    ("bottom", "left"): 0.0,
    ("top", "left"): 1.0,
    ("bottom", "centre"): 1.5,
    ("top", "centre"): 2.0,
    ("bottom", "right"): 2.0,
    ("top", "right"): 2.0,
    ("middle", "left"): 5.0,
    ("middle", "centre"): 6.0,
    ("middle", "right"): 6.0,
}
# Restlessness is measured on a copy of this size: finer grain disturbs nobody.
_SEEN_PX = 160


@dataclass(frozen=True)
class Place:
    """A block's place.

    Attributes:
        left_px: Its left edge.
        top_px: Its upper edge.
        side: Where its lines are flush.
    """

    left_px: int
    top_px: int
    side: Side


def calmest(image: Image, block: Block) -> Place:
    """Returns where a block disturbs least."""
    height, width = image.shape[:2]
    scale = _SEEN_PX / min(height, width)
    small = PIL.Image.fromarray(image).resize(
        (round(width * scale), round(height * scale)), PIL.Image.Resampling.BOX
    )
    grey = np.asarray(small.convert("L"), np.float64)
    down, across = np.gradient(grey)
    edges = np.hypot(down, across)

    def restless(choice: tuple[Place, float]) -> float:
        place, disliked = choice
        first, last = place.left_px, place.left_px + block.width_px
        rows = slice(
            round(place.top_px * scale),
            round((place.top_px + block.height_px) * scale) + 1,
        )
        beneath = (rows, slice(round(first * scale), round(last * scale) + 1))
        return 2.0 * edges[beneath].mean() + 0.5 * grey[beneath].std() + disliked

    return min(_places(width, height, block), key=restless)[0]


def _places(width: int, height: int, block: Block) -> Iterator[tuple[Place, float]]:
    margin = round(MARGIN * min(width, height))
    lefts = {
        "left": margin,
        "centre": (width - block.width_px) // 2,
        "right": width - margin - block.width_px,
    }
    tops = {
        "top": margin,
        "middle": (height - block.height_px) // 2,
        "bottom": height - margin - block.height_px,
    }
    for (high, side), disliked in _LIKED.items():
        yield Place(lefts[side], tops[high], side), disliked
