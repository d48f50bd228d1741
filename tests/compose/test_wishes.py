"""The user's own words: they add, replace, keep out, and come first."""

import pytest

from jaxsoundart.compose.lexicon import Slot, words
from jaxsoundart.compose.prompt import compose
from jaxsoundart.errors import ArgumentError
from tests.compose.reading import phrases, slot


def test_style_is_added(hear):
    hearing = hear(rock=0.8)
    (before,) = compose(hearing)
    (after,) = compose(hearing, style="  linocut,, Linocut ,by\thand\n")
    assert after.prompt == before.prompt + ", linocut, by hand"
    assert after.negative_prompt == before.negative_prompt


def test_style_in_the_lexicons_words_takes_the_slot(hear, vocabulary):
    (brief,) = compose(hear(rock=0.8), style="Neon palette", vocabulary=vocabulary)
    palettes = [phrase for phrase in phrases(brief.prompt) if "palette" in phrase]
    assert palettes == ["Neon palette"]


def test_style_wins_over_what_was_heard(hear):
    hearing = hear(metal=0.8, brightness_hz=3300.0)
    (brief,) = compose(hearing, style="a dark cellar")
    assert "bright" not in words(brief.prompt)
    assert "bright" in phrases(brief.negative_prompt)
    atmospheres = {b.atmosphere for b in compose(hearing, count=7, style="dark cellar")}
    assert "bright" not in atmospheres
    with pytest.raises(ArgumentError, match="'bright' contradicts"):
        compose(hearing, style="a dark cellar", atmosphere="bright")


def test_style_that_agrees_with_an_atmosphere_leaves_room_for_it(hear):
    (brief,) = compose(hear(pop=0.8), style="film grain", atmosphere="dark")
    assert slot(brief, Slot.LIGHT) == "dark"
    assert phrases(brief.prompt)[-1] == "film grain"
    with pytest.raises(ArgumentError, match="'bright' contradicts"):
        compose(hear(pop=0.8), style="film grain", atmosphere="bright")


def test_prompt_replaces_what_was_heard(hear):
    briefs = compose(
        hear(metal=0.9), count=3, prompt="a red barn, at dusk", style="oil"
    )
    assert {brief.prompt for brief in briefs} == {"a red barn, at dusk, oil"}
    assert {brief.atmosphere for brief in briefs} == {"as asked"}
    assert [reason.evidence for reason in briefs[0].reasons[:3]] == [
        "--prompt",
        "--prompt",
        "--style",
    ]
    assert "lettering" in phrases(briefs[0].negative_prompt)


def test_prompt_takes_a_given_atmosphere(hear):
    (brief,) = compose(hear(), prompt="a red barn", atmosphere="dark")
    assert brief.prompt == "a red barn, dark low-key light, heavy matte finish"
    assert brief.atmosphere == "dark"


def test_a_prompt_that_asks_for_lettering_gets_it(hear):
    (brief,) = compose(hear(), prompt="wooden type lettering")
    assert "lettering" not in phrases(brief.negative_prompt)
    assert "watermark" in phrases(brief.negative_prompt)


def test_negative_is_added_first_and_once(hear):
    (brief,) = compose(hear(), negative="cats , Watermark, cats")
    against = phrases(brief.negative_prompt)
    assert against[:2] == ["cats", "Watermark"]
    assert "watermark" not in against


def test_what_the_user_keeps_out_is_not_painted(hear, vocabulary):
    hearing = hear(jazz=0.9)
    (brief,) = compose(hearing, negative="Ink Smoke", vocabulary=vocabulary)
    assert slot(brief, Slot.SCENE) == "vinyl rings"
    none = "ink smoke, vinyl rings, geometric shapes"
    (brief,) = compose(hearing, negative=none, vocabulary=vocabulary)
    assert slot(brief, Slot.SCENE) == "liquid marble"
    assert brief.reasons[0].evidence == "no scene of jazz left"


def test_the_users_words_need_no_vocabulary(hear, vocabulary):
    (brief,) = compose(
        hear(), style="Ukiyo-e", negative="zebras", vocabulary=vocabulary
    )
    assert phrases(brief.prompt)[-1] == "Ukiyo-e"
    assert phrases(brief.negative_prompt)[0] == "zebras"


def test_nothing_left_to_paint_is_an_error(hear):
    with pytest.raises(ArgumentError, match="nothing is left to paint"):
        compose(hear(), vocabulary=frozenset())


@pytest.mark.parametrize(
    ("wishes", "complaint"),
    [
        ({"prompt": ""}, "prompt is given but empty"),
        ({"prompt": " , ,, "}, "prompt is given but empty"),
        ({"style": "x" * 1001}, "style is 1001 characters long; at most 1000"),
        ({"prompt": "bell\a"}, r"prompt has the control character U\+0007 at"),
        ({"negative": "a\0b"}, r"negative has the control character U\+0000 .* 2;"),
        ({"style": "\ud800"}, r"U\+D800"),
        ({"style": "Fog", "negative": "fog"}, "'Fog' is both wanted"),
        ({"prompt": "fog", "negative": "Fog"}, "'fog' is both wanted"),
    ],
)
def test_unusable_wishes_are_refused_in_one_line(wishes, complaint, hear):
    with pytest.raises(ArgumentError, match=complaint) as caught:
        compose(hear(), **wishes)
    assert "\n" not in str(caught.value)


def test_empty_style_and_negative_change_nothing(hear):
    hearing = hear(disco=0.8)
    assert compose(hearing, style=" , ", negative="\n") == compose(hearing)
