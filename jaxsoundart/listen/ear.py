"""What every listener is to the rest of the house."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.sound.waveform import Excerpt, Traits, Waveform


@runtime_checkable
class Ear(Protocol):
    """Any listener, whatever it is made of.

    Attributes:
        id: Name and content hash, for records.
    """

    id: str

    def hear(
        self, waveform: Waveform, excerpts: Sequence[Excerpt], traits: Traits
    ) -> Hearing:
        """Listens in or about the excerpts of a song.

        Args:
            waveform: The whole song at 22,050 Hz.
            excerpts: Where to listen.
            traits: Passed on.

        Raises:
            ArgumentError: If there is no excerpt.
        """
        ...
