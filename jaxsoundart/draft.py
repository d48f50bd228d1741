"""What stands between a song and its covers: what was heard, and the orders. No JAX."""

from dataclasses import dataclass

from jaxsoundart.compose.brief import Brief
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.picture.record import Song


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A song that was listened to.

    Attributes:
        song: The file.
        hearing: What was heard in it.
        seed: Of its first picture.
    """

    song: Song
    hearing: Hearing
    seed: int


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A song that was heard and put into words: all but the painting.

    Attributes:
        song: The file; None for words alone.
        hearing: What was heard in it; None likewise.
        briefs: One order for each picture.
        seeds: One seed for each picture.
        guidance: How strongly the words pull; None leaves it to the painter.
    """

    song: Song | None
    hearing: Hearing | None
    briefs: tuple[Brief, ...]
    seeds: tuple[int, ...]
    guidance: float | None = None
