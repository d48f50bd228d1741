import dataclasses
import json
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from jaxsoundart.compose.brief import Brief, Reason
from jaxsoundart.errors import PictureError
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.paint.order import Settled
from jaxsoundart.picture.record import (
    SCHEMA,
    Painting,
    Record,
    Song,
    Versions,
    from_json,
    today,
)
from jaxsoundart.sound.waveform import Excerpt, Part, Traits


def a_record(**changes) -> Record:
    record = Record(
        song=Song(
            file_name="Nachtflug – 夜.ogg",
            title="夜",
            artist="",
            sha256="ab" * 32,
            duration_s=60.5,
        ),
        hearing=Hearing(
            labels={"genre": {"rock": 0.625, "blues": 0.375}, "mood": {"dark": 1.0}},
            traits=Traits(
                tempo_bpm=108.0,
                key="A minor",
                loudness_db=-12.25,
                brightness_hz=1450.0,
                dynamics_db=9.5,
            ),
            excerpts=(
                Excerpt(part=Part.INTRO, start_s=0.0, end_s=8.9, why="the first bars"),
                Excerpt(part=Part.DROP, start_s=26.7, end_s=44.5, why="bass sets in"),
            ),
            listener="bundled 0123abcd",
        ),
        brief=Brief(
            prompt="neon city, rain",
            negative_prompt="text, daylight",
            reasons=(
                Reason(phrase="rain", side="prompt", evidence="genre blues 0.38"),
                Reason(
                    phrase="text",
                    side="negative prompt",
                    evidence='always: "lettering"',
                ),
            ),
            atmosphere="dark",
        ),
        painting=Painting(
            painter="bundled",
            painter_sha256="cd" * 32,
            seed=2**32 - 1,
            guidance=7.5,
            settings=Settled(
                sampler="ddim",
                steps=25,
                width_px=48,
                height_px=32,
                upscale=True,
                decode_passes=2,
            ),
            backend="cpu",
            licence="apache-2.0",
        ),
        versions=Versions(
            jaxsoundart="0.1.0", jax="0.10.2", flax="0.12.8", python="3.12.1"
        ),
        painted_on="2026-02-28",
    )
    return dataclasses.replace(record, **changes)


def edited(change) -> str:
    content = json.loads(a_record().to_json())
    change(content)
    return json.dumps(content)


def test_json_there_and_back_is_the_same_record():
    record = a_record()
    again = from_json(record.to_json())
    assert again == record
    assert again.to_json() == record.to_json()


def test_a_picture_without_a_song_has_a_record_too():
    record = a_record(song=None, hearing=None)
    assert from_json(record.to_json()) == record


def test_json_says_everything_in_its_place():
    content = json.loads(a_record().to_json())
    assert list(content) == [
        "schema",
        "song",
        "hearing",
        "brief",
        "painting",
        "versions",
        "painted_on",
    ]
    assert content["schema"] == SCHEMA
    assert content["song"] == {
        "file_name": "Nachtflug – 夜.ogg",
        "title": "夜",
        "artist": "",
        "sha256": "ab" * 32,
        "duration_s": 60.5,
    }
    hearing = content["hearing"]
    # The order is kept: the most probable label comes first.
    assert list(hearing["labels"]["genre"].items()) == [
        ("rock", 0.625),
        ("blues", 0.375),
    ]
    assert hearing["traits"]["key"] == "A minor"
    assert hearing["excerpts"][1] == {
        "part": "drop",
        "start_s": 26.7,
        "end_s": 44.5,
        "why": "bass sets in",
    }
    assert hearing["listener"] == "bundled 0123abcd"
    assert content["brief"]["negative_prompt"] == "text, daylight"
    assert content["brief"]["reasons"][0]["evidence"] == "genre blues 0.38"
    assert content["painting"] == {
        "painter": "bundled",
        "painter_sha256": "cd" * 32,
        "seed": 4294967295,
        "guidance": 7.5,
        "settings": {
            "sampler": "ddim",
            "steps": 25,
            "spacing": None,
            "width_px": 48,
            "height_px": 32,
            "guidance_rescale": 0.0,
            "long_prompts": True,
            "strength": 0.7,
            "enlarge": 1.0,
            "enlarge_strength": 0.5,
            "decode_passes": 2,
            "upscale": True,
        },
        "backend": "cpu",
        "licence": "apache-2.0",
        "changes": [],
        "variation": 0.0,
        "variation_seed": 0,
        "over_sha256": None,
        "mask_sha256": None,
    }
    assert set(content["versions"]) == {"jaxsoundart", "jax", "flax", "python"}


def test_numpy_numbers_are_written_as_numbers():
    hearing = a_record().hearing
    loud = dataclasses.replace(hearing.traits, loudness_db=np.float64(-3.5))
    record = a_record(hearing=dataclasses.replace(hearing, traits=loud))
    assert json.loads(record.to_json())["hearing"]["traits"]["loudness_db"] == -3.5


def test_file_names_that_are_no_utf8_survive():
    name = b"caf\xe9.mp3".decode("utf-8", "surrogateescape")
    record = a_record(song=dataclasses.replace(a_record().song, file_name=name))
    text = record.to_json()
    assert from_json(text.encode("utf-8").decode("utf-8")) == record


def test_a_number_json_cannot_say_is_refused():
    hearing = a_record().hearing
    silent = dataclasses.replace(hearing.traits, loudness_db=float("-inf"))
    record = a_record(hearing=dataclasses.replace(hearing, traits=silent))
    with pytest.raises(PictureError, match="not writable"):
        record.to_json()


def test_every_missing_key_is_named():
    for room, part in json.loads(a_record().to_json()).items():
        for name in part if isinstance(part, dict) else ():
            text = edited(lambda content, r=room, n=name: content[r].pop(n))
            with pytest.raises(PictureError, match=f"record.{room} lacks {name}"):
                from_json(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(schema=1), f"schema 1, this jaxsoundart reads {SCHEMA}"),
        (lambda c: c.update(schema=True), "schema True"),
        (lambda c: c.pop("schema"), "no schema number"),
        (lambda c: c.pop("painting"), "record lacks painting"),
        (lambda c: c.update(mood="blue"), "record has unknown mood"),
        (lambda c: c["painting"].update(eta=1), "record.painting has unknown eta"),
        (lambda c: c["painting"].update(seed=2**32), "not in 0 to 4294967295"),
        (lambda c: c["painting"].update(seed=-1), "not in 0 to 4294967295"),
        (lambda c: c["painting"].update(seed=1.0), "seed is 1.0 instead of an integer"),
        (lambda c: c["painting"].update(seed=True), "instead of an integer"),
        (
            lambda c: c["painting"]["settings"].update(steps=0),
            "steps 0 is not positive",
        ),
        (
            lambda c: c["painting"]["settings"].update(long_prompts=1),
            "long_prompts is 1 instead of true or false",
        ),
        (lambda c: c["painting"].update(guidance="7"), "instead of a finite number"),
        (lambda c: c["painting"].update(guidance=float("nan")), "finite number"),
        (lambda c: c["brief"].update(prompt=None), "prompt is None instead of a text"),
        (lambda c: c["brief"]["reasons"][1].update(side="left"), r"reasons\[1\].side"),
        (lambda c: c["hearing"]["excerpts"][0].update(part="coda"), "intro, drop"),
        (lambda c: c["hearing"].update(labels=[]), "labels is .* instead of an object"),
        (lambda c: c["hearing"]["labels"]["genre"].update(rock="0"), "genre.rock"),
        (lambda c: c["hearing"].update(excerpts={}), "instead of a list"),
        (lambda c: c.update(versions="1"), "versions is '1' instead of an object"),
    ],
)
def test_a_foreign_or_damaged_record_is_one_clear_line(change, message):
    with pytest.raises(PictureError, match=message) as caught:
        from_json(edited(change))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "no json", "[1, 2]", "null", "3", '{"a": ' * 9000]
)
def test_text_that_is_no_record_is_one_clear_line(text):
    with pytest.raises(PictureError) as caught:
        from_json(text)
    assert "\n" not in str(caught.value)


def test_versions_are_those_installed():
    import flax
    import jax

    versions = Versions.installed()
    assert (versions.jax, versions.flax) == (jax.__version__, flax.__version__)
    assert versions.python == ".".join(map(str, sys.version_info[:3]))


def test_the_record_needs_no_jax():
    code = (
        "import sys, jaxsoundart.picture.png, jaxsoundart.picture.record as r;"
        "r.Versions.installed(); sys.exit('jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_day_is_the_clocks_or_the_one_that_is_given(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86399")
    assert today() == "1970-01-01"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert today() == "1970-01-02"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "tomorrow")
    before = datetime.now(UTC).date().isoformat()
    assert before <= today() <= datetime.now(UTC).date().isoformat()
