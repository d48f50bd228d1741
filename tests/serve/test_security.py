"""Who may ask; what browsers may do with answers; names that are paths."""

import asyncio
import contextlib
import json
import socket
import time

import httpx
import pytest

from jaxsoundart.errors import ArgumentError
from jaxsoundart.serve import connection, guard
from jaxsoundart.serve.guard import Access, names_for
from jaxsoundart.serve.limits import Limits
from jaxsoundart.serve.rates import Rate, network
from jaxsoundart.serve.uploads import plain_name
from tests.serve.served import serving

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture(scope="module")
def locked(tiny_studio, tmp_path_factory):
    folder = tmp_path_factory.mktemp("locked")
    with serving(tiny_studio, folder, access=Access(token=TOKEN)) as server:
        yield server


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"]
)
def test_the_interface_wants_its_token(given, locked):
    headers = {} if given is None else {"Authorization": given}
    for path in ("/api/v1/options", "/api/v1/openapi.json", "/api/nothing"):
        answer = locked.client.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "Authorization: Bearer" in answer.json()["detail"]
    assert locked.client.get("/healthz").status_code == 200


def test_with_the_token_all_is_open(locked):
    headers = {"Authorization": f"bearer {TOKEN}"}
    assert locked.client.get("/api/v1/options", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "token", ["", "short", "has a space in it, this one", "ä" * 20]
)
def test_a_token_is_worth_its_name(token):
    with pytest.raises(ArgumentError, match="the token has"):
        Access(token=token)
    assert TOKEN not in repr(Access(token=TOKEN))


def test_every_answer_has_its_headers(served):
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: "
        "data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    )
    for path in ("/", "/healthz", "/api/v1/options", "/nothing", "/page/../app.py"):
        headers = served.client.get(path).headers
        assert headers["content-security-policy"] == policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers
        assert headers["cache-control"] in ("no-store", "no-cache")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://[broken"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_other_sites_cannot_use_a_visitor(headers, served, sound):
    assert served.post(sound, headers=headers).status_code == 403


def test_the_own_page_can(served):
    own = {"Origin": served.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert served.client.get("/api/v1/options", headers=own).status_code == 200


def test_a_foreign_name_for_this_machine_is_not_answered(served):
    for name in ("elsewhere.example", "127.0.0.1.elsewhere.example:80", "[broken", ""):
        answer = served.client.get("/api/v1/options", headers={"Host": name})
        assert answer.status_code == 421


@pytest.mark.parametrize(
    ("host", "others", "names"),
    [
        ("127.0.0.1", (), {"localhost", "127.0.0.1", "::1"}),
        ("::1", (), {"localhost", "127.0.0.1", "::1"}),
        ("localhost", ("a.example",), {"localhost", "127.0.0.1", "::1", "a.example"}),
        ("0.0.0.0", (), set()),
        ("0.0.0.0", ("a.example",), {"localhost", "127.0.0.1", "::1", "a.example"}),
    ],
)
def test_names_of_a_server(host, others, names):
    assert set(names_for(host, others)) - {"0.0.0.0"} == names
    assert guard.is_local(host) == (host != "0.0.0.0")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\music\\song.wav", "song.wav"),
        ("/", "song"),
        ("..", "song"),
        (".", "song"),
        ("a\0b\r\nX: y.wav", "a�b��X: y.wav"),
        ("夜の歌.mp3", "夜の歌.mp3"),
        ("x" * 1000 + ".wav", "x" * 196 + ".wav"),
        ("\u202egnp.wav", "�gnp.wav"),
    ],
)
def test_a_files_name_is_nothing_but_a_text(name, plain):
    assert plain_name(name) == plain


def test_names_that_are_paths_touch_nothing(served, sound):
    store = served.desk.store
    before = sorted(path.name for path in store.incoming.parent.iterdir())
    for name in ("../../../evil.wav", "/tmp/evil.wav", "jobs.sqlite3", "夜.wav"):
        job = served.post(sound, name=name, count=1, hold=True).json()
        assert job["song"]["file_name"] == name.rpartition("/")[2]
        served.until(job["id"], "words")
    assert sorted(path.name for path in store.incoming.parent.iterdir()) == before
    assert list(store.incoming.iterdir()) == []


def test_the_page_is_a_few_files_and_no_way_out(served):
    index = served.client.get("/")
    assert index.status_code == 200
    etag = {"If-None-Match": index.headers["etag"]}
    assert served.client.get("/", headers=etag).status_code == 304
    for path in ("../app.py", "%2e%2e/app.py", "..%2fapp.py", "/etc/passwd", ""):
        assert served.client.get(f"/page/{path}").status_code == 404


def test_a_client_may_ask_so_often_and_again_after_a_while():
    now_s = 0.0
    rate = Rate(2, clock=lambda: now_s)
    assert [rate.wait_s("a") for _ in range(3)] == [0.0, 0.0, 30.0]
    assert rate.wait_s("b") == 0.0
    now_s = 31.0
    assert rate.wait_s("a") == 0.0
    assert rate.wait_s("a") > 28.0


def test_a_home_is_one_client():
    assert network("2001:db8::1") == network("2001:db8::2") == "2001:db8::/64"
    assert network("2001:db8:0:1::1") != network("2001:db8::1")
    assert network("::ffff:10.0.0.1") == "10.0.0.1"
    assert network("socket") == "socket"


def heard(url, said):
    """What a server answers to some bytes of a client that then says nothing more."""
    host, port = httpx.URL(url).host, httpx.URL(url).port
    with socket.create_connection((host, port), timeout=60) as call:
        call.sendall(said)
        answer = b""
        while data := call.recv(65_536):
            answer += data
    return answer


def test_who_says_nothing_is_hung_up_on(served, monkeypatch):
    monkeypatch.setattr(connection, "HEADERS_S", 0.1)
    assert heard(served.url, b"") == b""
    assert heard(served.url, b"GET / HTTP/1.1\r\nHost: loc") == b""


def test_who_stops_in_the_middle_of_a_song_is_told(tiny_studio, tmp_path):
    limits = Limits(idle_s=0.2)
    head = (
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    with serving(tiny_studio, tmp_path, limits=limits) as server:
        for said in (head, head + b"--x\r\nContent-Dis"):
            answer = heard(server.url, said)
            assert answer.startswith(b"HTTP/1.1 408 ")
            detail = json.loads(answer.partition(b"\r\n\r\n")[2])["detail"]
            assert "came too slowly" in detail


def test_who_sends_drop_by_drop_is_told(tiny_studio, tmp_path):
    head = (
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nA: "
    )
    with serving(tiny_studio, tmp_path, limits=Limits(idle_s=0.5)) as server:
        url = httpx.URL(server.url)
        with socket.create_connection((url.host, url.port)) as call:
            call.sendall(head)
            call.settimeout(0.05)
            answer = b""
            while not answer:
                call.sendall(b"x")
                with contextlib.suppress(TimeoutError):
                    answer = call.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\0\1\0",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: " + b"b" * 100_000,
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(said, served):
    assert heard(served.url, said)[:12] in (b"HTTP/1.1 400", b"")
    assert served.client.get("/healthz").status_code == 200


def test_hanging_up_while_sending_leaves_nothing(served, sound):
    head = (
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    )
    url = httpx.URL(served.url)
    with socket.create_connection((url.host, url.port)) as call:
        call.sendall(head)
        while not list(served.desk.store.incoming.iterdir()):
            time.sleep(0.01)
    while served.desk._incoming:
        time.sleep(0.01)
    assert not list(served.desk.store.incoming.iterdir())


def test_rates_forget_the_oldest_of_very_many(monkeypatch):
    monkeypatch.setattr("jaxsoundart.serve.rates._MOST_CLIENTS", 3)
    rate = Rate(1, clock=lambda: 0.0)
    for name in "abcd":
        assert rate.wait_s(name) == 0.0
    assert rate.wait_s("d") > 0.0
    assert rate.wait_s("a") == 0.0


def test_the_event_loop_is_free(served):
    # Whatever blocks it would show as a warning of asyncio, which is an error here.
    assert asyncio.run(many(served.url)) == [200] * 50


async def many(url):
    async with httpx.AsyncClient(base_url=url) as client:
        calls = [client.get("/healthz") for _ in range(50)]
        return [answer.status_code for answer in await asyncio.gather(*calls)]
