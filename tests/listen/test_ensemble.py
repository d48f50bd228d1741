"""Several listeners as one: who answers what, and of which kind of sound."""

import json

import pytest

from jaxsoundart.errors import ModelError
from jaxsoundart.listen import bundle as bundles
from jaxsoundart.listen.ensemble import Ensemble
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.listen.opening import open_listener
from jaxsoundart.sound.waveform import Excerpt, Part

EXCERPTS = (Excerpt(part=Part.INTRO, start_s=0.0, end_s=9.0, why="fixed"),)
ABOUT = {"genre": "music", "animal": "animal"}


class Says:
    """A listener that always hears the same."""

    def __init__(self, id, labels, unsure=()):
        self.id, self.labels, self.unsure = id, labels, unsure

    def hear(self, waveform, excerpts, traits):
        return Hearing(
            labels=self.labels,
            unsure=self.unsure,
            traits=traits,
            excerpts=tuple(excerpts),
            listener=self.id,
        )


def ensemble(kind, unsure=()):
    other = {"music": "animal", "animal": "music", "noise": "music"}[kind]
    return Ensemble(
        [
            Says("table@1", {"genre": {"jazz": 0.9, "rock": 0.1}}),
            Says(
                "sounds@2",
                {"kind": {kind: 0.7, other: 0.2}, "animal": {"dog": 0.8, "cat": 0.2}},
                unsure,
            ),
        ],
        ABOUT,
    )


@pytest.mark.parametrize(
    ("kind", "heads"),
    [
        ("music", ["genre", "kind"]),
        ("animal", ["kind", "animal"]),
        ("noise", ["kind"]),
    ],
)
def test_only_what_fits_the_kind_of_sound_is_asked(kind, heads, song, traits):
    heard = ensemble(kind).hear(song, EXCERPTS, traits)
    assert list(heard.labels) == heads
    assert heard.unsure == ()
    assert heard.listener == "table@1 sounds@2"
    assert (heard.traits, heard.excerpts) == (traits, EXCERPTS)


def test_where_the_kind_is_unsure_so_is_what_hangs_on_it(song, traits):
    heard = ensemble("music", ("kind",)).hear(song, EXCERPTS, traits)
    assert heard.unsure == ("genre", "kind")


def test_what_is_unsure_stays_so(song, traits):
    parts = [Says("a", {"genre": {"jazz": 0.3}}, ("genre",))]
    assert Ensemble(parts, {}).hear(song, EXCERPTS, traits).unsure == ("genre",)


def test_two_answers_to_one_question_are_refused(song, traits):
    parts = [Says(name, {"genre": {"jazz": 1.0}}) for name in ("a", "b")]
    with pytest.raises(ModelError, match=r"b answers what another .*: genre"):
        Ensemble(parts, {}).hear(song, EXCERPTS, traits)


def write(folder, content):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(content))


def test_an_ensemble_is_opened(bundle, tmp_path, song, traits):
    bundles.write(tmp_path / "genre", bundle)
    write(tmp_path, {"model_type": "jaxsoundart ensemble", "parts": ["genre"]})
    heard = open_listener(tmp_path).hear(song, EXCERPTS, traits)
    alone = open_listener(tmp_path / "genre").hear(song, EXCERPTS, traits)
    assert heard == alone


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        (None, "names no parts"),
        ([], "names no parts"),
        (["../elsewhere"], "no name of a part's folder"),
        ([3], "no name of a part's folder"),
        (["missing"], "missing"),
        (["inner"], "an ensemble within an ensemble"),
    ],
)
def test_a_wrong_ensemble_is_one_clear_line(tmp_path, parts, complaint):
    config = {"model_type": "jaxsoundart ensemble", "parts": parts}
    write(tmp_path, config)
    write(tmp_path / "inner", config)
    with pytest.raises(ModelError, match=complaint) as caught:
        open_listener(tmp_path)
    assert "\n" not in str(caught.value)
