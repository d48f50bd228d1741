"""The painter that the package carries."""

from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import jaxsoundart
from jaxsoundart.compose import lexicon
from jaxsoundart.compose.lexicon import Slot
from jaxsoundart.paint.checkpoints.vocabulary import known_words

FOLDER = Path(str(resources.files("jaxsoundart") / "models" / "painter"))


def test_it_is_small_and_says_what_it_is():
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 60e6
    card = (FOLDER / "README.md").read_text("utf-8")
    for heading in ("## Data", "## Figures", "## Limits"):
        assert heading in card


def test_it_has_learnt_the_plain_phrases_of_the_lexicon():
    # But for styles of full-size painters, and textures too fine for its autoencoder.
    said = [
        entry.plain
        for entry in lexicon.load().entries.values()
        if entry.slot not in (Slot.STYLE, Slot.TEXTURE)
    ]
    assert said
    assert frozenset().union(*map(lexicon.words, said)) <= known_words()


@pytest.fixture(scope="module")
def pictures():
    """A few pictures in each of some palettes."""
    return {
        palette: jaxsoundart.paint(
            f"bokeh lights, {palette} palette, soft light",
            count=2,
            settings=jaxsoundart.Settings(steps=8),
        )
        for palette in ("crimson", "emerald", "deep blue", "monochrome")
    }


@pytest.fixture
def colours(pictures):
    return {palette: some.mean((0, 1, 2)) for palette, some in pictures.items()}


def test_covers_are_painted_large(pictures):
    assert {some.shape for some in pictures.values()} == {(2, 1024, 1024, 3)}


@pytest.mark.parametrize(
    ("palette", "channel"), [("crimson", 0), ("emerald", 1), ("deep blue", 2)]
)
def test_the_palette_asked_for_is_there(colours, palette, channel):
    others = np.delete(colours[palette], channel)
    assert colours[palette][channel] > others.max() + 10


def test_monochrome_has_no_colour(colours):
    assert np.ptp(colours["monochrome"]) < 12
