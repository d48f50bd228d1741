"""Songs of folders, patterns and lists: each once, in one order, with its wishes."""

import json
from pathlib import Path

import pytest

from jaxsoundart.catalogue import songs
from jaxsoundart.commission import Commission
from jaxsoundart.errors import ArgumentError

OUT = Path("out")


@pytest.fixture
def music(tmp_path):
    for name in ("a/one.wav", "a/two.FLAC", "b/one.mp3", "b/cover.jpg", "b/c/x.ogg"):
        path = tmp_path / "music" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "music"


def names(entries, music):
    return [str(entry.path.relative_to(music)) for entry in entries]


def test_the_order_of_songs_does_not_depend_on_the_file_system(music):
    found = songs.find([music], [], OUT)
    assert names(found, music) == ["a/one.wav", "a/two.FLAC", "b/c/x.ogg", "b/one.mp3"]
    assert [entry.folder for entry in found] == [OUT / "a"] * 2 + [
        OUT / "b" / "c",
        OUT / "b",
    ]
    assert songs.find([music, music / "a" / "one.wav"], [], OUT) == found


def test_songs_of_one_name_in_one_folder_know_it(music):
    found = songs.find(sorted(music.rglob("one.*")), [], OUT)
    assert [entry.is_alone for entry in found] == [False, False]
    assert all(entry.is_alone for entry in songs.find([music], [], OUT))


def test_patterns_stand_for_songs_and_files_for_themselves(music):
    found = songs.find([str(music / "**" / "*.*")], [], OUT)
    assert names(found, music) == ["a/one.wav", "a/two.FLAC", "b/c/x.ogg", "b/one.mp3"]
    assert {entry.folder for entry in found} == {OUT}
    strange = music / "[live].wav"
    strange.touch()
    assert [entry.path for entry in songs.find([strange], [], OUT)] == [strange]
    assert songs.find(["nowhere.wav"], [], OUT)[0].path == Path("nowhere.wav")
    with pytest.raises(ArgumentError, match="no songs"):
        songs.find([str(music / "*.aiff")], [], OUT)


def test_a_list_has_a_song_a_line(music):
    listed = music / "list.txt"
    listed.write_text(f"a/one.wav\n\n{music / 'b' / 'one.mp3'}\nb/c\n")
    found = songs.find([], [listed], OUT)
    assert names(found, music) == ["a/one.wav", "b/one.mp3", "b/c/x.ogg"]


def test_tables_have_wishes(music):
    table = music / "songs.csv"
    table.write_text(
        "isrc,song,style,seed,count\nX1,a/one.wav,neon palette,7,\nX2,b/one.mp3,,,2\n"
    )
    first, second = songs.find([], [table], OUT)
    assert first.wishes == {"style": "neon palette", "seed": 7}
    assert second.wishes == {"count": 2}
    base = Commission(negative="fog")
    assert first.asked(base) == Commission(negative="fog", style="neon palette", seed=7)
    lines = music / "songs.jsonl"
    rows = [{"song": "b/c", "atmosphere": "calm", "seed": 4294967295, "label": 1}]
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (third,) = songs.find([], [lines], OUT)
    assert (third.path, third.folder) == (music / "b" / "c" / "x.ogg", OUT)
    assert third.wishes == {"atmosphere": "calm", "seed": 4294967295}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("list.csv", "file\na.wav\n", "has no column 'song'"),
        ("list.csv", "", "has no column 'song'"),
        ("list.csv", "song,seed\na.wav,x\n", "line 2: seed is 'x'; wanted a whole"),
        ("list.csv", "song,count\na.wav,0\n", "count"),
        ("list.csv", "song,style\n,neon\n", "line 2: there is no 'song'"),
        ("list.jsonl", '{"song": "a.wav"}\n{', "line 2 is no JSON"),
        ("list.jsonl", "[1]\n", "line 1 is no JSON object"),
        ("list.jsonl", '{"song": 5}\n', "line 1: there is no 'song'"),
        ("list.jsonl", '{"song": "a", "seed": 1.5}\n', "seed is 1.5"),
        ("list.jsonl", '{"song": "a", "atmosphere": "odd"}\n', "atmosphere 'odd'"),
    ],
)
def test_lists_that_are_none(tmp_path, name, text, says):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ArgumentError, match=says):
        songs.find([], [path], OUT)


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "-1/2", "a/b", "1/0", "1/2/3"])
def test_shards_that_are_none(text):
    with pytest.raises(ArgumentError, match="shard"):
        songs.read_shard(text)
    assert songs.read_shard("3/8") == (3, 8)
