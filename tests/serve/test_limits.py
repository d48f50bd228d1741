"""What a server does not take, and that it says why in one sentence."""

import json

import pytest

from jaxsoundart.errors import ArgumentError
from jaxsoundart.serve.limits import Limits
from tests import tiny_song


def refused(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert "\n" not in problem["detail"]
    return problem["detail"]


def test_a_full_queue_says_when_to_come_back(gated_server, gate, sound):
    with gated_server(waiting=2) as server:
        gate.close("hear")
        ids = [server.post(sound, count=1).json()["id"] for _ in range(2)]
        answer = server.post(sound)
        assert "queue is full" in refused(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
        assert server.client.get("/healthz").json()["waiting"] == 2
        gate.open()
        for id in ids:
            server.until(id, "done")
        held = server.post(sound, count=1, hold=True).json()["id"]
        server.until(held, "words")
        gate.close("hear")
        for _ in range(2):
            assert server.post(sound).status_code == 202
        said = {"briefs": [{"prompt": "moon"}]}
        answer = server.client.put(f"/api/v1/jobs/{held}/words", json=said)
        assert "queue is full" in refused(answer, 503)
        assert server.job(held)["state"] == "words"


def test_there_is_room_for_so_many_jobs(gated_server, sound):
    with gated_server(kept=1) as server:
        id = server.post(sound, count=1).json()["id"]
        server.until(id, "done")
        assert "no room" in refused(server.post(sound), 503)
        server.client.delete(f"/api/v1/jobs/{id}")
        assert server.post(sound).status_code == 202


def test_one_client_asks_only_so_often(gated_server, sound):
    with gated_server(jobs_per_minute=1, calls_per_minute=5) as server:
        assert server.post(sound, count=1).status_code == 202
        answer = server.post(sound)
        assert "1 jobs a minute" in refused(answer, 429)
        assert 0 < int(answer.headers["retry-after"]) <= 60
        answers = [server.client.get("/api/v1/options") for _ in range(5)]
        assert "too often" in refused(answers[-1], 429)
        assert server.client.get("/healthz").status_code == 200


def test_large_and_long_songs_are_refused(gated_server, sound, tmp_path):
    with gated_server(upload_bytes=len(sound), duration_s=5.0) as server:
        assert server.post(sound, count=1).status_code == 202
        assert "larger than" in refused(server.post(sound + b"\0"), 413)
        assert "longer than" in refused(server.post(sound + bytes(10**6)), 413)
        kept = {"rate_hz": 11_025, "duration_s": 6.0}
        long = tiny_song.write(tmp_path / "long.wav", **kept).read_bytes()
        assert "0.1 min long" in refused(server.post(long), 413)
        assert not list(server.desk.store.incoming.iterdir())


def test_a_body_of_no_said_length_is_counted(gated_server, sound):
    head, tail = form("song", sound[:1000]).split(sound[:1000])

    def endless():
        yield head
        for _ in range(1000):
            yield bytes(10_000)
        yield tail

    with gated_server(upload_bytes=100_000) as server:
        answer = server.client.post(
            "/api/v1/jobs", content=endless(), headers={"Content-Type": KIND}
        )
        assert "larger than 100000 bytes" in refused(answer, 413)


KIND = "multipart/form-data; boundary=xyz"


def form(name, content, *, file_name="a.wav"):
    said = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"'
    return b"--xyz\r\n" + said.encode() + b"\r\n\r\n" + content + b"\r\n--xyz--\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "status", "message"),
    [
        ("application/json", b"{}", 415, "no multipart/form-data"),
        ("multipart/form-data", b"", 415, "no multipart/form-data"),
        ("multipart/form-data; boundary=\xff", b"", 415, "no multipart/form-data"),
        (KIND, b"", 422, "cut off"),
        (KIND, b"hello", 422, "broken"),
        (KIND, b"--xyz--\r\n", 422, "no song"),
        (KIND, form("order", b"{}"), 422, "no song"),
        (KIND, form("more", b"1"), 422, "unwanted part 'more'"),
        (KIND, form("song", b"1")[:-9] + form("song", b"1"), 422, "unwanted part"),
        (KIND, form("song", b"12345")[:-12], 422, "cut off"),
        (KIND, b"--xyz\r\nA: " + b"b" * 9000 + b"\r\n\r\n", 422, "form"),
        (KIND, form("order", b"1" * 70_000), 413, "order is longer"),
    ],
)
def test_broken_forms_are_refused(kind, body, status, message, served):
    answer = served.client.post(
        "/api/v1/jobs", content=body, headers={"Content-Type": kind.encode("latin-1")}
    )
    assert message in refused(answer, status)


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("{", "no JSON"),
        ("[" * 60_000, "no JSON"),
        ("[]", "no JSON object"),
        ('{"count": 0}', "count is 0; use a number from 1 to 8"),
        ('{"count": 9}', "count is 9"),
        ('{"count": true}', "count is True instead of an integer"),
        ('{"count": 1.5}', "count is 1.5"),
        ('{"seed": 4294967296}', "seed 4294967296 is out of range"),
        ('{"seed": ' + "9" * 5000 + "}", "no JSON"),
        ('{"guidance": NaN}', "NaN is no number"),
        ('{"guidance": 1e999}', "instead of a finite number"),
        ('{"guidance": 0.5}', "guidance 0.5"),
        ('{"style": "\\u0000"}', "control character"),
        ('{"atmosphere": "\\ud800"}', "is unknown"),
        ('{"excerpts": "/etc/passwd"}', "no part of a song"),
        ('{"painter": "/etc/passwd"}', "order has unknown painter"),
        ('{"hold": 1}', "order.hold is 1 instead of true or false"),
        ('{"prompt": ""}', "prompt is given but empty"),
    ],
)
def test_impossible_orders_are_refused(order, message, served):
    data = {"order": order.encode("utf-8", "surrogatepass")}
    answer = served.client.post("/api/v1/jobs", files={"song": b"x"}, data=data)
    assert message in refused(answer, 422)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/jobs/" + "a" * 22, 404),
        ("GET", "/api/v1/jobs/../../etc/passwd", 404),
        ("GET", "/api/v1/jobs/%2e%2e%2f%2e%2e", 404),
        ("DELETE", "/api/v1/jobs/" + "a" * 22, 404),
        ("GET", "/api/v1/jobs/" + "a" * 22 + "/events", 404),
        ("GET", "/api/v1/jobs/" + "a" * 22 + "/pictures/1", 404),
        ("GET", "/api/v1/jobs/" + "a" * 22 + "/pictures/0", 404),
        ("GET", "/api/v1/jobs", 405),
        ("POST", "/healthz", 405),
        ("GET", "/nothing", 404),
    ],
)
def test_what_is_not_there_is_said_to_be_so(method, path, status, served):
    refused(served.client.request(method, path), status)


def test_what_can_be_done_instead_is_said(served):
    path = "/api/v1/jobs/" + "a" * 22
    answer = served.client.request("OPTIONS", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET")


def test_options_say_what_can_be_asked_for(served):
    said = served.client.get("/api/v1/options").json()
    assert said["count"] == {"least": 1, "most": 8, "usual": 4}
    assert said["excerpts"] == ["intro", "drop", "bar", "whole"]
    assert said["atmospheres"][0] == "as heard"
    assert said["size_px"] == 16
    assert {"id": "youtube", "name": "YouTube"}.items() <= said["stores"][5].items()
    assert json.dumps(said["limits"])


def test_a_limit_is_above_zero():
    with pytest.raises(ArgumentError, match="the limit of keep s is 0"):
        Limits(keep_s=0.0)
