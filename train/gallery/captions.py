"""Says in words what a picture shows, in many wordings, and never more than is true."""

import numpy as np

from train.gallery.speech import allusions, lexicon_phrases
from train.gallery.vocabulary import SYNONYMS

CANONICAL_SHARE = 0.2
PRODUCT_SHARE = 0.3
LEXICON_SHARE = 0.6
SYNONYM_SHARE = 0.45
SHUFFLED_SHARE = 0.4
ALLUSION_SHARE = 0.5
KEPT_SHARES = {"family": 0.9, "palette": 0.85, "other": 0.6}

FAMILY_FORMS = ("{}", "cover art of {}", "album cover with {}")
PALETTE_FORMS = ("{} palette", "in {}", "{} colours", "{}")
FORMS = tuple(form.format("") for form in (*FAMILY_FORMS, *PALETTE_FORMS))
"""The words that stand around what is named."""


def caption(
    generator: np.random.Generator,
    family: str,
    palette: str,
    light: str,
    texture: str,
    composition: str,
    mood: str,
) -> str:
    """Words one picture.

    Some captions are canonical phrases, all that are named, in the order of a prompt;
    some are worded as the product writes its prompts, by the lexicon and in the same
    order. The others drop phrases, use synonyms and change the order. What a picture
    alludes to, a genre or an instrument, stands in some of them.

    Args:
        generator: Where the choices come from.
        family: One of `vocabulary.FAMILIES`.
        palette: One of `vocabulary.PALETTES`.
        light: One of `vocabulary.LIGHTS`.
        texture: One of `vocabulary.TEXTURES`.
        composition: One of `vocabulary.COMPOSITIONS`; "" says nothing.
        mood: One of `vocabulary.MOODS`; "" says nothing.

    Returns:
        Phrases joined by ", "; at least one.
    """
    others = [phrase for phrase in (light, texture, composition, mood) if phrase]
    alluded = []
    if (some := allusions(family, palette)) and generator.random() < ALLUSION_SHARE:
        alluded = [str(generator.choice(some))]
    kind = generator.random()
    if kind < CANONICAL_SHARE:
        return ", ".join([family, f"{palette} palette", *others])
    if kind < CANONICAL_SHARE + PRODUCT_SHARE:
        named = [family, f"{palette} palette", *others]
        return ", ".join([_by_lexicon(generator, phrase) for phrase in named] + alluded)

    phrases = alluded
    if generator.random() < KEPT_SHARES["family"]:
        form = str(generator.choice(FAMILY_FORMS, p=(0.7, 0.15, 0.15)))
        phrases.append(form.format(_worded(generator, family)))
    if generator.random() < KEPT_SHARES["palette"]:
        phrases.append(_coloured(generator, palette))
    phrases += [
        _worded(generator, phrase)
        for phrase in others
        if generator.random() < KEPT_SHARES["other"]
    ]
    if not phrases:
        phrases.append(_worded(generator, family))
    if generator.random() < SHUFFLED_SHARE:
        generator.shuffle(phrases)
    return ", ".join(phrases)


def _by_lexicon(generator: np.random.Generator, phrase: str) -> str:
    """The phrase itself or what the lexicon says instead."""
    said = lexicon_phrases().get(phrase.removesuffix(" palette"), ())
    if said and generator.random() < LEXICON_SHARE:
        return str(generator.choice(said))
    return phrase


def _worded(generator: np.random.Generator, phrase: str) -> str:
    """The phrase itself or one of its synonyms."""
    if generator.random() < SYNONYM_SHARE:
        return str(generator.choice(SYNONYMS[phrase]))
    return phrase


def _coloured(generator: np.random.Generator, palette: str) -> str:
    """The palette, most often said as "… palette" or "in …"."""
    form = str(generator.choice(PALETTE_FORMS, p=(0.45, 0.3, 0.15, 0.1)))
    return form.format(_worded(generator, palette))
