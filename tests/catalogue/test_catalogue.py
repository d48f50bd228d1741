"""A catalogue: resumed, shared, and not stopped by one bad song."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infer import catalogue
from infer.manifest import Manifest
from jaxsoundart.errors import ArgumentError
from jaxsoundart.picture import png
from tests import tiny_song


@pytest.fixture
def music(tmp_path):
    """Four songs in two folders; two of one name, one that is none."""
    for name, tonic_hz in (("a/one.wav", 220), ("a/two.wav", 262), ("b/one.wav", 330)):
        tiny_song.write(tmp_path / "music" / name, tonic_hz=tonic_hz, duration_s=2.0)
    (tmp_path / "music" / "b" / "bad.mp3").write_text("no sound\n")
    (tmp_path / "music" / "b" / "cover.jpg").write_text("no song\n")
    return tmp_path / "music"


@pytest.fixture
def paint(command, tiny_painter, capsys):
    """Runs the program; returns exit code and the line it prints last."""

    def run(*arguments):
        fast = ("--painter", tiny_painter, "--steps", 2, "--sampler", "ddim")
        given = [str(argument) for argument in (*arguments, *fast)]
        code = catalogue.main(given)
        lines = capsys.readouterr().out.splitlines()
        return code, lines[-1] if lines else ""

    return run


def entries(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def test_a_catalogue_is_painted_and_resumed(paint, music):
    code, said = paint(music, "-o", "out", "--count", 2)
    assert (code, said) == (1, "3 painted, 0 kept, 1 failed")
    covers = sorted(str(path) for path in Path("out").rglob("*-?.png"))
    assert covers == [
        f"out/{song}-{n}.png" for song in ("a/one", "a/two", "b/one") for n in (1, 2)
    ]
    done = {entry["song"]: entry for entry in entries("out/manifest.jsonl")}
    assert "is text, not sound" in done[str(music / "b" / "bad.mp3")]["error"]
    two = done[str(music / "a" / "two.wav")]
    assert two["files"] == [f"a/two-{n}.png" for n in (1, 2, "sheet")]
    _, record = png.read("out/a/two-1.png")
    assert record.song.sha256 == two["sha256"]

    def times():
        return {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.png")}

    before = times()
    code, said = paint(music, "-o", "out", "--count", 2)
    assert (code, said) == (1, "0 painted, 3 kept, 1 failed")
    assert times() == before
    # What is missing, has changed or is asked for otherwise is painted again.
    Path("out/a/one-2.png").unlink()
    tiny_song.write(music / "a" / "two.wav", tonic_hz=294)
    (music / "b" / "bad.mp3").unlink()
    assert paint(music, "-o", "out", "--count", 2) == (
        0,
        "2 painted, 1 kept, 0 failed",
    )
    assert paint(music, "-o", "out", "--count", 2, "--style", "moon")[1] == (
        "3 painted, 0 kept, 0 failed"
    )


def test_shards_share_the_work(paint, music, tmp_path):
    (music / "b" / "bad.mp3").unlink()
    assert paint(music, "-o", "out", "--count", 1, "--shard", "1/2")[1] == (
        "2 painted, 0 kept, 0 failed"
    )
    assert paint(music, "-o", "out", "--count", 1, "--shard", "2/2")[1] == (
        "1 painted, 0 kept, 0 failed"
    )
    parts = [entries(f"out/manifest-{n}-of-2.jsonl") for n in (1, 2)]
    assert [len(part) for part in parts] == [2, 1]
    assert paint(music, "-o", "out", "--count", 1)[1] == "0 painted, 3 kept, 0 failed"
    listed = tmp_path / "list.txt"
    listed.write_text(f"{music / 'a' / 'one.wav'}\n\n{music / 'b' / 'one.wav'}\n")
    paint("--list", listed, "-o", "flat", "--count", 1)
    names = sorted(path.name for path in Path("flat").glob("*.png"))
    assert len(names) == 2
    # Songs of one name in one folder carry their hash, whoever paints first.
    assert all(len(name) == len("one-0123abcd-1.png") for name in names)


def test_the_order_of_songs_does_not_depend_on_the_file_system(music):
    found = catalogue.find([music], Path("out"))
    assert [str(entry.path.relative_to(music)) for entry in found] == [
        "a/one.wav",
        "a/two.wav",
        "b/bad.mp3",
        "b/one.wav",
    ]
    assert catalogue.find([music, music / "a" / "one.wav"], Path("out")) == found


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "-1/2", "a/b", "1/0", "1/2/3"])
def test_shards_that_are_none(text):
    with pytest.raises(ArgumentError, match="shard"):
        catalogue.read_shard(text)


@pytest.mark.parametrize(
    "arguments", [(), ("--list", "nowhere.txt"), ("song.wav", "--count", "0")]
)
def test_wrong_arguments_exit_2(paint, arguments, tmp_path):
    assert paint(*arguments) == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_a_line_cut_off_is_passed_over(tmp_path):
    song, cover = Path("song.wav"), tmp_path / "song-1.png"
    cover.write_bytes(b"")
    manifest = Manifest(tmp_path, shard=(1, 1), settings="s")
    manifest.write(song, sha256="aa", files=[cover])
    whole = manifest.path.read_bytes()
    manifest.path.write_bytes(whole + whole[:20])
    again = Manifest(tmp_path, shard=(1, 1), settings="s")
    assert again.has(song, "aa")
    again.write(song, sha256="bb", files=[cover])
    last = Manifest(tmp_path, shard=(1, 1), settings="s")
    assert last.has(song, "aa")
    assert last.has(song, "bb")
    assert not last.has(song, "cc")
    assert not Manifest(tmp_path, shard=(1, 1), settings="t").has(song, "aa")


def test_help():
    done = subprocess.run(
        [sys.executable, "-m", "infer.catalogue", "--help"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ,
    )
    assert done.returncode == 0
    assert "--shard I/N" in done.stdout
