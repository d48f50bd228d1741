"""A song in, its covers out: the chain as Python calls it."""

import dataclasses

import numpy as np
import pytest

import jaxsoundart
from jaxsoundart import output
from jaxsoundart.commission import Commission
from jaxsoundart.errors import ArgumentError, PictureError
from jaxsoundart.paint.order import Settings
from jaxsoundart.picture import png
from jaxsoundart.replay import replay
from jaxsoundart.sound import files
from jaxsoundart.studio import Studio
from tests import tiny_song

FAST = {"settings": Settings(steps=2, sampler="ddim")}


@pytest.fixture(scope="module")
def covers(song, tiny_painter):
    return jaxsoundart.cover(song, count=4, painter=tiny_painter, **FAST)


def test_a_song_gets_its_covers_each_with_its_own_words_and_seed(covers, song):
    first_seed = int(files.content_hash(song)[:8], 16)
    seeds = [cover.record.painting.seed for cover in covers]
    assert seeds == [(first_seed + n) % 2**32 for n in range(4)]
    assert len({cover.record.brief.atmosphere for cover in covers}) == 4
    assert len({cover.image.tobytes() for cover in covers}) == 4
    for cover in covers:
        assert cover.image.shape == (16, 16, 3)
        assert cover.record.song.file_name == "song.wav"
        assert cover.record.song.duration_s == pytest.approx(4.0)
        assert cover.record.hearing == covers[0].record.hearing


def test_the_same_song_gives_the_same_covers(covers, song, tiny_painter):
    again = jaxsoundart.cover(song, count=4, painter=tiny_painter, **FAST)
    for one, other in zip(covers, again, strict=True):
        assert one.image.tobytes() == other.image.tobytes()
        assert one.record == other.record


def test_a_cover_does_not_depend_on_how_many_there_are(covers, song, tiny_painter):
    (alone,) = jaxsoundart.cover(song, count=1, painter=tiny_painter, **FAST)
    assert alone.image.tobytes() == covers[0].image.tobytes()
    assert alone.record == covers[0].record


def test_a_cover_does_not_depend_on_the_songs_painted_with_it(
    covers, song, tiny_painter, tmp_path
):
    other = tiny_song.write(tmp_path / "other.wav", tonic_hz=330.0)
    studio = Studio(Commission(count=3, **FAST), painter=tiny_painter)
    one, two = studio.paint([studio.draft(other), studio.draft(song)])
    assert [c.record.song.file_name for c in one] == ["other.wav"] * 3
    for cover, before in zip(two, covers, strict=False):
        assert cover.image.tobytes() == before.image.tobytes()


def test_seeds_go_round(song, tiny_painter):
    studio = Studio(Commission(count=3, seed=2**32 - 2, **FAST), painter=tiny_painter)
    assert studio.draft(song).seeds == (2**32 - 2, 2**32 - 1, 0)


def test_words_of_the_user_reach_the_record(song, tiny_painter):
    commission = Commission(
        count=1, prompt="full moon", style="linocut", negative="boats", **FAST
    )
    (brief,) = Studio(commission, painter=tiny_painter).draft(song).briefs
    assert brief.prompt.startswith("full moon, linocut")
    assert "boats" in brief.negative_prompt.split(", ")


def test_composed_words_are_those_the_painter_knows(covers, tiny_painter):
    studio = Studio(Commission(), painter=tiny_painter)
    for cover in covers:
        said = cover.record.brief.prompt.replace(",", "").split()
        assert set(said) <= studio.vocabulary


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": 0}, "count is 0"),
        ({"count": 100_000}, "count is 100000"),
        ({"seed": 2**32}, "seed 4294967296 is out of range"),
        ({"seed": -1}, "seed -1"),
        ({"prompt": "  "}, "prompt is given but empty"),
        ({"style": "a\x00b"}, "control character"),
        ({"style": "moon", "negative": "moon"}, "both wanted and in negative"),
        ({"atmosphere": "purple"}, "'purple' is unknown; use one of: as heard, calm"),
        ({"excerpts": "intro+solo"}, "'solo' is no part"),
        ({"guidance": float("nan")}, "guidance nan"),
        ({"vary": 1.5}, "variation 1.5"),
    ],
)
def test_impossible_commissions_are_refused(change, message):
    with pytest.raises(ArgumentError, match=message):
        Commission(**change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "0 steps"),
        ({"steps": 1001}, "1001 steps"),
        ({"sampler": "plms"}, "'plms' is unknown"),
        ({"width_px": 1}, "width 1 px is not divisible by 2; use 2"),
    ],
)
def test_what_the_painter_cannot_do_is_refused_before_anything_is_heard(
    change, message, tiny_painter
):
    with pytest.raises(ArgumentError, match=message):
        Studio(Commission(settings=Settings(**change)), painter=tiny_painter).load()


def test_painting_words_alone(tiny_painter):
    pictures = jaxsoundart.paint(
        "moon", negative_prompt="sun", seed=7, count=2, painter=tiny_painter, **FAST
    )
    (second,) = jaxsoundart.paint(
        "moon", negative_prompt="sun", seed=8, painter=tiny_painter, **FAST
    )
    assert pictures.shape == (2, 16, 16, 3)
    np.testing.assert_array_equal(pictures[1], second)
    with pytest.raises(ArgumentError, match="prompt is empty"):
        jaxsoundart.paint("  ", painter=tiny_painter)


def test_a_brief_is_painted_with_its_negative_prompt(covers, tiny_painter):
    record = covers[2].record
    (picture,) = jaxsoundart.paint(
        record.brief, seed=record.painting.seed, painter=tiny_painter, **FAST
    )
    np.testing.assert_array_equal(picture, covers[2].image)


def test_unlearnt_words_are_named(tiny_painter, caplog):
    jaxsoundart.paint("a moon of zebra", painter=tiny_painter, **FAST)
    assert "has not learnt the words: zebra;" in caplog.text


def test_replaying_gives_the_same_bits(covers, tmp_path):
    png.write(tmp_path / "cover.png", covers[3].image, covers[3].record)
    again = replay(tmp_path / "cover.png")
    assert again.is_equal
    assert again.largest_difference == 0
    assert again.cover.image.tobytes() == covers[3].image.tobytes()
    assert again.cover.record == covers[3].record


def test_replaying_an_edited_picture_tells_how_much_differs(covers, tmp_path):
    edited = covers[0].image.copy()
    edited[0, :3] ^= 128
    png.write(tmp_path / "cover.png", edited, covers[0].record)
    again = replay(tmp_path / "cover.png")
    assert not again.is_equal
    assert (again.differing_pixels, again.largest_difference) == (3, 128)


def test_files_are_named_after_the_song_and_replace_only_their_own(covers, tmp_path):
    song = covers[0].record.song

    def base(digest):
        return output.base_name(
            tmp_path, "song", digest, lambda record: record.song.sha256 == digest
        )

    paths = output.write(tmp_path, covers, base=base(song.sha256))
    names = [f"song-{n}.png" for n in (1, 2, 3, 4)]
    assert [path.name for path in paths] == [*names, "song-sheet.png"]
    assert base(song.sha256) == "song"
    assert base("1234567890ab") == "song-12345678"
    records = [png.read(path)[1] for path in paths[:4]]
    assert records == [cover.record for cover in covers]
    for path, record in zip(paths, records, strict=False):
        assert path.with_suffix(".json").read_text("utf-8") == record.to_json()


def test_pictures_that_are_not_ours_are_left_alone(tmp_path, covers):
    (tmp_path / "song-1.png").write_bytes(b"holiday")
    (tmp_path / "notes-1.json").write_text("{}")
    for stem in ("song", "notes"):
        name = output.base_name(tmp_path, stem, "abcdef0123", lambda record: True)
        assert name == f"{stem}-abcdef01"


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("a\nb\tc", "a_b_c"),
        ("夜の歌", "夜の歌"),
        ("夜" * 100, "夜" * 66),
        ("", "cover"),
        ("-rf", "-rf"),
    ],
)
def test_odd_names_become_names_of_files(stem, name, tmp_path):
    assert output.base_name(tmp_path, stem, "00" * 32, lambda record: True) == name


def test_looking_whether_a_folder_can_be_written_leaves_no_trace(tmp_path):
    output.check_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("here")
    with pytest.raises(PictureError, match="cannot write into"):
        output.check_writable(tmp_path / "file" / "b")
    assert (tmp_path / "file").read_text() == "here"


def test_a_full_disk_leaves_what_was_there(covers, tmp_path, monkeypatch):
    paths = output.write(tmp_path, covers[:1], base="song")
    before = paths[0].read_bytes()
    other = dataclasses.replace(covers[0], image=255 - covers[0].image)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(PictureError, match="No space left on device"):
        output.write(tmp_path, [other], base="song")
    assert paths[0].read_bytes() == before
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["song-1.json", "song-1.png"]
