"""Bad input: one clear line, the right exit code, nothing half-written."""

import os
import shutil

import numpy as np
import pytest
import soundfile

from tests import tiny_song

RATE_HZ = 22_050


def missing(path):
    pass


def directory(path):
    path.mkdir()


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("Dear listener,\n" * 300)


def noise(path):
    path.write_bytes(np.random.default_rng(0).bytes(5000))


def truncated_flac(path):
    rng = np.random.default_rng(0)
    whole = 0.1 * rng.standard_normal(10 * RATE_HZ)
    soundfile.write(path, whole, RATE_HZ, format="FLAC")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def header_only(path):
    soundfile.write(path, np.zeros(0, np.float32), RATE_HZ, format="WAV")


def short(path):
    soundfile.write(path, tiny_song.samples(duration_s=0.2), RATE_HZ, format="WAV")


def silent(path):
    soundfile.write(path, np.zeros(3 * RATE_HZ), RATE_HZ, format="WAV")


def with_value(value):
    def write(path):
        samples = tiny_song.samples(duration_s=2.0)
        samples[1000] = value
        soundfile.write(path, samples, RATE_HZ, format="WAV", subtype="FLOAT")

    return write


def pipe(path):
    os.mkfifo(path)


SONGS = {
    "missing.wav": (missing, "does not exist"),
    "folder.wav": (directory, "is a directory"),
    "empty.wav": (empty, "is empty"),
    "text.mp3": (text, "is text, not sound"),
    "noise.ogg": (noise, "is not sound"),
    "truncated.flac": (truncated_flac, "cut off"),
    "header.wav": (header_only, "holds 0.00 s of sound"),
    "short.wav": (short, "holds 0.20 s of sound"),
    "silent.wav": (silent, "is silent"),
    "nan.wav": (with_value(np.nan), "not numbers"),
    "infinite.wav": (with_value(np.inf), "not numbers"),
    "pipe.wav": (pipe, "not a regular file"),
}


@pytest.mark.parametrize("name", SONGS)
@pytest.mark.parametrize("verb", ["cover", "listen", "compose"])
def test_bad_songs(command, tiny_painter, fast, name, verb, tmp_path):
    make, message = SONGS[name]
    path = tmp_path / name
    make(path)
    options = {
        "cover": ("-o", tmp_path / "covers", *fast),
        "listen": (),
        "compose": ("--painter", tiny_painter),
    }
    done = command(verb, path, *options[verb])
    assert done.code == 1
    assert done.out == ""
    (error,) = done.errors
    assert error.startswith(f"jaxsoundart: error: {path}")
    assert message in error
    assert "Traceback" not in done.err
    assert not (tmp_path / "covers").exists()


def test_a_name_with_a_nul_or_too_long_is_no_song(command):
    for name in ("a\0b.wav", "x" * 5000):
        done = command("listen", name)
        assert done.code == 1
        assert len(done.errors) == 1


def assert_refused(done, message, code=1):
    assert done.code == code
    (error,) = done.errors
    assert message in error
    assert "Traceback" not in done.err
    assert done.out == ""


def test_unwritable_folder_is_found_before_anything_is_heard(
    command, fast, song, tmp_path
):
    (tmp_path / "file").write_text("here")
    for verb in (("cover", song), ("paint", "--prompt", "moon")):
        done = command(*verb, "-o", tmp_path / "file" / "covers", *fast)
        assert_refused(done, "cannot write into")
        assert "listening" not in done.err
        assert "painting" not in done.err
    assert (tmp_path / "file").read_text() == "here"


def test_full_disk_while_writing(command, fast, song, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    done = command("cover", song, song.with_name("other.wav"), "-o", "out", *fast)
    assert_refused(done, "No space left on device")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["nobody", "./nothing", "/nowhere/at/all"])
def test_unknown_models(command, song, name):
    assert_refused(command("cover", song, "--painter", name), "painter")
    assert_refused(command("cover", song, "--listener", name), "listener")
    assert_refused(command("cover", song, "--dry-run", "--painter", name), "painter")


@pytest.fixture
def damaged(tiny_painter, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(tiny_painter, folder)
    return folder


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def overwrite(path):
    path.write_bytes(b"\xff" * 1000)


def remove(path):
    path.unlink()


@pytest.mark.parametrize("damage", [cut, overwrite, remove])
@pytest.mark.parametrize(
    "part",
    [
        "unet/diffusion_pytorch_model.safetensors",
        "vae/config.json",
        "tokenizer/vocab.json",
        "model_index.json",
    ],
)
def test_damaged_painters(command, song, damaged, damage, part):
    damage(damaged / part)
    done = command("cover", song, "--painter", damaged)
    assert_refused(done, str(damaged))
    assert "reading" not in done.err


def test_a_folder_that_is_no_painter(command, song, tmp_path):
    (tmp_path / "empty").mkdir()
    done = command("cover", song, "--painter", tmp_path / "empty")
    assert_refused(done, "model_index.json is missing")


def test_json_tells_what_failed(command, song):
    done = command("cover", song, "--painter", "nobody", "--json")
    assert done.code == 1
    assert done.errors == [f"jaxsoundart: error: {done.json['error']}"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (missing, "cannot read"),
        (empty, "is not a PNG"),
        (text, "is not a PNG"),
        (noise, "is not a PNG"),
        (directory, "cannot read"),
    ],
)
def test_replaying_what_is_no_cover(command, make, message, tmp_path):
    path = tmp_path / "cover.png"
    make(path)
    assert_refused(command("replay", path), message)
    done = command("paint", "--prompt", "moon", "--over", path)
    assert done.code == 1
    assert len(done.errors) == 1


def test_replaying_with_another_painter(command, fast, song, tmp_path):
    from tests import tiny_painter

    other = tiny_painter.write(tmp_path / "other", seed=1)
    command("cover", song, "--count", 1, *fast)
    done = command("replay", "covers/song-1.png", "--painter", other)
    assert_refused(done, "the painter here has")


@pytest.mark.slow
def test_three_hours_are_heard(command, tmp_path):
    """Takes half a minute and 1.5 GB."""
    hour = np.tile(tiny_song.samples(duration_s=60.0, rate_hz=8_000), 60)
    with soundfile.SoundFile("long.flac", "w", 8_000, 1) as file:
        for _ in range(3):
            file.write(hour)
    heard = command("listen", "long.flac", "--json").json
    assert heard["song"]["duration_s"] == pytest.approx(3 * 3600)
