from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest
from PIL import ImageFont

from jaxsoundart.errors import ArgumentError
from jaxsoundart.picture.lettering import contrast, faces
from jaxsoundart.picture.lettering.lettering import Lettering, letter
from jaxsoundart.picture.lettering.setting import _broken


def noise(seed, size=400, *, low=0, high=256):
    levels = np.random.default_rng(seed).integers(low, high, (size // 8,) * 2 + (3,))
    blocks = PIL.Image.fromarray(levels.astype(np.uint8))
    return np.asarray(blocks.resize((size, size), PIL.Image.Resampling.BICUBIC))


def test_contrast_is_that_of_the_guidelines():
    white, black, grey = (
        contrast.luminance(np.full(3, level, np.uint8)) for level in (255, 0, 119)
    )
    assert contrast.ratio(white, black) == pytest.approx(21.0)
    # The darkest grey of which white text is told apart well enough is #767676.
    assert contrast.ratio(white, grey) == pytest.approx(4.478, abs=0.001)
    red = float(contrast.luminance(np.asarray([255, 0, 0], np.uint8)))
    assert red == pytest.approx(0.2126)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("low", "high"), [(0, 256), (100, 156), (0, 60), (200, 256)])
def test_letters_can_be_read_on_any_picture(seed, low, high):
    image = noise(seed, low=low, high=high)
    done = letter(image, Lettering(title="Midnight Drive", artist="The Larks"))
    assert done.contrast >= contrast.READABLE
    left, top, right, bottom = done.box_px
    assert 0 < left < right < 400
    assert 0 < top < bottom < 400
    assert done.image.shape == image.shape


def test_the_contrast_is_there_between_letters_and_what_is_around_them():
    image = noise(0)
    done = letter(image, Lettering(title="HHHH"))
    left, top, right, bottom = done.box_px
    shade = contrast.luminance(done.image[top:bottom, left:right])
    ink = shade[shade.shape[0] // 2]
    light, dark = np.quantile(ink, [[0.9], [0.1]])
    assert contrast.ratio(light, dark) >= contrast.READABLE


def test_a_calm_dark_picture_gets_light_letters_and_no_veil():
    image = np.full((400, 400, 3), 20, np.uint8)
    done = letter(image, Lettering(title="Night"))
    changed = np.any(done.image != image, -1)
    left, top, right, bottom = done.box_px
    outside = changed.copy()
    outside[top:bottom, left:right] = False
    assert not outside.any()
    assert changed.any()
    assert done.image.max() > 200
    assert done.contrast > 12


@pytest.mark.parametrize("calm", ["top", "bottom"])
def test_letters_go_where_the_picture_is_calm(calm):
    image = noise(3).copy()
    half = slice(0, 200) if calm == "top" else slice(200, 400)
    image[half] = (30, 60, 90)
    _, top, _, bottom = letter(image, Lettering(title="Night Bus")).box_px
    assert (bottom <= 200) if calm == "top" else (top >= 200)


@pytest.mark.parametrize(
    ("title", "face"),
    [
        ("Über Ærø – it’s “fine” & 7", "LeagueSpartan-Bold.otf"),
        ("Ночной поезд", "InterDisplay.ttf"),
        ("Νύχτα", "InterDisplay.ttf"),
        ("真夜中のドライブ", "Mplus1-Bold.otf"),
        ("夜 Drive", "Mplus1-Bold.otf"),
    ],
)
def test_the_first_typeface_with_all_letters_is_taken(title, face):
    assert faces.face_for(title).name == face


def test_every_bundled_typeface_draws_what_it_says_it_has():
    for text in ("Night", "Ночь", "夜ドライブ"):
        font = faces.opened(faces.face_for(text), 40.0)
        missing = np.asarray(font.getmask("\U0010fffd"))
        for character in text:
            mask = np.asarray(font.getmask(character))
            assert mask.any()
            assert mask.shape != missing.shape or (mask != missing).any()


def test_letters_that_no_typeface_has_are_named(tmp_path):
    with pytest.raises(ArgumentError, match=r"no bundled typeface has 'ሰላም'.*--font"):
        Lettering(title="ሰላም")
    own = faces.face_for("Night")
    with pytest.raises(ArgumentError, match="has no '夜'"):
        Lettering(title="夜", font=own)
    assert isinstance(faces.opened(own, 9.0), ImageFont.FreeTypeFont)
    broken = tmp_path / "type.ttf"
    with pytest.raises(ArgumentError, match="cannot be read"):
        Lettering(title="Night", font=broken)
    broken.write_bytes(b"no typeface")
    with pytest.raises(ArgumentError, match="is no typeface"):
        Lettering(title="Night", font=broken)


@pytest.mark.parametrize("side", ["left", "centre", "right"])
@pytest.mark.parametrize("title", ["JJ jf", "\u2019W\u2019", "f"])
def test_no_letter_is_cut_off(side, title):
    ink = Lettering(title=title, artist="Jaf").block(600, 600).ink(side)
    assert ink.max() == 1.0
    # The first row is the top of the tallest letter.
    for edge in (ink[-1], ink[:, 0], ink[:, -1]):
        assert edge.max() < 0.1


@pytest.mark.parametrize(
    "title",
    ["", " ", "\N{ZERO WIDTH SPACE}", "\N{COMBINING GRAVE ACCENT}", "\U000f0000"],
)
def test_lettering_needs_a_title(title):
    with pytest.raises(ArgumentError, match="needs a title"):
        Lettering(title=title)


def test_what_has_no_room_is_refused():
    with pytest.raises(ArgumentError, match="title of 900 characters has no room"):
        Lettering(title="endless " * 112 + "song")
    with pytest.raises(ArgumentError, match="name of 150 characters has no room"):
        Lettering(title="Night", artist="x" * 150)


@pytest.mark.parametrize(
    ("text", "count", "lines"),
    [
        ("one", 3, ["one"]),
        ("one two three four", 2, ["one two", "three four"]),
        ("a very long title indeed", 3, ["a very", "long title", "indeed"]),
        ("真夜中のドライブ", 2, ["真夜中の", "ドライブ"]),
        ("東京、夜", 2, ["東京、", "夜"]),
    ],
)
def test_lines_break_evenly_and_where_they_may(text, count, lines):
    assert _broken(text, count) == lines


def test_a_large_cover_is_lettered_as_a_small_one():
    small, large = (
        letter(noise(1, size), Lettering(title="Night Drive")).box_px
        for size in (400, 1200)
    )
    np.testing.assert_allclose(np.asarray(large) / 3, small, atol=4)


def test_fonts_come_with_their_licence():
    folder = Path(faces.face_for("A")).parent
    text = (folder / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE" in text.upper()
    for owner in ("League", "Inter Project", "M+ FONTS"):
        assert owner in text
