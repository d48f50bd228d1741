"""How strongly each phrase of a prompt is meant: `desert, (red sky:1.4), (fog:0.6)`.

Only parentheses that end in a colon and a number are marks. All others are literal, so
that titles keep theirs: "Sunrise (Remix)", "at 12:30". A backslash makes any literal.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from jaxsoundart.errors import ArgumentError

LARGEST_WEIGHT = 3.0

_MARKS = re.compile(r"\\[()]|[()]")
_WEIGHT = re.compile(r":\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))\s*$")


@dataclass(frozen=True)
class Phrase:
    """A part of a prompt.

    Attributes:
        text: Its words, without marks.
        weight: How strongly they are meant: 1 as written, 0 not at all, at most 3.
    """

    text: str
    weight: float = 1.0


def parse(text: str) -> tuple[Phrase, ...]:
    r"""Returns the phrases of a prompt; a prompt without marks is one phrase.

    `(words:1.3)` weighs its words 1.3. Weights may be nested and then multiply.
    Parentheses without a number or without words are literal, and so are `\(` and `\)`.

    Raises:
        ArgumentError: A weight, or a product of nested ones, is not 0 to 3.

    Example:
        >>> parse("dunes (Remix), (red sky:1.4)")
        (Phrase(text='dunes (Remix), ', weight=1.0), Phrase(text='red sky', weight=1.4))
    """
    # For each character its weight, or None where it is a mark.
    weights: list[float | None] = [1.0] * len(text)
    for start, tail, end, weight in _weighted(text):
        weights[start] = None
        weights[tail:end] = [None] * (end - tail)
        for place in range(start + 1, tail):
            if (inner := weights[place]) is not None:
                weights[place] = _checked(inner * weight, text[start:end])
    for mark in _MARKS.finditer(text):
        if len(mark[0]) == 2:
            weights[mark.start()] = None
    said = [pair for pair in zip(weights, text, strict=True) if pair[0] is not None]
    return tuple(
        Phrase("".join(letter for _, letter in group), weight)
        for weight, group in groupby(said, itemgetter(0))
        if weight is not None
    )


def without_weights(text: str) -> str:
    """Returns only what a prompt says, without how strongly."""
    return "".join(phrase.text for phrase in parse(text))


def _weighted(text: str) -> Iterator[tuple[int, int, int, float]]:
    """Yields start, place of the colon, end and weight; what is inside comes first."""
    opened, last = [], 0
    for mark in _MARKS.finditer(text):
        if mark[0] == "(":
            opened.append(mark.start())
        elif mark[0] == ")" and opened:
            start = opened.pop()
            tail = _WEIGHT.search(text, last, mark.start())
            if tail and text[start + 1 : tail.start()].strip():
                weight = _checked(float(tail[1]), text[start : mark.end()])
                yield start, tail.start(), mark.end(), weight
        last = mark.end()


def _checked(weight: float, group: str) -> float:
    if not 0.0 <= weight <= LARGEST_WEIGHT:
        raise ArgumentError(
            f"weight {weight:g} of {group!r} is out of range; wanted 0 to "
            rf"{LARGEST_WEIGHT:g}, or \( and \) where the parentheses are words"
        )
    return weight
