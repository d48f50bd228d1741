from importlib import resources

import pytest

from jaxsoundart.compose import lexicon
from jaxsoundart.compose.lexicon import Slot
from jaxsoundart.errors import SoundArtError
from jaxsoundart.listen.listener import Listener
from train.gallery import vocabulary as gallery

TEXT = (resources.files("jaxsoundart.compose") / "lexicon.toml").read_text("utf-8")

GENRES = list(lexicon.load().genres)


def plain(genre, slot):
    return {choice.say[-1] for choice in lexicon.load().genres[genre].choices[slot]}


def test_every_genre_of_the_listener_has_words():
    assert {*Listener.load().bundle.labels} <= {*GENRES}


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_ends_in_phrases_the_gallery_draws(genre):
    assert plain(genre, Slot.SCENE) <= set(gallery.FAMILIES)
    assert len(plain(genre, Slot.SCENE)) == 3
    assert plain(genre, Slot.PALETTE) <= {
        f"{name} palette" for name in gallery.PALETTES
    }
    assert plain(genre, Slot.TEXTURE) <= set(gallery.TEXTURES)
    assert lexicon.load().genres[genre].unheard[-1] in gallery.FAMILIES


def test_the_traits_end_in_phrases_the_gallery_draws():
    known = {
        Slot.SCENE: gallery.FAMILIES,
        Slot.PALETTE: [f"{name} palette" for name in gallery.PALETTES],
        Slot.LIGHT: gallery.LIGHTS,
        Slot.TEXTURE: gallery.TEXTURES,
        Slot.COMPOSITION: gallery.COMPOSITIONS,
        Slot.MOOD: gallery.MOODS,
    }
    book = lexicon.load()
    assert {choice.say[-1] for choice in book.played} <= set(known[Slot.SCENE])
    for slot, choices in book.heard.items():
        assert {choice.say[-1] for choice in choices} <= set(known[slot]), slot
    for shifts in book.atmospheres.values():
        for slot, say in shifts.items():
            assert say[-1] in known[slot]


def test_no_two_genres_share_a_pair_of_family_and_palette():
    owner = {}
    for genre in GENRES:
        for family in plain(genre, Slot.SCENE):
            for palette in plain(genre, Slot.PALETTE):
                assert owner.setdefault((family, palette), genre) == genre


def test_each_genre_rests_on_a_family_of_its_own():
    choices = [lexicon.load().genres[genre].choices for genre in GENRES]
    assert len({some[Slot.SCENE][-1].say[-1] for some in choices}) == len(GENRES)


def test_every_mood_that_can_be_heard_is_said():
    book = lexicon.load()
    said = {c.level for choice in book.heard[Slot.MOOD] for c in choice.when}
    assert {*book.heads["mood"]} <= said


def test_what_is_played_stands_under_one_condition():
    for choice in lexicon.load().played:
        assert len(choice.when) == 1


def test_a_value_on_a_bound_belongs_to_the_higher_level():
    tempo = lexicon.load().levels["tempo"]
    assert [tempo.of(bpm) for bpm in (99.9, 100.0, 129.9, 130.0)] == [
        "slow",
        "moderate",
        "moderate",
        "fast",
    ]


def test_words_are_compared_in_lower_case_and_hyphens_hold():
    assert lexicon.words("Mid-century Teal & Orange") == {
        "mid-century",
        "teal",
        "orange",
    }


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("sure = 0.35", "sure = high", "not valid TOML"),
        ("sure = 0.35", 'sure = "high"', "listening.sure: a number is wanted"),
        ("sure = 0.35", "sure = 1.5", "listening.sure: a probability is wanted"),
        ("sure = 0.35 ", "certain = 0.35 ", "listening.sure: a number .* got nothing"),
        ("unheard = 0.03", "unheard = 0.5", "listening: 0 <= unheard"),
        ("unheard_most = 2", "unheard_most = 2.5", "a whole number is wanted"),
        ("bounds = [100, 130]", "bounds = [130, 100]", r"level.tempo.bounds: 2 rising"),
        ("bounds = [100, 130]", 'bounds = [100, "a"]', "level.tempo.bounds: numbers"),
        ('when = ["tempo fast"]', 'when = ["tempo quick"]', "'tempo quick' is unknown"),
        ('when = ["tempo fast"]', "when = []", r"blues.scene\[1\].when: .* empty"),
        ('when = ["tempo fast"]', 'wenn = ["tempo fast"]', "wenn: unknown; known here"),
        ('"bokeh lights"', '"bokeh, lights"', "no comma, got 'bokeh, lights'"),
        ('"bokeh lights"', '" bokeh"', "single spaces"),
        ('"guitar strings"] },', '"dark strings"] },', "'dark strings' .* no side"),
        ("[genre.blues]\n", "[genre.blues]\nmood = 1\n", "blues.mood: unknown"),
        ('unheard = ["ridgelines"]', "", "rock.unheard: .* got nothing"),
        (
            "[atmosphere.calm]",
            "[atmosphere.void]\n[atmosphere.calm]",
            "atmosphere.void",
        ),
        ("[negative]", "[positive]", "negative: a table is wanted, got nothing"),
        ("heard = 0.5", "heard = 2", "listening.heard: a probability is wanted"),
        (
            '["instruments piano"]',
            '["instruments pyano"]',
            "'instruments pyano' is unknown",
        ),
        ("[head.mood]", "[head.mode]", "'mood joyful' is unknown"),
    ],
)
def test_a_faulty_lexicon_is_refused_with_the_place(old, new, complaint):
    assert old in TEXT
    with pytest.raises(SoundArtError, match=complaint) as caught:
        lexicon.read(TEXT.replace(old, new, 1))
    assert "\n" not in str(caught.value)


def test_a_slot_that_every_picture_needs_ends_without_conditions():
    conditional = TEXT.replace(
        '{ say = ["worn guitar', '{ when = ["tempo slow"], say = ["worn guitar'
    )
    with pytest.raises(SoundArtError, match=r"blues.scene: the last choice"):
        lexicon.read(conditional)
