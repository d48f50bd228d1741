"""Says in words what a picture shows, in many wordings, and never more than is true."""

import numpy as np

from train.gallery.vocabulary import SYNONYMS

CANONICAL_SHARE = 0.35
SYNONYM_SHARE = 0.45
SHUFFLED_SHARE = 0.4
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

    A share of the captions is the prompt the product writes: canonical phrases, all
    that are named, in canonical order. The others drop phrases, use synonyms and
    change the order.

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
    if generator.random() < CANONICAL_SHARE:
        return ", ".join([family, f"{palette} palette", *others])

    phrases = []
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


def _worded(generator: np.random.Generator, phrase: str) -> str:
    """The phrase itself or one of its synonyms."""
    if generator.random() < SYNONYM_SHARE:
        return str(generator.choice(SYNONYMS[phrase]))
    return phrase


def _coloured(generator: np.random.Generator, palette: str) -> str:
    """The palette, most often said as "… palette" or "in …"."""
    form = str(generator.choice(PALETTE_FORMS, p=(0.45, 0.3, 0.15, 0.1)))
    return form.format(_worded(generator, palette))
