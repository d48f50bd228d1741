"""Hearings made by hand, and the words of the gallery the bundled painter learned."""

import pytest

from jaxsoundart.compose.lexicon import load, words
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.sound.waveform import Traits
from train.gallery import vocabulary as gallery


@pytest.fixture
def hear():
    """Returns a function from probabilities and traits to a hearing."""

    def build(
        tempo_bpm=115.0,
        key="C minor",
        loudness_db=-18.0,
        brightness_hz=2100.0,
        dynamics_db=12.0,
        heads=None,
        unsure=(),
        **genres,
    ):
        others = [name for name in load().genres if name not in genres]
        left = max(0.0, 1.0 - sum(genres.values()))
        shares = genres | dict.fromkeys(others, left / max(1, len(others)))
        return Hearing(
            labels={"genre": shares, **(heads or {})},
            unsure=unsure,
            traits=Traits(
                tempo_bpm=tempo_bpm,
                key=key,
                loudness_db=loudness_db,
                brightness_hz=brightness_hz,
                dynamics_db=dynamics_db,
            ),
            excerpts=(),
            listener="made by hand",
        )

    return build


@pytest.fixture(scope="session")
def plain_phrases():
    """Every phrase of the gallery's captions in its plain wording."""
    palettes = {f"{name} palette" for name in gallery.PALETTES}
    others = (
        *gallery.FAMILIES,
        *gallery.LIGHTS,
        *gallery.TEXTURES,
        *gallery.COMPOSITIONS,
        *gallery.MOODS,
    )
    return palettes | {phrase for phrase in others if phrase}


@pytest.fixture(scope="session")
def gallery_phrases(plain_phrases):
    """The plain phrases, their synonyms, and what the lexicon says for them."""
    synonyms = {
        f"{other} palette" if name in gallery.PALETTES else other
        for name, others in gallery.SYNONYMS.items()
        for other in others
    }
    richer = {
        phrase
        for phrase, entry in load().entries.items()
        if entry.plain in plain_phrases
    }
    return plain_phrases | synonyms | richer


@pytest.fixture(scope="session")
def vocabulary(plain_phrases):
    """The words of a painter that knows the gallery's plain phrases."""
    return frozenset().union(*map(words, plain_phrases))
