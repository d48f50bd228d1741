"""How the product speaks of what the gallery draws: the lexicon's own phrases.

A painter is asked in the words of the lexicon; so these stand in its captions.
"""

import functools
from collections import defaultdict
from collections.abc import Mapping

from jaxsoundart.compose import lexicon
from jaxsoundart.compose.lexicon import Slot
from train.gallery.vocabulary import INSTRUMENTS, SYNONYMS


@functools.cache
def lexicon_phrases() -> Mapping[str, tuple[str, ...]]:
    """Returns what the lexicon says for each canonical phrase, palettes without it."""
    said: dict[str, list[str]] = defaultdict(list)
    for phrase, entry in lexicon.load().entries.items():
        if phrase != entry.plain and entry.slot is not Slot.STYLE:
            said[entry.plain.removesuffix(" palette")].append(phrase)
    return {plain: tuple(some) for plain, some in said.items()}


def wordings(phrase: str) -> tuple[str, ...]:
    """Returns a canonical phrase and every other wording of it."""
    return phrase, *SYNONYMS[phrase], *lexicon_phrases().get(phrase, ())


@functools.cache
def _genres() -> Mapping[tuple[str, str], tuple[str, str]]:
    own = {}
    for name, genre in lexicon.load().genres.items():
        (style,) = genre.choices[Slot.STYLE][0].say
        for scene in genre.choices[Slot.SCENE]:
            for palette in genre.choices[Slot.PALETTE]:
                plain = palette.say[-1].removesuffix(" palette")
                own[scene.say[-1], plain] = name, style
    return own


def allusions(family: str, palette: str) -> tuple[str, ...]:
    """Returns what a picture brings to mind: a genre and its style, instruments."""
    played = (name for name, some in INSTRUMENTS.items() if family in some)
    return *_genres().get((family, palette), ()), *played
