"""The negative prompt: what no cover wants, what was not heard, and opposites."""

from collections.abc import Iterator, Sequence

from jaxsoundart.compose.brief import Reason
from jaxsoundart.compose.evidence import Evidence
from jaxsoundart.compose.grammar import Grammar
from jaxsoundart.compose.lexicon import Lexicon, words


def keep_out(
    prompt: Sequence[Reason], evidence: Evidence, grammar: Grammar
) -> tuple[Reason, ...]:
    """Returns the phrases of the negative prompt that goes with `prompt`.

    Beside the user's own, they share no word with the prompt that carries a picture.

    Args:
        prompt: The phrases to paint, with their reasons.
        evidence: What was heard.
        grammar: The painter's vocabulary, the lexicon and the user's own phrases.
    """
    lexicon = grammar.lexicon
    painted = _content(lexicon, *(reason.phrase for reason in prompt))
    kept = {
        phrase.casefold(): _against(phrase, "--negative") for phrase in grammar.unwanted
    }

    def keep(phrase: str, why: str) -> bool:
        fresh = phrase.casefold() not in kept
        allowed = fresh and grammar.knows(phrase)
        if allowed and not _content(lexicon, phrase) & painted:
            kept[phrase.casefold()] = _against(phrase, why)
            return True
        return False

    for phrase in lexicon.never:
        keep(phrase, "always")
    most = lexicon.listening.unheard_most
    for name in _unheard(evidence, lexicon):
        why = f"not heard: {evidence.genre(name)}"
        if most and any(keep(phrase, why) for phrase in lexicon.genres[name].unheard):
            most -= 1
    for reason in prompt:
        for _, other in lexicon.sides(reason.phrase):
            keep(other.say, f"opposite of {reason.phrase}: {reason.evidence}")
    return tuple(kept.values())


def _unheard(evidence: Evidence, lexicon: Lexicon) -> Iterator[str]:
    """Yields the genres that were clearly not heard, the least probable first."""
    for name in reversed(tuple(evidence.genres)):
        if evidence.genres[name] <= lexicon.listening.unheard:
            yield name


def _content(lexicon: Lexicon, *phrases: str) -> frozenset[str]:
    """Returns the words of phrases that carry a picture of their own."""
    return frozenset().union(*map(words, phrases)) - lexicon.linking


def _against(phrase: str, why: str) -> Reason:
    return Reason(phrase=phrase, side="negative prompt", evidence=why)
