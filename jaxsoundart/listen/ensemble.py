"""Several listeners as one: each answers its own questions.

One of them may tell what kind of sound there is at all. Then the others are asked only
what can be asked about that kind: whoever knows ten genres hears one in a bark, too.
"""

from collections.abc import Mapping, Sequence

from jaxsoundart.errors import ModelError
from jaxsoundart.listen.ear import Ear
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.sound.waveform import Excerpt, Traits, Waveform

MODEL_TYPE = "jaxsoundart ensemble"
KIND = "kind"


class Ensemble:
    """Listeners that hear the same song.

    Attributes:
        id: Those of its parts.
        parts: Who listens.
        about: For a head, the one kind of sound that it is about; any, for a head that
            is not here.
    """

    def __init__(self, parts: Sequence[Ear], about: Mapping[str, str]):
        self.parts = tuple(parts)
        self.about = about
        self.id = " ".join(part.id for part in self.parts)

    def hear(
        self, waveform: Waveform, excerpts: Sequence[Excerpt], traits: Traits
    ) -> Hearing:
        """Returns what the parts hear of such a sound, and what is not to be believed.

        Args:
            waveform: The whole song at 22,050 Hz.
            excerpts: Where to listen.
            traits: Passed on.

        Raises:
            ArgumentError: If there is no excerpt.
            ModelError: Two parts answer the same question.
        """
        labels: dict[str, Mapping[str, float]] = {}
        unsure: set[str] = set()
        for part in self.parts:
            heard = part.hear(waveform, excerpts, traits)
            if twice := sorted(labels.keys() & heard.labels.keys()):
                raise ModelError(
                    f"{part.id} answers what another listener has answered: {twice[0]}"
                )
            labels |= heard.labels
            unsure |= {*heard.unsure}
        if kinds := labels.get(KIND):
            kind = max(kinds, key=lambda name: kinds[name])
            labels = {
                head: answers
                for head, answers in labels.items()
                if self.about.get(head, kind) == kind
            }
            if KIND in unsure:
                unsure |= labels.keys() & self.about.keys()
        return Hearing(
            labels=labels,
            unsure=tuple(head for head in labels if head in unsure),
            traits=traits,
            excerpts=tuple(excerpts),
            listener=self.id,
        )
