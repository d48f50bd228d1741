import dataclasses
import inspect
import itertools
import re
import subprocess
import sys

import pytest

import jaxsoundart
from jaxsoundart.compose.lexicon import Slot, load, words
from jaxsoundart.compose.prompt import compose
from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen.hearing import Hearing
from tests.compose.reading import phrases, slot

GENRES = tuple(load().genres)
EVERY_SOUND = [
    {"tempo_bpm": tempo, "key": key, "brightness_hz": hz, "loudness_db": db}
    for tempo, key, hz, db in itertools.product(
        (0.0, 72.0, 115.0, 168.0),
        ("E minor", "F# major"),
        (1100.0, 2100.0, 3300.0),
        (-30.0, -18.0, -9.0),
    )
]


@pytest.mark.parametrize("genre", GENRES)
def test_every_sound_gives_briefs_inside_the_gallery(
    genre, hear, vocabulary, gallery_phrases
):
    for sound in EVERY_SOUND[::3]:
        for brief in compose(
            hear(**{genre: 0.8}, **sound), count=3, vocabulary=vocabulary
        ):
            said = phrases(brief.prompt)
            assert set(said) <= gallery_phrases
            assert set(phrases(brief.negative_prompt)) <= gallery_phrases
            assert len(said) == len(set(said))
            assert len(brief.prompt.split()) <= 22
            assert slot(brief, Slot.SCENE)
            assert slot(brief, Slot.PALETTE)
            assert slot(brief, Slot.TEXTURE)
            assert slot(brief, Slot.LIGHT)


@pytest.mark.parametrize("genre", [*GENRES, None])
@pytest.mark.parametrize("known", ["gallery", "everything"])
def test_prompt_and_negative_never_meet_nor_contradict(genre, known, hear, vocabulary):
    book = load()
    words_known = vocabulary if known == "gallery" else None
    for sound in EVERY_SOUND[::13]:
        hearing = hear(**({genre: 0.8} if genre else {}), **sound)
        for brief in compose(hearing, count=5, vocabulary=words_known):
            painted = frozenset().union(*map(words, phrases(brief.prompt)))
            kept_out = frozenset().union(*map(words, phrases(brief.negative_prompt)))
            assert not (painted & kept_out) - book.linking
            for one, other in book.opposites:
                assert not (painted & one.words and painted & other.words), brief.prompt
            against = phrases(brief.negative_prompt)
            assert len(against) == len(set(against))


def test_the_same_hearing_gives_the_same_briefs(hear):
    hearing = hear(jazz=0.7)
    shuffled = dataclasses.replace(
        hearing, labels={"genre": dict(reversed(hearing.labels["genre"].items()))}
    )
    assert compose(hearing, count=9) == compose(shuffled, count=9)


def test_rich_words_without_a_vocabulary_plain_ones_with_it(hear, vocabulary):
    hearing = hear(jazz=0.7, brightness_hz=1450.0)
    (rich,) = compose(hearing)
    (plain,) = compose(hearing, vocabulary=vocabulary)
    assert phrases(rich.prompt)[0] == "curling smoke in a spotlight"
    assert phrases(plain.prompt)[0] == "ink smoke"
    assert "lettering" in phrases(rich.negative_prompt)
    assert "watermark" in phrases(rich.negative_prompt)


def test_phrases_stand_in_the_order_of_the_slots(hear, vocabulary):
    quiet_night = hear(
        blues=0.9, tempo_bpm=70.0, loudness_db=-30.0, brightness_hz=1200.0
    )
    (brief,) = compose(quiet_night, vocabulary=vocabulary)
    assert brief.prompt == (
        "guitar strings, deep blue palette, dark, smooth, minimal, calm"
    )


# --- Heads besides the genre ---


def reasons_of(brief, phrase):
    return {reason.phrase: reason.evidence for reason in brief.reasons}[phrase]


def test_what_is_played_is_the_second_picture(hear, vocabulary):
    heads = {"instruments": {"piano": 0.93, "saxophone": 0.7, "flute": 0.2}}
    briefs = compose(hear(jazz=0.8, heads=heads), count=3, vocabulary=vocabulary)
    plain = compose(hear(jazz=0.8), count=3, vocabulary=vocabulary)
    assert phrases(briefs[0].prompt)[0] == phrases(plain[0].prompt)[0]
    assert phrases(briefs[1].prompt)[0] == "piano keys"
    assert (
        reasons_of(briefs[1], "piano keys") == "instruments piano 0.93, another scene"
    )
    assert phrases(briefs[2].prompt)[0] == "ink smoke"


def test_where_the_genre_is_open_what_is_played_comes_first(hear, vocabulary):
    heads = {"instruments": {"piano": 0.93}}
    (brief,) = compose(hear(jazz=0.2, heads=heads), vocabulary=vocabulary)
    assert phrases(brief.prompt)[0] == "piano keys"
    assert reasons_of(brief, "piano keys") == "instruments piano 0.93"


def test_a_mood_that_is_heard_is_painted(hear, vocabulary):
    heads = {"mood": {"melancholic": 0.66, "calm": 0.2}}
    (brief,) = compose(hear(pop=0.8, heads=heads), vocabulary=vocabulary)
    assert reasons_of(brief, "melancholic") == "mood melancholic 0.66"


@pytest.mark.parametrize(
    ("mood", "unsure"), [({"melancholic": 0.49}, ()), ({"melancholic": 0.9}, ("mood",))]
)
def test_what_is_not_sure_is_not_painted(hear, vocabulary, mood, unsure):
    hearing = hear(pop=0.8, heads={"mood": mood}, unsure=unsure)
    (brief,) = compose(hearing, vocabulary=vocabulary)
    assert brief == compose(hear(pop=0.8), vocabulary=vocabulary)[0]


# --- Reasons ---


def figures(hearing):
    """Every way in which a hearing's facts may be put into words."""
    traits = hearing.traits
    yield f"tempo {traits.tempo_bpm:.0f} BPM"
    yield f"key {traits.key}"
    yield f"brightness {traits.brightness_hz:.0f} Hz"
    yield f"loudness {traits.loudness_db:.1f} dB"
    yield f"dynamics {traits.dynamics_db:.1f} dB"
    for name, probability in hearing.labels["genre"].items():
        genre = f"genre {name} {probability:.2f}"
        yield from (
            genre,
            f"second {genre}",
            f"unsure of {genre}",
            f"not heard: {genre}",
        )


@pytest.mark.parametrize(
    "genres",
    [{"jazz": 0.71, "blues": 0.2}, {"metal": 0.6, "rock": 0.35}, {"pop": 0.3}, {}],
)
def test_every_phrase_has_one_reason_and_it_is_true(genres, hear):
    for sound in EVERY_SOUND[::5]:
        hearing = hear(**genres, **sound)
        for brief in compose(hearing, count=4, style="linocut", negative="cats"):
            for side in ("prompt", "negative prompt"):
                text = brief.prompt if side == "prompt" else brief.negative_prompt
                given = [
                    reason.phrase for reason in brief.reasons if reason.side == side
                ]
                assert given == phrases(text)
            true = set(figures(hearing)) | {
                "always",
                "--style",
                "--negative",
                f"atmosphere {brief.atmosphere}",
                "another scene",
            }
            for reason in brief.reasons:
                facts = re.sub("^opposite of [^:]+: ", "", reason.evidence).split(", ")
                assert set(facts) <= true, reason


def test_the_evidence_names_the_level_that_decided(hear):
    (brief,) = compose(hear(jazz=0.71, tempo_bpm=150.0, brightness_hz=1450.0))
    reasons = {reason.phrase: reason.evidence for reason in brief.reasons}
    assert reasons["syncopated geometric paper shapes"] == (
        "genre jazz 0.71, tempo 150 BPM"
    )
    assert reasons["dark low-key light"] == "brightness 1450 Hz"
    assert reasons["bright"] == "opposite of dark low-key light: brightness 1450 Hz"
    assert reasons["watermark"] == "always"


def test_what_could_not_be_measured_is_no_evidence(hear):
    hearing = hear(
        tempo_bpm=0.0,
        key="unknown",
        loudness_db=float("-inf"),
        brightness_hz=float("nan"),
        dynamics_db=0.0,
    )
    (brief,) = compose(dataclasses.replace(hearing, labels={}))
    assert slot(brief, Slot.LIGHT) is None
    said = {r.evidence for r in brief.reasons if r.side == "prompt"}
    assert said == {"no known genre heard"}


# --- Genres ---


def test_canonical_songs_of_the_genres_differ_in_family_and_palette(hear, vocabulary):
    sounds = [{"key": key} for key in ("A minor", "A major")]
    for sound in sounds:
        seen = {
            (slot(brief, Slot.SCENE), slot(brief, Slot.PALETTE))
            for genre in GENRES
            for brief in compose(hear(**{genre: 0.9}, **sound), vocabulary=vocabulary)
        }
        assert len(seen) == len(GENRES)


def test_songs_of_one_genre_differ_as_they_sound(hear, vocabulary):
    seen = {
        compose(hear(rock=0.9, **sound), vocabulary=vocabulary)[0].prompt
        for sound in EVERY_SOUND
    }
    assert len(seen) >= 20


@pytest.mark.parametrize(
    ("second", "palette", "texture"),
    [
        (0.19, "crimson palette", "glitch"),
        (0.25, "crimson palette", "smooth"),
        (0.35, "neon palette", "smooth"),
    ],
)
def test_a_second_genre_supplies_texture_then_palette(second, palette, texture, hear):
    (brief,) = compose(hear(metal=0.6, pop=second))
    assert slot(brief, Slot.SCENE) == "flames"
    assert slot(brief, Slot.PALETTE) == palette
    assert slot(brief, Slot.TEXTURE) == texture


def test_an_unsure_listener_leaves_it_to_the_traits_and_says_so(hear):
    hearing = hear(blues=0.24, tempo_bpm=80.0, brightness_hz=1200.0)
    (brief,) = compose(hearing)
    reasons = {reason.phrase: reason.evidence for reason in brief.reasons}
    assert reasons["pine forest in drifting fog"] == (
        "unsure of genre blues 0.24, tempo 80 BPM, brightness 1200 Hz"
    )
    assert "unsure of genre blues 0.24" in reasons["inky deep blue palette"]


def test_a_genre_without_words_is_left_to_the_traits(hear):
    hearing = dataclasses.replace(hear(), labels={"genre": {"gamelan": 1.0}})
    (brief,) = compose(hearing)
    assert "no known genre heard" in brief.reasons[0].evidence


def test_what_was_clearly_not_heard_is_kept_out(hear, vocabulary):
    shares = {"jazz": 0.88, "metal": 0.001, "disco": 0.002, "pop": 0.02}
    (brief,) = compose(hear(**shares), vocabulary=vocabulary)
    reasons = {reason.phrase: reason.evidence for reason in brief.reasons}
    assert reasons["flames"] == "not heard: genre metal 0.00"
    assert reasons["mirror ball"] == "not heard: genre disco 0.00"
    assert "colour haze" not in reasons


# --- Several pictures ---


@pytest.mark.parametrize("genre", GENRES)
def test_pictures_of_one_song_differ_in_atmosphere_and_scene(genre, hear, vocabulary):
    for sound in EVERY_SOUND[::19]:
        hearing = hear(**{genre: 0.8}, **sound)
        briefs = compose(hearing, count=12, vocabulary=vocabulary)
        assert briefs[0].atmosphere == "as heard"
        assert len({brief.atmosphere for brief in briefs[:5]}) == 5
        assert len({brief.prompt for brief in briefs}) == 12
        assert len({slot(brief, Slot.SCENE) for brief in briefs[:3]}) == 3
        assert len({slot(brief, Slot.PALETTE) for brief in briefs}) == 1
        assert briefs[:2] == compose(hearing, count=2, vocabulary=vocabulary)


def test_the_order_of_the_atmospheres_follows_the_song(hear, vocabulary):
    calm = hear(blues=0.8, tempo_bpm=70.0, loudness_db=-30.0, brightness_hz=1200.0)
    loud = hear(disco=0.8, tempo_bpm=150.0, loudness_db=-9.0, brightness_hz=3300.0)
    after_calm, after_loud = (
        [brief.atmosphere for brief in compose(hearing, count=5)]
        for hearing in (calm, loud)
    )
    assert "energetic" not in after_calm[1:3]
    assert after_calm[1] in ("calm", "gritty")
    assert "energetic" in after_loud[1:3]
    assert "calm" not in after_loud[1:3]
    plain = compose(calm, count=5, vocabulary=vocabulary)
    assert after_calm == [brief.atmosphere for brief in plain]


def test_an_atmosphere_that_changes_nothing_is_left_out(hear):
    dark = hear(blues=0.8, brightness_hz=1200.0)
    assert "dark" not in {brief.atmosphere for brief in compose(dark, count=12)}


@pytest.mark.parametrize("name", load().atmospheres)
def test_an_atmosphere_shifts_all_pictures(name, hear):
    for brief in compose(hear(country=0.8), count=3, atmosphere=f" {name.upper()} "):
        assert brief.atmosphere == name
        for place, say in load().atmospheres[name].items():
            assert slot(brief, place) == say[-1]
            assert f"atmosphere {name}" in {r.evidence for r in brief.reasons}


def test_as_heard_may_be_asked_for(hear):
    briefs = compose(hear(pop=0.8), count=3, atmosphere="as heard")
    assert {brief.atmosphere for brief in briefs} == {"as heard"}


def test_an_unknown_atmosphere_is_refused_with_the_known_ones(hear):
    with pytest.raises(ArgumentError, match=r"'gloomy' .* as heard, calm, dark"):
        compose(hear(), atmosphere="gloomy")


@pytest.mark.parametrize("count", [0, -1, 1001])
def test_a_senseless_count_is_refused(count, hear):
    with pytest.raises(ArgumentError, match=f"count is {count}; use a number from 1"):
        compose(hear(), count=count)


# --- The room ---


def test_the_room_is_called_like_its_verb(hear):
    hearing = hear(reggae=0.8)
    assert jaxsoundart.compose(hearing, count=2) == compose(hearing, count=2)


def test_the_brief_is_a_tuple_also_for_one_picture(hear):
    briefs = jaxsoundart.compose(hear())
    assert isinstance(briefs, tuple)
    assert len(briefs) == 1


def test_composing_needs_no_jax():
    program = (
        "import sys, jaxsoundart\n"
        "from jaxsoundart.listen.hearing import Hearing\n"
        "from jaxsoundart.sound.waveform import Traits\n"
        "traits = Traits(tempo_bpm=90.0, key='C major', loudness_db=-14.0,\n"
        "                brightness_hz=2000.0, dynamics_db=9.0)\n"
        "hearing = Hearing(labels={'genre': {'jazz': 1.0}}, traits=traits,\n"
        "                  excerpts=(), listener='none')\n"
        "assert jaxsoundart.compose(hearing)[0].prompt\n"
        "print(sorted({'jax', 'flax', 'librosa'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_hearing_is_left_as_it_was(hear):
    hearing = hear(jazz=0.5)
    before = repr(hearing)
    compose(hearing, count=4)
    assert repr(hearing) == before
    assert isinstance(hearing, Hearing)


def test_the_verb_hands_every_wish_on(hear):
    verb = inspect.signature(jaxsoundart.compose.compose).parameters
    assert list(verb) == list(inspect.signature(compose).parameters)
    wishes = {
        "count": 2,
        "style": "linocut",
        "negative": "cats",
        "atmosphere": "dark",
        "vocabulary": words("linocut dark smooth city skyline gold and black palette"),
    }
    hearing = hear(hiphop=0.9)
    assert jaxsoundart.compose(hearing, **wishes) == compose(hearing, **wishes)
    asked = {"prompt": "a red barn"}
    assert jaxsoundart.compose(hearing, **asked) == compose(hearing, **asked)
