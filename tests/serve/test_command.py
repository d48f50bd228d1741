"""`jaxsoundart serve` as a command and as a process."""

import json
import os
import signal
import subprocess
import sys

import httpx
import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--token", "short"), "use at least 16"),
        (("--token", "a" * 16, "--token-file", "x"), "leave one out"),
        (("--token-file", "nothing"), "cannot read nothing: No such file"),
        (("--limit-waiting", "0"), "the limit of waiting is 0"),
        (("--host", "256.0.0.1"), "cannot listen at"),
        (("--port", "99999"), "99999"),
    ],
)
def test_wrong_arguments_are_told_in_a_line(arguments, message, command):
    done = command("serve", *arguments)
    assert done.code == 2
    assert message in done.errors[0]


def test_a_port_that_is_taken_is_named(served, command):
    port = httpx.URL(served.url).port
    done = command("serve", "--port", port)
    assert done.code == 2
    assert f"cannot listen at 127.0.0.1 port {port}: Address already in" in done.err


def test_without_the_extra_the_command_says_what_to_install(command, monkeypatch):
    for name in [name for name in sys.modules if "jaxsoundart.serve" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("jaxsoundart.serve", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = command("serve")
    assert done.code == 2
    assert 'pip install "jaxsoundart[serve]"' in done.errors[0]


def test_a_server_is_started_and_stopped(tiny_painter, tmp_path):
    token = tmp_path / "token"
    token.write_text("a-token-of-some-length\n")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jaxsoundart", "serve", "--json", "--port", "0"),
            *("--painter", str(tiny_painter), "--folder", str(tmp_path / "served")),
            *("--token-file", str(token)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XLA_FLAGS": ""},
    )
    try:
        said = ""
        while not said.endswith("}\n"):
            said += process.stdout.readline()
        url = json.loads(said)["url"]
        assert httpx.get(f"{url}healthz").json()["status"] == "ok"
        assert httpx.get(f"{url}api/v1/options").status_code == 401
        mode = (tmp_path / "served" / "jobs.sqlite3").stat().st_mode
        assert mode & 0o077 == 0
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, err
    assert err.splitlines()[-1] == "stopped"
    assert "Traceback" not in err
