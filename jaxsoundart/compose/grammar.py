"""Which phrases may stand together, and which of them a painter and a user allow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jaxsoundart.compose.brief import Reason
from jaxsoundart.compose.lexicon import Lexicon, words
from jaxsoundart.compose.offers import Offer


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """The rules for one song's prompts.

    Attributes:
        lexicon: Knows the opposites.
        vocabulary: The painter's words; None if it knows all.
        unwanted: Phrases that the user wants kept out.
    """

    lexicon: Lexicon
    vocabulary: frozenset[str] | None
    unwanted: tuple[str, ...]

    def first(self, offers: Iterable[Offer], taken: Sequence[str]) -> Reason | None:
        """Returns the first phrase offered that may stand beside those `taken`.

        Such a phrase is known to the painter, not unwanted, not said already, and on no
        side whose opposite is taken.
        """
        said = {phrase.casefold() for phrase in taken}
        for offer in offers:
            for phrase in offer.say:
                new = phrase.casefold() not in said and not self._unwanted(phrase)
                if new and self.knows(phrase) and not self.clash(phrase, taken):
                    return Reason(phrase=phrase, side="prompt", evidence=offer.evidence)
        return None

    def clash(self, phrase: str, taken: Iterable[str]) -> bool:
        """Returns whether `phrase` is opposite to one of those `taken`."""
        said = words(phrase)
        return any(
            said & opposite.words
            for other in taken
            for _, opposite in self.lexicon.sides(other)
        )

    def knows(self, phrase: str) -> bool:
        """Returns whether the painter knows every word of `phrase`."""
        return self.vocabulary is None or words(phrase) <= self.vocabulary

    def _unwanted(self, phrase: str) -> bool:
        """Returns whether an unwanted phrase is, in whole words, part of `phrase`."""
        spaced = f" {phrase.casefold()} "
        return any(f" {unwanted.casefold()} " in spaced for unwanted in self.unwanted)
