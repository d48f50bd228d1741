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
    if slot is not Slot.SCENE:
        turn = 0
    played = _played(evidence, lexicon) if slot is Slot.SCENE else ()
    best = max(evidence.genres.values(), default=0.0)
    if best < lexicon.listening.sure:
        # Where the genre is open, what is played tells most.
        offered = _in_turn(choices, _doubt(evidence), evidence)
        return _from(turn, (*played, *offered))
    first = next(iter(evidence.genres))
    name, why = _supplier(slot, evidence, lexicon)
    own = _in_turn(lexicon.genres[name].choices[slot], why, evidence)
    # The traits' choices stand in where the user allows none of the genre's.
    instead = f"no {slot} of {first} left"
    return (
        *_from(turn, (own[0], *played, *own[1:])),
        *_from(turn, _in_turn(choices, instead, evidence)),
    )


def _played(evidence: Evidence, lexicon: Lexicon) -> tuple[Offer, ...]:
    """Offers the scenes of what is heard to be played, the most probable first."""
    facts = list(evidence.facts)
    holding = (choice for choice in lexicon.played if evidence.hold(choice.when))
    ranked = sorted(holding, key=lambda choice: facts.index(choice.when[0]))
    return tuple(Offer(choice.say, evidence.said(choice.when)) for choice in ranked)


def _from(turn: int, offered: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """Returns offers beginning with another one in every turn."""
    start = turn % max(1, len(offered))
    if not start:
        return offered
    return tuple(
        Offer(offer.say, f"{offer.evidence}, another scene")
        for offer in (*offered[start:], *offered[:start])
    )


def _in_turn(
    choices: Sequence[Choice], why: str, evidence: Evidence
) -> tuple[Offer, ...]:
    """Offers all choices, beginning with the first whose conditions hold."""
    holding = (n for n, choice in enumerate(choices) if evidence.hold(choice.when))
    start = next(holding, 0)
    offered = []
    for choice in (*choices[start:], *choices[:start]):
        fits = evidence.hold(choice.when)
        facts = (why, evidence.said(choice.when) if fits else "")
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
