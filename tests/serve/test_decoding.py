"""Songs that are none, that lie, that break, and that take too much."""

import asyncio
import os
import shutil
import struct
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from jaxsoundart.serve import decoding
from jaxsoundart.serve.limits import Limits
from jaxsoundart.serve.problems import Problem

LIMITS = Limits(duration_s=60.0)


def decode(folder, content, *, name="a song.wav", limits=LIMITS):
    folder.mkdir(exist_ok=True)
    (folder / "song").write_bytes(content)
    return asyncio.run(decoding.decode(folder, name, limits))


def wav(*, frames, rate_hz=44_100, channels=1, data=b"\0\1" * 1000):
    """A WAV whose header says what it is told to say."""
    size = frames * channels * 2 & 0xFFFFFFFF
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", (36 + size) & 0xFFFFFFFF, b"WAVE", b"fmt ", 16, 1, channels),
        *(rate_hz, rate_hz * channels * 2 & 0xFFFFFFFF, channels * 2 & 0xFFFF, 16),
        *(b"data", size),
    )
    return head + data


def test_a_song_comes_back_as_samples_and_facts(sound, tmp_path):
    made = decode(tmp_path, sound, name="Night Drive.wav")
    samples = np.fromfile(made.samples, "<f4")
    assert len(samples) == 4 * decoding.RATE_HZ
    assert made.song.duration_s == pytest.approx(4.0)
    assert made.song.title == "Night Drive"
    assert len(made.peaks) == 256
    assert max(made.peaks) == pytest.approx(np.abs(samples).max(), abs=1e-3)


def silence(seconds):
    """A FLAC that is much longer than large, with a click at its beginning."""
    import io

    file = io.BytesIO()
    block = np.zeros(8000, np.float32)
    with soundfile.SoundFile(file, "w", 8000, 1, format="FLAC") as writer:
        for second in range(seconds):
            block[0] = 0.5 * (second == 0)
            writer.write(block)
    return file.getvalue()


def lying():
    """A FLAC of a second that says that it has 2³⁶ - 1 samples."""
    content = bytearray(silence(1))
    # Source: RFC 9639, 8.2: 36 bits after rate, channels and depth.
    content[21] |= 0x0F
    content[22:26] = b"\xff" * 4
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"", 415, "the song is empty (0 bytes)"),
        (b"hello " * 100, 415, "the song is text, not sound"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", 415, "text, not sound"),
        (b"\0" * 5000, 415, "not sound, or in a format"),
        (b"PK\3\4" + bytes(5000), 415, "not sound, or in a format"),
        (wav(frames=10**9), 415, "the song holds 0.0"),
        (lying(), 413, "min long; the longest that is heard is 1 min"),
        (wav(frames=2**31 - 1, rate_hz=2**31 - 1), 415, "the song"),
        (wav(frames=10**6, channels=1024), 415, "the song"),
        (wav(frames=10**6, channels=65_535), 415, "the song"),
        (wav(frames=44_100 * 30), 415, "the song"),
        (silence(90), 413, "1.5 min long; the longest that is heard is 1 min"),
        # A playlist behind a tag, which programs that guess would follow.
        (
            b"ID3\4\0\0\0\0\0\x0a" + bytes(10) + b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
            415,
            "the song",
        ),
    ],
)
def test_what_is_no_song_is_refused_with_a_sentence(content, status, message, tmp_path):
    with pytest.raises(Problem) as refused:
        decode(tmp_path, content)
    assert refused.value.status == status, refused.value.detail
    assert message in refused.value.detail
    assert str(tmp_path) not in refused.value.detail


def stubborn(monkeypatch, program):
    """Has another program take the decoder's place."""
    start = asyncio.create_subprocess_exec

    async def started(python, module_flag, module, arguments, **more):
        return await start(sys.executable, "-c", program, arguments, **more)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started)


LIMITED = """
import json, sys
from jaxsoundart.serve.decoder import limit
limit(**json.loads(sys.argv[1])["limits"])
"""


@pytest.mark.parametrize(
    ("program", "status", "message"),
    [
        ("import time\ntime.sleep(1000)", 413, "takes longer than 1 s to decode"),
        (LIMITED + "while True: pass", 413, "takes more|takes longer"),
        (LIMITED + "bytearray(1 << 40)", 415, "broke the decoder"),
        (
            LIMITED + "open('samples.f32', 'wb').write(bytes(1 << 27))",
            415,
            "broke the decoder",
        ),
        ("import os\nos.abort()", 415, "broke the decoder"),
        ("print('[' * 1000000)", 415, "broke the decoder"),
        ("print('{}')", 415, "broke the decoder"),
        ("import sys\nwhile True: sys.stdout.write('x' * 65536)", 415, "broke"),
        (
            "open('samples.f32', 'wb')\n"
            'print(\'{"song": 1, "peaks": [], "error_": "?"}\')',
            415,
            "broke the decoder",
        ),
    ],
)
def test_a_decoder_that_runs_wild_is_ended(
    program, status, message, tmp_path, monkeypatch
):
    stubborn(monkeypatch, program)
    with pytest.raises(Problem, match=message) as refused:
        decode(tmp_path, b"", limits=Limits(duration_s=60.0, decode_s=1.0))
    assert refused.value.status == status


def test_nothing_that_it_started_is_left(tmp_path, monkeypatch):
    program = (
        "import subprocess, sys, time\n"
        "long = 'import time; time.sleep(99)'\n"
        "child = subprocess.Popen([sys.executable, '-c', long])\n"
        "open('pid', 'w').write(str(child.pid))\n"
        "time.sleep(99)"
    )
    stubborn(monkeypatch, program)
    with pytest.raises(Problem, match="takes longer than"):
        decode(tmp_path, b"", limits=Limits(decode_s=2.0))
    pid = int((tmp_path / "pid").read_text())
    while is_running(pid):
        time.sleep(0.01)


def is_running(pid):
    """Whether a process is there, and no mere entry that waits to be read."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_hanging_up_ends_the_decoder(tmp_path, monkeypatch):
    program = (
        "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(99)"
    )
    stubborn(monkeypatch, program)
    (tmp_path / "song").write_bytes(b"")

    async def cancelled():
        task = asyncio.create_task(decoding.decode(tmp_path, "a", LIMITS))
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_the_decoder_knows_no_secrets_and_no_jax(tmp_path, monkeypatch):
    monkeypatch.setenv("JAXSOUNDART_TOKEN", "secret" * 4)
    assert "secret" not in str(decoding._environment(tmp_path))
    program = (
        "import sys, jaxsoundart.serve.decoder, jaxsoundart.recording\n"
        "print(sorted({'jax', 'flax', 'fastapi'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=decoding._environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_films_are_decoded_within_the_same_limits(song, tmp_path):
    film = tmp_path / "film.m4a"
    command = ["ffmpeg", "-loglevel", "error", "-i", song, "-c:a", "aac", film]
    subprocess.run(command, check=True)
    made = decode(tmp_path / "one", film.read_bytes(), name="film.m4a")
    assert made.song.duration_s == pytest.approx(4.0, abs=0.2)
    with pytest.raises(Problem) as refused:
        decode(tmp_path / "two", film.read_bytes(), limits=Limits(duration_s=1.0))
    assert refused.value.status == 413
    with pytest.raises(Problem) as refused:
        decode(tmp_path / "three", film.read_bytes()[:900])
    assert refused.value.status == 415
    assert str(tmp_path) not in refused.value.detail


def test_mutated_songs_harm_nothing(sound, tmp_path):
    from benchmarks.serve.mutations import mutated

    for nth in range(6):
        status, detail = said_of(tmp_path / str(nth), mutated(sound, seed=nth))
        assert status in (200, 413, 415)
        assert "\n" not in detail


def said_of(folder, content):
    try:
        decode(folder, content)
    except Problem as problem:
        return problem.status, problem.detail
    return 200, ""
