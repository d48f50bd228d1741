"""The program as a process: names of any bytes, signals, pipes."""

import os
import signal
import subprocess
import sys
import time

import pytest

ENVIRONMENT = os.environ | {"XLA_FLAGS": ""}


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
