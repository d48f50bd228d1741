"""What the listen room hands on: the labels heard in a song, with probabilities.

No JAX here, so that `compose` can use it without.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxsoundart.sound.waveform import Excerpt, Traits


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """What was heard in one song.

    Attributes:
        labels: For each head ("genre", …) the calibrated probability of each label,
            most probable first.
        traits: Tempo, key, loudness, brightness, dynamics.
        excerpts: The stretches listened to.
        listener: Name and content hash of the model that listened.
        unsure: The heads whose answer is not to be believed.
    """

    labels: Mapping[str, Mapping[str, float]]
    traits: Traits
    excerpts: tuple[Excerpt, ...]
    listener: str
    unsure: tuple[str, ...] = ()
