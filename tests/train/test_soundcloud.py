"""SoundCloud's API, against a server of our own that speaks as its description says."""

import base64
import hashlib
import io
import json
import shutil
import stat
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import soundfile
from train.soundcloud.client import App, SoundCloud
from train.soundcloud.sound import decode
from train.soundcloud.tokens import SoundCloudError, TokenFile

from train.soundcloud import __main__ as command
from train.soundcloud import client

APP = App("an-app", "its-secret", "http://localhost/back")


def track(number, **more):
    return {
        "urn": f"soundcloud:tracks:{number}",
        "title": f"Track {number}",
        "genre": "House",
        "license": "all-rights-reserved",
        "access": "playable",
        "stream_url": "https://nobody.needs/it",
        **more,
    }


class Service:
    """What the server knows and what it was asked."""

    def __init__(self):
        self.found = [track(n) for n in range(5)]
        self.own = [track(99, license="all-rights-reserved")]
        self.asked = []
        self.tokens = 0
        self.refresh = None
        self.challenge = None
        self.lasts_s = 3600
        self.refuse = []
        self.other_host = False
        sound = io.BytesIO()
        tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050)
        soundfile.write(sound, tone, 22_050, format="WAV")
        self.sound = sound.getvalue()

    def token(self, given, authorization):
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if pair != f"{APP.id}:{APP.secret}":
            return 401, {}
        kind = given["grant_type"]
        if kind == "refresh_token" and given["refresh_token"] != self.refresh:
            return 401, {}
        if kind == "authorization_code":
            digest = hashlib.sha256(given["code_verifier"].encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if given["code"] != "a-code" or proof != self.challenge:
                return 401, {}
        self.tokens += 1
        self.refresh = f"refresh-{self.tokens}"
        return 200, {
            "access_token": f"access-{self.tokens}",
            "refresh_token": self.refresh,
            "expires_in": self.lasts_s,
        }

    def answer(self, path, asked, here):
        if path == "/tracks":
            start = int(asked.get("offset", 0))
            page = {"collection": self.found[start : start + 2]}
            if start + 2 < len(self.found):
                place = "http://elsewhere.example" if self.other_host else here
                page["next_href"] = f"{place}/tracks?offset={start + 2}"
            return 200, page
        if path == "/me/tracks":
            return 200, {"collection": self.own}
        if path.endswith("/streams"):
            return 200, {"hls_aac_160_url": f"{here}/sound.wav"}
        return 404, {}


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def address(service):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            url = urllib.parse.urlsplit(self.path)
            asked = dict(urllib.parse.parse_qsl(url.query))
            service.asked.append((url.path, asked, self.headers["Authorization"]))
            if service.refuse:
                status, wait = service.refuse.pop(0)
                self.reply(status, {}, {"Retry-After": wait} if wait else {})
            elif self.headers["Authorization"] != f"OAuth access-{service.tokens}":
                self.reply(401, {})
            elif url.path == "/sound.wav":
                self.reply(200, service.sound)
            else:
                self.reply(*service.answer(url.path, asked, here))

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = dict(urllib.parse.parse_qsl(body))
            self.reply(*service.token(given, self.headers["Authorization"]))

        def reply(self, status, content, headers=()):
            data = (
                content if isinstance(content, bytes) else json.dumps(content).encode()
            )
            self.send_response(status)
            for name, value in dict(headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield here
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def tokens(tmp_path):
    return tmp_path / "deep" / "tokens.json"


@pytest.fixture
def session(address, tokens):
    return SoundCloud(APP, TokenFile(tokens), api=address, auth=address)


def signed_in(session, service):
    verifier = client.new_verifier()
    page = urllib.parse.urlsplit(session.sign_in_address(verifier, "a-state"))
    asked = dict(urllib.parse.parse_qsl(page.query))
    service.challenge = asked["code_challenge"]
    session.sign_in("a-code", verifier)
    return asked


def test_a_search_goes_through_all_pages_with_one_token(session, service):
    found = list(session.tracks(genres="house", access="playable"))
    assert [t["urn"] for t in found] == [t["urn"] for t in service.found]
    path, asked, authorization = service.asked[0]
    assert (path, authorization) == ("/tracks", "OAuth access-1")
    assert asked == {
        "genres": "house",
        "access": "playable",
        "limit": "200",
        "linked_partitioning": "true",
    }
    assert len(service.asked) == 3
    assert service.tokens == 1


def test_tokens_are_kept_for_their_owner_and_used_again(session, service, tokens):
    list(session.tracks())
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    again = SoundCloud(APP, TokenFile(tokens), api=session._api, auth=session._auth)
    list(again.tracks())
    assert service.tokens == 1
    tokens.write_text("no token")
    list(again.tracks())
    assert service.tokens == 2


def test_a_token_that_ends_is_renewed_by_its_refresh_token(session, service, tokens):
    service.lasts_s = 30
    list(session.tracks())
    # Each page wants a new one; every refresh token serves once.
    assert service.tokens == 3
    assert json.loads(tokens.read_text())["refresh"] == "refresh-3"


def test_the_token_goes_to_no_other_host(session, service):
    service.other_host = True
    with pytest.raises(SoundCloudError, match=r"next page is on elsewhere\.example"):
        list(session.tracks())


def test_too_many_requests_are_waited_for(session, service, monkeypatch):
    waited = []
    monkeypatch.setattr(client.time, "sleep", waited.append)
    service.refuse = [(429, "7"), (429, None)]
    assert len(list(session.tracks())) == 5
    assert waited == [7.0, 1.0]
    service.refuse = [(429, "40000")]
    with pytest.raises(SoundCloudError, match="come again in 40000 s"):
        list(session.tracks())
    service.refuse = [(500, None)]
    with pytest.raises(SoundCloudError, match="SoundCloud answers 500"):
        list(session.tracks())


def test_a_wrong_secret_is_told(address, tokens):
    wrong = SoundCloud(App("an-app", "?"), TokenFile(tokens), api=address, auth=address)
    with pytest.raises(SoundCloudError, match="refuses the app's id and secret"):
        list(wrong.tracks())
    nobody = SoundCloud(APP, TokenFile(tokens), auth="http://127.0.0.1:9")
    with pytest.raises(SoundCloudError, match=r"127\.0\.0\.1:9 cannot be asked"):
        list(nobody.tracks())


def test_a_user_signs_in_with_a_proof_of_who_asked(session, service):
    with pytest.raises(SoundCloudError, match="nobody has signed in"):
        list(session.own_tracks())
    asked = signed_in(session, service)
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == APP.redirect
    assert [t["urn"] for t in session.own_tracks()] == ["soundcloud:tracks:99"]
    with pytest.raises(SoundCloudError, match="refuses"):
        session.sign_in("a-code", "another verifier")


@pytest.mark.parametrize("licence", ["all-rights-reserved", "cc-by-nc", None])
def test_a_licence_that_forbids_is_honoured(session, licence):
    with pytest.raises(SoundCloudError, match="only your own"):
        session.stream(track(1, license=licence), own=False)


def test_what_may_not_be_played_is_not(session):
    free = track(1, license="cc-by", access="preview")
    with pytest.raises(SoundCloudError, match="'Track 1' may not be played"):
        session.stream(free, own=False)


def test_a_free_track_and_ones_own_are_streamed(session):
    for given, own in ((track(1, license="cc-by"), False), (track(2), True)):
        address, headers = session.stream(given, own=own)
        assert address.endswith("/sound.wav")
        assert headers["Authorization"] == "OAuth access-1"


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg")
def test_a_stream_is_heard_in_memory(session, address):
    sound = decode(*session.stream(track(1, license="cc-by"), own=False))
    assert sound.duration_s == pytest.approx(1.0, abs=0.05)
    assert np.abs(sound.samples).max() == pytest.approx(0.3, abs=0.02)
    with pytest.raises(SoundCloudError, match="cannot be read") as caught:
        decode(f"{address}/sound.wav", {"Authorization": "OAuth secret-token"})
    assert "secret-token" not in str(caught.value)


def test_the_command_writes_labels_and_nothing_else(
    address, tokens, monkeypatch, capsys
):
    monkeypatch.setattr("sys.argv", ["soundcloud", "--tokens", str(tokens), "labels"])
    assert command.main() == 2
    assert "SOUNDCLOUD_CLIENT_ID" in capsys.readouterr().err
    monkeypatch.setenv("SOUNDCLOUD_CLIENT_ID", APP.id)
    monkeypatch.setenv("SOUNDCLOUD_CLIENT_SECRET", APP.secret)
    opened = SoundCloud.__init__
    monkeypatch.setattr(
        SoundCloud,
        "__init__",
        lambda self, app, kept: opened(self, app, kept, api=address, auth=address),
    )
    given = ["soundcloud", "--tokens", str(tokens), "labels", "--limit", "3"]
    monkeypatch.setattr("sys.argv", given)
    assert command.main() == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["title"] for row in rows] == ["Track 0", "Track 1", "Track 2"]
    assert "stream_url" not in rows[0]
    monkeypatch.setattr("sys.argv", [*given[:3], "own"])
    assert command.main() == 1
    assert "nobody has signed in" in capsys.readouterr().err
