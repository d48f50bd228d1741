"""How a painting is watched while it is made, and ended from outside."""

from collections.abc import Callable
from dataclasses import dataclass

from jaxsoundart.arrays import Images


@dataclass(frozen=True)
class Glimpse:
    """How far the work is.

    Attributes:
        done: Pictures finished.
        count: Pictures asked for.
        step: Steps done of the pictures begun.
        steps: Steps that these take.
        numbers: Which of the orders these are.
        look: Returns the pictures begun as they are now, one pixel a latent; cheap, and
            to be called at once or not at all. Of several processes all must look, or
            none: what other processes painted is sent round.
    """

    done: int
    count: int
    step: int
    steps: int
    numbers: tuple[int, ...]
    look: Callable[[], Images]

    @property
    def share(self) -> float:
        """Of the steps of the pictures begun, 0 to 1."""
        return self.step / self.steps if self.steps else 0.0


Watch = Callable[[Glimpse], None]
"""Told how far the work is; whatever it raises ends the work.

Of several processes all must be ended alike, or the others wait for ever."""


def unwatched(glimpse: Glimpse) -> None:
    """Looks at nothing."""
