"""Where in a song a network of one window's length listens."""

import math
from collections.abc import Sequence

from jaxsoundart.errors import ArgumentError
from jaxsoundart.sound.waveform import Excerpt, Waveform

MAX_WINDOWS = 3
"""How many windows one excerpt is heard in, at most, unless told."""


def windows(
    waveform: Waveform,
    excerpts: Sequence[Excerpt],
    window_s: float,
    *,
    at_most: int = MAX_WINDOWS,
) -> list[tuple[float, float]]:
    """Returns the first and last second of each window, each once, in order.

    A window is as long as the network was trained on, or the whole song where that is
    shorter. A short excerpt is heard in one window about its middle, a long one in up
    to `at_most`, evenly spread.

    Raises:
        ArgumentError: If there is no excerpt.
    """
    if not excerpts:
        raise ArgumentError("no excerpt to listen to; name one, like intro+drop")
    every = (_of_one(waveform, excerpt, window_s, at_most) for excerpt in excerpts)
    return sorted({span for spans in every for span in spans})


def _of_one(
    waveform: Waveform, excerpt: Excerpt, window_s: float, at_most: int
) -> list[tuple[float, float]]:
    length_s = min(window_s, waveform.duration_s)
    excerpt_s = excerpt.end_s - excerpt.start_s
    last_start_s = waveform.duration_s - length_s
    count = min(at_most, max(1, math.ceil(excerpt_s / window_s)))
    spare_s = excerpt_s - length_s
    starts_s = (
        excerpt.start_s + spare_s * (i / (count - 1) if count > 1 else 0.5)
        for i in range(count)
    )
    clipped_s = (round(min(max(s, 0.0), last_start_s), 3) for s in starts_s)
    return [(s, s + length_s) for s in clipped_s]
