"""What a hearing offers for each slot of a prompt, the best first."""

from collections.abc import Sequence
from dataclasses import dataclass

from jaxsoundart.compose.evidence import Evidence
from jaxsoundart.compose.lexicon import Choice, Lexicon, Slot


@dataclass(frozen=True)
class Offer:
    """Phrases for one thing, from rich to plain, and what speaks for them."""

    say: tuple[str, ...]
    evidence: str


def offers(
    slot: Slot, turn: int, evidence: Evidence, lexicon: Lexicon
) -> tuple[Offer, ...]:
    """Returns what may fill a slot.

    Scene, palette, texture and style come from the genre where it is sure, and from
    the traits where it is not; a second genre may supply palette or texture. The rest
    comes from the traits.

    Args:
        slot: The place in the prompt.
        turn: How many scenes further than the one that fits best, for variety.
        evidence: What was heard.
        lexicon: The words for it.
    """
    choices = lexicon.heard.get(slot, ())
    if slot in (Slot.LIGHT, Slot.COMPOSITION, Slot.MOOD):
        return tuple(
            Offer(choice.say, evidence.said(choice.when))
            for choice in choices
            if evidence.hold(choice.when)
        )
    turn = turn if slot is Slot.SCENE else 0
    best = max(evidence.genres.values(), default=0.0)
    if best < lexicon.listening.sure:
        return _in_turn(choices, turn, _doubt(evidence), evidence)
    first = next(iter(evidence.genres))
    name, why = _supplier(slot, evidence, lexicon)
    offered = _in_turn(lexicon.genres[name].choices[slot], turn, why, evidence)
    # The traits' choices stand in where the user allows none of the genre's.
    instead = f"no {slot} of {first} left"
    return (*offered, *_in_turn(choices, turn, instead, evidence))


def _in_turn(
    choices: Sequence[Choice], turn: int, why: str, evidence: Evidence
) -> tuple[Offer, ...]:
    """Offers all choices, beginning `turn` after the first whose conditions hold."""
    holding = (n for n, choice in enumerate(choices) if evidence.hold(choice.when))
    start = next(holding, 0) + turn
    offered = []
    for n in range(len(choices)):
        choice = choices[(start + n) % len(choices)]
        facts = [why]
        if evidence.hold(choice.when):
            facts.append(evidence.said(choice.when))
        if turn % len(choices):
            facts.append("another scene")
        offered.append(Offer(choice.say, ", ".join(filter(None, facts))))
    return tuple(offered)


def _supplier(slot: Slot, evidence: Evidence, lexicon: Lexicon) -> tuple[str, str]:
    """Returns the genre that a slot is filled from, and the evidence for it."""
    first, *others = evidence.genres
    shares = {
        Slot.PALETTE: lexicon.listening.blend_palette,
        Slot.TEXTURE: lexicon.listening.blend_texture,
    }
    if others and evidence.genres[others[0]] >= shares.get(slot, 2.0):
        return others[0], f"second {evidence.genre(others[0])}"
    return first, evidence.genre(first)


def _doubt(evidence: Evidence) -> str:
    if not evidence.genres:
        return "no known genre heard"
    return f"unsure of {evidence.genre(next(iter(evidence.genres)))}"
