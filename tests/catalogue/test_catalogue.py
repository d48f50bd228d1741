"""A catalogue: resumed, shared, and not stopped by one bad song."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jaxsoundart.picture import png
from tests import tiny_song

SONGS = (("a/one.wav", 220), ("a/two.wav", 262), ("b/one.wav", 330))


@pytest.fixture
def music(tmp_path):
    """Three songs in two folders, two of one name; and two files that are none."""
    for name, tonic_hz in SONGS:
        tiny_song.write(tmp_path / "music" / name, tonic_hz=tonic_hz, duration_s=2.0)
    (tmp_path / "music" / "b" / "bad.mp3").write_text("no sound\n")
    (tmp_path / "music" / "b" / "cover.jpg").write_text("no song\n")
    return tmp_path / "music"


@pytest.fixture
def paint(command, fast):
    """Runs the command in this process alone; returns exit code and counts."""

    def run(*arguments, processes=0):
        given = ("--processes", processes, *fast, "--json")
        done = command("catalogue", *arguments, *given)
        said = done.json if done.out else {}
        counts = [said.get(name) for name in ("painted", "kept", "failed")]
        return done.code, counts

    return run


def entries(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def pictures(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in Path(folder).rglob("*.png")
    }


def test_a_catalogue_is_painted_and_resumed(paint, music):
    assert paint(music, "-o", "out", "--count", 2) == (1, [3, 0, 1])
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
    assert paint(music, "-o", "out", "--count", 2) == (1, [0, 3, 1])
    assert times() == before
    # What is missing, has changed or is asked for otherwise is painted again.
    Path("out/a/one-2.png").unlink()
    tiny_song.write(music / "a" / "two.wav", tonic_hz=294)
    (music / "b" / "bad.mp3").unlink()
    assert paint(music, "-o", "out", "--count", 2) == (0, [2, 1, 0])
    moon = ("--count", 2, "--style", "moon")
    assert paint(music, "-o", "out", *moon) == (0, [3, 0, 0])


def test_shards_share_the_work_and_paint_the_same(paint, music):
    (music / "b" / "bad.mp3").unlink()
    assert paint(music, "-o", "out", "--count", 1, "--shard", "1/2") == (0, [2, 0, 0])
    assert paint(music, "-o", "out", "--count", 1, "--shard", "2/2") == (0, [1, 0, 0])
    parts = [entries(f"out/manifest-{n}-of-2.jsonl") for n in (1, 2)]
    assert [len(part) for part in parts] == [2, 1]
    assert paint(music, "-o", "out", "--count", 1) == (0, [0, 3, 0])
    paint(music, "-o", "whole", "--count", 1)
    assert pictures("out") == pictures("whole")


def test_wishes_of_a_table_are_those_of_one_song(paint, music, tmp_path):
    table = tmp_path / "songs.csv"
    rows = ("song,style,seed,count", "music/a/one.wav,,9,", "music/b/one.wav,moon,,2")
    table.write_text("\n".join(rows))
    assert paint("--list", table, "-o", "out", "--count", 1) == (0, [2, 0, 0])
    # Songs of one name in one folder carry their hash, whoever paints first.
    pattern = {len(path.stem): path for path in Path("out").glob("*.png")}
    assert set(pattern) == {len("one-0123abcd-1"), len("one-0123abcd-sheet")}
    records = [png.read(path)[1] for path in Path("out").glob("*-?.png")]
    assert len(records) == 3
    assert sum(record.painting.seed == 9 for record in records) == 1
    assert sum("moon" in record.brief.prompt for record in records) == 2
    assert paint("--list", table, "-o", "out", "--count", 1) == (0, [0, 2, 0])
    rows = (rows[0], rows[1], "music/b/one.wav,moon,,1")
    table.write_text("\n".join(rows))
    assert paint("--list", table, "-o", "out", "--count", 1) == (0, [1, 1, 0])


def test_processes_hear_and_write_the_same(paint, music):
    assert paint(music, "-o", "alone", "--count", 2) == (1, [3, 0, 1])
    assert paint(music, "-o", "out", "--count", 2, processes=1) == (1, [3, 0, 1])
    assert pictures("out") == pictures("alone")
    assert entries("out/manifest.jsonl") == entries("alone/manifest.jsonl")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--list", "nowhere.txt"),
        ("song.wav", "--count", "0"),
        ("song.wav", "--processes", "-1"),
        ("song.wav", "--multihost", "--shard", "1/2"),
    ],
)
def test_wrong_arguments_exit_2(command, arguments, tmp_path):
    done = command("catalogue", *arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.errors) == 1
    assert list(tmp_path.iterdir()) == []


def test_killed_at_any_moment_it_goes_on(music, tiny_painter, tmp_path):
    (music / "b" / "bad.mp3").unlink()
    out = tmp_path / "out"
    command = [sys.executable, "-m", "jaxsoundart", "catalogue", music, "-o", out]
    command += ["--painter", tiny_painter, "--steps", 2, "--processes", 1]
    environment = os.environ | {"XLA_FLAGS": ""}

    def start():
        return subprocess.Popen(
            [*map(str, command)], stderr=subprocess.PIPE, text=True, env=environment
        )

    process = start()
    while not list(out.rglob("*.png")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    for path in out.rglob("*.png"):
        png.read(path) if "sheet" not in path.name else path.read_bytes()
    for part in out.rglob(".*.part"):
        os.utime(part, (0, 0))
    process = start()
    _, said = process.communicate()
    assert process.returncode == 0, said
    songs = [entry["song"] for entry in entries(out / "manifest.jsonl")]
    assert sorted(songs) == sorted(str(music / name) for name, _ in SONGS)
    assert not list(out.rglob("*.part"))
