"""The command line: what it prints where, what it writes, how it exits."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

import jaxsoundart
from jaxsoundart.cli.arguments import SAMPLERS
from jaxsoundart.paint import samplers
from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.picture import png
from tests import tiny_song

ENVIRONMENT = os.environ | {"XLA_FLAGS": ""}
COMMANDS = ("cover", "listen", "compose", "paint", "compile", "replay", "doctor")


@pytest.fixture
def fast(tiny_painter):
    return ("--painter", tiny_painter, "--steps", 2, "--sampler", "ddim")


@pytest.mark.parametrize("arguments", [(), *((name,) for name in COMMANDS)])
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
        assert json.loads(record.to_json()) == {"schema": 2, **cover["record"]}
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


def test_paint_and_paint_over(command, fast, tmp_path):
    done = command("paint", "--prompt", "desert dunes, 夜", "--count", 2, *fast)
    assert done.code == 0
    assert [os.path.basename(line) for line in done.lines] == [
        "desert-dunes-夜-1.png",
        "desert-dunes-夜-2.png",
        "desert-dunes-夜-sheet.png",
    ]
    assert "has not learnt the words: 夜;" in done.err
    under = done.lines[0]
    again = ("paint", "--prompt", "moon", "--over", under, "--strength", 1)
    over = command(*again, "--json", *fast).json["pictures"][0]
    assert over["record"]["painting"]["settings"]["strength"] == 1.0
    equal = command("replay", over["file"], "--over", under)
    assert (equal.code, equal.out) == (0, f"{over['file']}: equal bit for bit\n")
    assert (
        "painted with --over; name that file again"
        in command("replay", over["file"]).err
    )
    wrong = command("replay", over["file"], "--over", done.lines[1])
    assert wrong.code == 1
    assert "is not what" in wrong.err


def test_replay_compares_bit_by_bit(command, fast, song, tmp_path):
    command("cover", song, "--count", 2, *fast)
    cover = tmp_path / "covers" / "song-2.png"
    done = command("replay", cover, "-o", "new/again.png")
    assert (done.code, done.out) == (0, f"{cover}: equal bit for bit\n")
    assert (tmp_path / "new" / "again.png").read_bytes() == cover.read_bytes()
    image, record = png.read(cover)
    edited = image.copy()
    edited[3, 4] ^= 1
    png.write(cover, edited, record)
    done = command("replay", cover)
    assert (done.code, done.out) == (1, "")
    assert done.errors[0].endswith("1 of 256 pixels differ, by at most 1 of 255")
    assert command("replay", cover, "--json").json["is_equal"] is False


def test_long_prompts_are_painted_or_refused_if_asked(command, fast, song):
    long = ", ".join(f"moon {n}" for n in range(60))
    asked = ("cover", song, "--count", 1, "--prompt", long)
    assert command(*asked, *fast).code == 0
    refused = command(*asked, "--no-long-prompts", *fast)
    assert refused.code == 2
    assert re.fullmatch(r"jaxsoundart: .*prompt has \d+ tokens.*", refused.errors[-1])


def test_size_enlargement_and_variations(command, fast):
    asked = ("paint", "--prompt", "moon", "--count", 2, "--seed", 5, "--json")
    more = ("--size", "16x8", "--enlarge", 2, "--vary", 0.2)
    done = command(*asked, *more, *fast)
    first, second = (picture["record"]["painting"] for picture in done.json["pictures"])
    assert done.json["seconds"]["compile"] > 0.0
    image, _ = png.read(done.json["pictures"][0]["file"])
    assert image.shape == (16, 32, 3)
    assert (first["seed"], first["variation"]) == (5, 0.0)
    noise = (second["seed"], second["variation"], second["variation_seed"])
    assert noise == (5, 0.2, 6)
    again = command("replay", done.json["pictures"][1]["file"])
    assert again.out.endswith("equal bit for bit\n")


def test_painting_into_a_mask(command, fast, tmp_path):
    (under,) = command("paint", "--prompt", "moon", *fast).lines
    picture, record = png.read(under)
    mask = np.zeros_like(picture)
    mask[:, 8:] = 255
    png.write(tmp_path / "mask.png", mask, record)
    into = ("--over", under, "--mask", "mask.png", "--strength", 1)
    done = command("paint", "--prompt", "sun", "--seed", 3, *into, *fast)
    painted, _ = png.read(done.lines[0])
    np.testing.assert_array_equal(painted[:, :8], picture[:, :8])
    assert (painted[:, 8:] != picture[:, 8:]).any()
    again = ("replay", done.lines[0], "--over", under)
    assert command(*again, "--mask", "mask.png").out.endswith("equal bit for bit\n")
    assert "painted with --mask" in command(*again).err


def test_compiling_says_how_long_it_took(command, fast):
    done = command("compile", *fast)
    assert done.code == 0
    assert re.search(r"16×16 px: compiled in \d+\.\d s, kept in ", done.out)
    report = command("compile", "--size", 24, "--json", *fast).json
    assert (report["width_px"], report["height_px"]) == (24, 24)
    assert report["compile_s"] > 0.0


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


def test_names_may_be_any_bytes_and_compiled_programs_are_kept(song, tmp_path):
    odd = os.fsencode(tmp_path) + b"/\xff.wav"
    os.link(song, odd)
    cache = tmp_path / "cache"
    done = subprocess.run(
        [sys.executable, "-m", "jaxsoundart", "listen", odd],
        capture_output=True,
        env=ENVIRONMENT | {"JAX_COMPILATION_CACHE_DIR": str(cache)},
    )
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == odd
    assert b"rror" not in done.stderr
    assert cache.is_dir()


def test_arguments_may_be_any_bytes():
    done = subprocess.run(
        [sys.executable, "-m", "jaxsoundart", "listen", "a.wav", b"\xff"],
        capture_output=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"jaxsoundart: error: unrecognized arguments: \xff")


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


def run(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "jaxsoundart", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


def test_ctrl_c_ends_without_traceback(song, tiny_painter, tmp_path):
    out = tmp_path / "covers"
    steps = ("--steps", 50, "--count", 1000)
    process = run("cover", song, "-o", out, "--painter", tiny_painter, *steps)
    # Whatever it is doing by then, from importing to painting.
    for line in process.stderr:
        if "listening" in line:
            break
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    # Some Pythons end by the signal itself, which a shell calls 130 too.
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "jaxsoundart: error: interrupted"
    assert not out.exists()


@pytest.mark.parametrize("disguise", [RuntimeError, None])
def test_ctrl_c_is_heeded_where_a_library_hides_it(disguise, command, monkeypatch):
    def disguised(*_, **__):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt as interrupt:
            if disguise is not None:
                raise disguise("while importing") from interrupt

    monkeypatch.setattr("jaxsoundart.sound.files.read", disguised)
    done = command("listen", "song.wav")
    assert done.code == 130
    assert done.errors == ["jaxsoundart: error: interrupted"]
    assert command("--version").code == 0


def test_a_closed_pipe_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "jaxsoundart", "cover", "--help"],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": ""},
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_stereo_at_a_high_rate_and_mono_at_a_low_one(command, tmp_path):
    samples = tiny_song.samples(duration_s=2.0, rate_hz=192_000)
    soundfile.write("eight.wav", samples[:, None].repeat(8, 1), 192_000)
    tiny_song.write(tmp_path / "low.wav", duration_s=2.0, rate_hz=8_000)
    for name in ("eight.wav", "low.wav"):
        heard = command("listen", name, "--json").json
        assert heard["song"]["duration_s"] == pytest.approx(2.0, abs=0.01)
        assert -25 < heard["hearing"]["traits"]["loudness_db"] < -5
