"""`train.soundcloud`: labels of anyone's tracks, what is heard in one's own."""

import functools
import json

import pytest

from jaxsoundart.soundcloud.session import SoundCloud
from tests.soundcloud.service import track
from train.soundcloud import __main__ as soundcloud


@pytest.fixture
def rows(app, address, token_file, monkeypatch, capsys):
    """Runs the command; returns its exit code, and what it writes."""
    monkeypatch.setenv("SOUNDCLOUD_CLIENT_ID", app.id)
    monkeypatch.setenv("SOUNDCLOUD_CLIENT_SECRET", app.secret)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(token_file.parents[1]))
    here = functools.partial(SoundCloud, api=address, auth=address)
    monkeypatch.setattr(soundcloud, "SoundCloud", here)

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["soundcloud", *arguments])
        code = soundcloud.main()
        written, run.err = capsys.readouterr()
        return code, [json.loads(line) for line in written.splitlines()]

    return run


def test_labels_are_written_and_nothing_else(rows, service):
    code, written = rows("labels", "--limit", "3", "--genres", "house")
    assert code == 0
    assert [row["title"] for row in written] == ["Track 0", "Track 1", "Track 2"]
    assert set(written[0]) == set(soundcloud.FIELDS)
    assert service.asked[0][2]["genres"] == "house"
    assert all(path == "/tracks" for _, path, _ in service.asked)


def test_without_an_app_or_a_user_it_is_told(rows, monkeypatch):
    assert rows("own") == (1, [])
    assert "nobody has signed in" in rows.err
    monkeypatch.delenv("SOUNDCLOUD_CLIENT_ID")
    assert rows("labels") == (2, [])
    assert "SOUNDCLOUD_CLIENT_ID" in rows.err


def test_ones_own_tracks_are_heard(rows, service, signed_in, song):
    service.own = [track(1), track(2)]
    sound = song.read_bytes()
    service.stream("soundcloud:tracks:2", sound[:9], sound[9:])
    code, written = rows("own")
    assert [code, *(row["urn"] for row in written)] == [
        0,
        "soundcloud:tracks:1",
        "soundcloud:tracks:2",
    ]
    code, (preview, whole) = rows("own", "--hear")
    assert code == 0
    assert preview["error"] == "it has no full stream"
    assert sum(whole["heard"]["genre"].values()) == pytest.approx(1.0)
