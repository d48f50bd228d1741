"""Writes the orders for the painter: a prompt, a negative prompt, and why each phrase.

Deterministic and without chance: the same hearing and wishes give the same briefs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxsoundart.compose import lexicon as lexicons
from jaxsoundart.compose import wishes as wishing
from jaxsoundart.compose.brief import Brief, Reason
from jaxsoundart.compose.evidence import Evidence, weigh
from jaxsoundart.compose.grammar import Grammar
from jaxsoundart.compose.lexicon import AS_HEARD, Lexicon, Slot
from jaxsoundart.compose.negative import keep_out
from jaxsoundart.compose.offers import Offer, offers
from jaxsoundart.compose.wishes import Wishes
from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen.hearing import Hearing

# The atmosphere of a picture whose whole prompt the user wrote.
AS_ASKED = "as asked"

# Slots in the order in which they are decided. Light and mood come before the scene, so
# that it is the scene which gives way ("city skyline at night" to "city skyline"): its
# plain phrase takes no side.
_DECISIONS = (
    Slot.LIGHT,
    Slot.MOOD,
    Slot.COMPOSITION,
    Slot.SCENE,
    Slot.PALETTE,
    Slot.TEXTURE,
    Slot.STYLE,
)


def compose(
    hearing: Hearing,
    *,
    count: int = 1,
    style: str = "",
    prompt: str | None = None,
    negative: str = "",
    atmosphere: str | None = None,
    vocabulary: frozenset[str] | None = None,
) -> tuple[Brief, ...]:
    """Returns the orders for `count` pictures of one song, one brief for each.

    The first picture is as heard; each further one takes another scene of the genre
    and another atmosphere, those nearest to what was heard first. Texts are phrases
    between commas; what the user says goes before what was heard.

    Args:
        hearing: What was heard in the song.
        count: Number of pictures.
        style: Added to every prompt; a phrase of the lexicon takes its slot.
        prompt: In place of all that was heard. Then only `style` and a given
            `atmosphere` are added, and all pictures have the same order.
        negative: Added to every negative prompt, and kept out of the prompt.
        atmosphere: One for all pictures, of those in the lexicon, or "as heard".
        vocabulary: The words the painter knows, in lower case; only these are used,
            but for the user's own. Without it, the richest phrases are.

    Raises:
        ArgumentError: A wish is unknown, contradictory, too long or has control
            characters; or nothing that may be said is left to paint.
    """
    wishing.check_count(count)
    wishes = wishing.read(prompt=prompt, style=style, negative=negative)
    lexicon = lexicons.load()
    writer = _Writer(
        evidence=weigh(hearing, lexicon),
        wishes=wishes,
        grammar=Grammar(
            lexicon=lexicon, vocabulary=vocabulary, unwanted=wishes.negative
        ),
    )
    if atmosphere is not None:
        cycle = (writer.atmosphere(atmosphere),)
    elif wishes.prompt is not None:
        cycle = (AS_HEARD,)
    else:
        cycle = writer.atmospheres()
    # After each round of the atmospheres the scenes move on by one.
    rounds = (divmod(picture, len(cycle)) for picture in range(count))
    return tuple(writer.brief(cycle[n], turn=n + past) for past, n in rounds)


@dataclass(frozen=True, kw_only=True)
class _Writer:
    """Writes the briefs of one song."""

    evidence: Evidence
    wishes: Wishes
    grammar: Grammar

    @property
    def lexicon(self) -> Lexicon:
        return self.grammar.lexicon

    def atmosphere(self, name: str) -> str:
        """Returns the atmosphere called `name`, if the other wishes leave room for it.

        Raises:
            ArgumentError: There is none, or another wish contradicts it.
        """
        plain = " ".join(name.split()).casefold()
        if plain != AS_HEARD and plain not in self.lexicon.atmospheres:
            known = ", ".join((AS_HEARD, *self.lexicon.atmospheres))
            raise ArgumentError(f"atmosphere {name!r} is unknown; use one of: {known}")
        if not self._possible(plain):
            raise ArgumentError(
                f"atmosphere {plain!r} contradicts prompt, style or negative; "
                "leave one of them out"
            )
        return plain

    def atmospheres(self) -> tuple[str, ...]:
        """Returns the possible atmospheres, "as heard" first, then nearest first.

        One that looks like an earlier one, given what was heard, is left out.
        """
        entries = self.lexicon.entries
        heard = {
            slot: entries[reason.phrase].plain
            for slot, reason in self._slots(AS_HEARD, turn=0).items()
        }
        looks = {
            name: heard | {slot: say[-1] for slot, say in shifts.items()}
            for name, shifts in self.lexicon.atmospheres.items()
            if self._possible(name)
        }
        chosen = {AS_HEARD: heard}

        def distance(name: str) -> tuple[int, int]:
            changed = looks[name].items() - heard.items()
            clashes = (
                self.grammar.clash(phrase, [heard.get(slot, "")])
                for slot, phrase in changed
            )
            return sum(clashes), len(changed)

        for name in sorted(looks, key=distance):
            if looks[name] not in chosen.values():
                chosen[name] = looks[name]
        return tuple(chosen)

    def brief(self, atmosphere: str, *, turn: int) -> Brief:
        """Returns the order for one picture, `turn` scenes after the best one."""
        filled = self._slots(atmosphere, turn=turn)
        composed = tuple(filled[slot] for slot in Slot if slot in filled)
        if self.wishes.prompt is None:
            prompt = (*composed, *self.wishes.wanted)
        else:
            prompt = (*self.wishes.wanted, *composed)
            atmosphere = AS_ASKED if atmosphere == AS_HEARD else atmosphere
        if not prompt:
            raise ArgumentError(
                "nothing is left to paint: negative and the painter's vocabulary allow "
                "no phrase for what was heard; give a prompt"
            )
        negative = keep_out(prompt, self.evidence, self.grammar)
        return Brief(
            prompt=", ".join(reason.phrase for reason in prompt),
            negative_prompt=", ".join(reason.phrase for reason in negative),
            reasons=(*prompt, *negative),
            atmosphere=atmosphere,
        )

    def _slots(self, atmosphere: str, *, turn: int) -> Mapping[Slot, Reason]:
        """Returns the phrase for each slot that the user's own words leave open."""
        own = [reason.phrase for reason in self.wishes.wanted]
        claimed = self._claimed()
        shifts = self._shifts(atmosphere)
        filled = {}
        for slot in sorted(_DECISIONS, key=lambda slot: slot not in shifts):
            if slot in claimed:
                continue
            if slot in shifts:
                offered = (Offer(shifts[slot], f"atmosphere {atmosphere}"),)
            elif self.wishes.prompt is None:
                offered = offers(slot, turn, self.evidence, self.lexicon)
            else:
                offered = ()
            taken = [*own, *(reason.phrase for reason in filled.values())]
            if reason := self.grammar.first(offered, taken):
                filled[slot] = reason
        return filled

    def _claimed(self) -> frozenset[Slot]:
        """Returns the slots that the user's own words fill."""
        entries = self.lexicon.entries
        phrases = (reason.phrase.casefold() for reason in self.wishes.wanted)
        return frozenset(entries[said].slot for said in phrases if said in entries)

    def _possible(self, atmosphere: str) -> bool:
        """Returns whether `atmosphere` can be said beside the user's own words."""
        own = [reason.phrase for reason in self.wishes.wanted]
        claimed = self._claimed()

        def fits(slot: Slot, say: tuple[str, ...]) -> bool:
            if slot in claimed:
                return not all(self.grammar.clash(phrase, own) for phrase in say)
            return self.grammar.first((Offer(say, ""),), own) is not None

        return all(fits(*shift) for shift in self._shifts(atmosphere).items())

    def _shifts(self, atmosphere: str) -> Mapping[Slot, tuple[str, ...]]:
        return self.lexicon.atmospheres.get(atmosphere, {})
