"""The command line: what it prints where, what it writes, how it exits."""

import json
import os
import re
import subprocess
import sys

import pytest
import soundfile

import jaxsoundart
from jaxsoundart.cli.arguments import SAMPLERS
from jaxsoundart.paint import samplers
from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.picture import png
from jaxsoundart.picture.record import SCHEMA
from tests import tiny_song

COMMANDS = ("cover", "listen", "compose", "paint", "compile", "replay", "doctor")
NESTED = (("soundcloud", verb) for verb in ("login", "tracks", "paint"))


@pytest.mark.parametrize("arguments", [(), *((name,) for name in COMMANDS), *NESTED])
def test_help_is_quick_and_imports_no_jax(arguments):
    program = (
        "import sys, time; start = time.perf_counter()\n"
        "from jaxsoundart.cli import main\n"
        f"code = main([*{arguments!r}, '--help'])\n"
        "print(code, time.perf_counter() - start < 1.0,\n"
        "      sorted({'jax', 'numpy', 'librosa'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("usage: jaxsoundart")
    assert done.stdout.endswith("0 True []\n")
    assert done.stderr == ""


def test_version(command):
    done = command("--version")
    assert (done.code, done.out) == (0, f"jaxsoundart {jaxsoundart.__version__}\n")


def test_the_samplers_offered_are_those_there_are():
    assert set(SAMPLERS) == set(samplers.SAMPLERS)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("sing",),
        ("cover",),
        ("cover", "a.wav", "--count", "four"),
        ("cover", "a.wav", "--count", "0"),
        ("cover", "a.wav", "--count", "100000"),
        ("cover", "a.wav", "--seed", "4294967296"),
        ("cover", "a.wav", "--seed", "-1"),
        ("cover", "a.wav", "--seed", "1.5"),
        ("cover", "a.wav", "--prompt", ""),
        ("cover", "a.wav", "--prompt", " , "),
        ("cover", "a.wav", "--style", "x" * 1001),
        ("cover", "a.wav", "--atmosphere", "purple"),
        ("cover", "a.wav", "--excerpts", "solo"),
        ("cover", "a.wav", "--sampler", "plms"),
        ("cover", "a.wav", "--steps", "many"),
        ("cover", "a.wav", "--guidance", "nan"),
        ("cover", "a.wav", "--guidance", "0.5"),
        ("cover", "a.wav", "--decode-passes", "0"),
        ("cover", "a.wav", "--coun", "2"),
        ("paint",),
        ("paint", "--prompt", ""),
        ("paint", "--prompt", "moon", "--strength", "0.5"),
        ("paint", "--prompt", "moon", "--mask", "mask.png"),
        ("paint", "--prompt", "moon", "--size", "0x8"),
        ("paint", "--prompt", "moon", "--size", "large"),
        ("paint", "--prompt", "(moon:9)"),
        ("paint", "--prompt", "moon", "--vary", "2"),
        ("paint", "--prompt", "moon", "--enlarge", "0.5"),
        ("paint", "--prompt", "moon", "--spacing", "wide"),
        ("compile", "--long", "0"),
        ("listen", "a.wav", "--count", "2"),
        ("replay",),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_2(command, arguments, tmp_path):
    done = command(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == len(done.errors) == 1
    assert list(tmp_path.iterdir()) == []


def test_cover_writes_pictures_records_and_a_sheet(command, fast, song, tmp_path):
    done = command("cover", song, "--count", 2, *fast)
    assert done.code == 0
    names = ["song-1.png", "song-2.png", "song-sheet.png"]
    assert done.lines == [os.path.join("covers", name) for name in names]
    written = sorted(path.name for path in (tmp_path / "covers").iterdir())
    assert written == sorted([*names, "song-1.json", "song-2.json"])
    for line in done.lines[:2]:
        _, record = png.read(line)
        with open(line.replace(".png", ".json"), encoding="utf-8") as file:
            assert file.read() == record.to_json()
    for said in ("song.wav: listening", "song.wav: 2 of 2 pictures"):
        assert said in done.err
    assert done.errors == []


def test_the_same_song_twice_gives_the_same_bytes(command, fast, song, tmp_path):
    def files():
        return {p.name: p.read_bytes() for p in (tmp_path / "covers").iterdir()}

    assert command("cover", song, "--count", 2, *fast).code == 0
    before = files()
    assert command("cover", song, "--count", 2, *fast).code == 0
    assert files() == before
    assert command("cover", song, "--count", 1, "--seed", 5, *fast).code == 0
    after = files()
    assert after.keys() == before.keys()
    assert after["song-1.png"] != before["song-1.png"]
    assert after["song-2.png"] == before["song-2.png"]


def test_json_is_one_document_that_holds_the_records(command, fast, song, tmp_path):
    done = command("cover", song, "--count", 2, "--json", "-o", "a/b", *fast)
    assert done.code == 0
    (report,) = done.json["songs"]
    assert report["file"] == str(song)
    for cover in report["covers"]:
        _, record = png.read(cover["file"])
        assert json.loads(record.to_json()) == {"schema": SCHEMA, **cover["record"]}
    assert report["sheet"] == os.path.join("a", "b", "song-sheet.png")
    stages = ["load", "read", "analyse", "listen", "compose", "paint", "write"]
    assert [name for name in done.json["seconds"] if name in stages] == stages
    assert sum(done.json["seconds"][name] for name in stages) <= (
        done.json["seconds"]["total"] + 0.01
    )


def test_a_dry_run_paints_and_writes_nothing(command, tiny_painter, song, tmp_path):
    light = tmp_path.parent / f"{tmp_path.name}-light"
    light.mkdir()
    for name in ("model_index.json", "words.json"):
        (light / name).write_bytes((tiny_painter / name).read_bytes())
    done = command("cover", song, "--dry-run", "--painter", light, "--explain")
    assert done.code == 0
    assert list(tmp_path.iterdir()) == []
    assert done.out.count("  prompt ") == 4
    assert "picture 1, as heard" in done.lines
    prompts = re.findall(r"^  prompt +(.*)$", done.out, re.MULTILINE)
    reasons = re.findall(r"^    \+ (.*?): .+$", done.out, re.MULTILINE)
    assert reasons == [phrase for line in prompts for phrase in line.split(", ")]
    document = command("cover", song, "--dry-run", "--painter", light, "--json").json
    assert [b["prompt"] for b in document["songs"][0]["briefs"]] == prompts
    composed = command("compose", song, "--painter", light, "--json").json
    assert composed["briefs"] == document["songs"][0]["briefs"]


def test_explain_leaves_paths_alone_on_stdout(command, fast, song):
    done = command("cover", song, "--count", 1, "--explain", *fast)
    assert done.lines == [os.path.join("covers", "song-1.png")]
    assert re.search(r"^    - text: always$", done.err, re.MULTILINE)


def test_listen_says_what_is_heard(command, song):
    done = command("listen", song)
    assert done.code == 0
    assert done.lines[0] == str(song)
    traits = ["tempo", "key", "loudness", "brightness", "dynamics"]
    told = [line.split()[0] for line in done.lines[1:]]
    assert told == ["genre", *traits, "intro", "drop", "listener"]
    document = command("listen", song, "--json", "--excerpts", "whole").json
    assert document["song"]["file_name"] == "song.wav"
    assert sum(document["hearing"]["labels"]["genre"].values()) == pytest.approx(1.0)
    (excerpt,) = document["hearing"]["excerpts"]
    assert (excerpt["part"], excerpt["end_s"]) == ("whole", pytest.approx(4.0))


def test_songs_of_one_name_do_not_overwrite_one_another(command, fast, tmp_path):
    for folder, tonic_hz in (("a", 220.0), ("b", 330.0)):
        tiny_song.write(tmp_path / folder / "song.wav", tonic_hz=tonic_hz)
    both = ("cover", "a/song.wav", "b/song.wav", "--count", 1, *fast)
    done = command(*both)
    assert done.code == 0
    first, second = done.lines
    assert os.path.basename(first) == "song-1.png"
    assert re.fullmatch(r"song-[0-9a-f]{8}-1\.png", os.path.basename(second))
    assert command(*both).lines == done.lines
    assert command("cover", "b/song.wav", "--count", 1, *fast).lines == [second]


def test_a_song_named_twice_is_painted_once(command, fast, song, tmp_path):
    again = tmp_path / "." / "song.wav"
    again.symlink_to(song)
    done = command("cover", song, again, "--count", 1, *fast)
    assert done.code == 0
    assert len(done.lines) == 1
    assert "is named twice" in done.err


def test_song_names_may_be_odd(command, fast, song, tmp_path):
    odd = "-w\n夜 $(x).wav"
    os.link(song, tmp_path / odd)
    done = command("cover", "--count", 1, *fast, "--", odd)
    assert done.code == 0
    (line,) = done.lines
    assert os.path.basename(line) == "-w_夜 $(x)-1.png"
    assert png.read(line)[1].song.file_name == odd
    report = command("cover", "--count", 1, "--json", *fast, "--", odd)
    assert report.json["songs"][0]["file"] == odd


def test_one_bad_song_does_not_stop_the_others(command, fast, song, tmp_path):
    (tmp_path / "bad.mp3").write_text("no sound\n")
    done = command("cover", "bad.mp3", song, "missing.ogg", "--count", 1, *fast)
    assert done.code == 1
    assert done.lines == [os.path.join("covers", "song-1.png")]
    assert len(done.errors) == 2
    report = command("cover", "bad.mp3", song, "--count", 1, "--json", *fast)
    assert report.code == 1
    bad, good = report.json["songs"]
    assert "is text, not sound" in bad["error"]
    assert len(good["covers"]) == 1


def test_doctor_tells_what_there_is(command, tiny_painter, monkeypatch):
    tiny = open_model(tiny_painter)
    monkeypatch.setattr("jaxsoundart.cli.doctor.open_model", lambda: tiny)
    done = command("doctor", "--json")
    assert done.code == 0
    report = done.json
    assert len(report["devices"]["list"]) == 8
    assert report["versions"]["jaxsoundart"] == jaxsoundart.__version__
    assert len(report["models"]["painter"]["sha256"]) == 64
    assert re.fullmatch(r".+@[0-9a-f]{8}", report["models"]["listener"]["id"])
    lines = command("doctor").lines
    assert [line for line in lines if not line.startswith(" ")] == list(report)[:-1]


def test_doctor_finds_a_damaged_painter(command, tmp_path, monkeypatch):
    def open_nothing():
        return open_model(tmp_path)

    monkeypatch.setattr("jaxsoundart.cli.doctor.open_model", open_nothing)
    done = command("doctor")
    assert done.code == 1
    assert "model_index.json is missing" in done.errors[0]


def test_stereo_at_a_high_rate_and_mono_at_a_low_one(command, tmp_path):
    samples = tiny_song.samples(duration_s=2.0, rate_hz=192_000)
    soundfile.write("eight.wav", samples[:, None].repeat(8, 1), 192_000)
    tiny_song.write(tmp_path / "low.wav", duration_s=2.0, rate_hz=8_000)
    for name in ("eight.wav", "low.wav"):
        heard = command("listen", name, "--json").json
        assert heard["song"]["duration_s"] == pytest.approx(2.0, abs=0.01)
        assert -25 < heard["hearing"]["traits"]["loudness_db"] < -5
