"""The whole life of a job."""

import base64
import io

import PIL.Image
import pytest

from jaxsoundart.picture import png


@pytest.fixture(scope="module")
def done(served, sound):
    answer = served.post(sound, name="Night Drive.wav", count=2, hold=False)
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert answer.headers["Location"] == f"/api/v1/jobs/{job['id']}"
    assert job["state"] == "waiting"
    events = list(served.events(job["id"]))
    return job, events


def test_a_song_is_heard_put_into_words_and_painted(done, served, tmp_path):
    first, events = done
    ids = [id for id, _, _ in events]
    assert ids == sorted(set(ids))
    states = [data["state"] for _, name, data in events if name == "state"]
    order = ["waiting", "hearing", "queued", "painting", "done"]
    assert [s for s in order if s in states][-2:] == ["painting", "done"]
    assert [order.index(s) for s in states] == sorted(order.index(s) for s in states)
    job = events[-1][2]
    assert job == served.job(first["id"])
    assert job["state"] == "done"
    assert job["song"]["file_name"] == "Night Drive.wav"
    assert job["song"]["title"] == "Night Drive"
    assert job["song"]["duration_s"] == pytest.approx(4.0, abs=0.01)
    assert len(job["waveform"]) == 256
    assert max(job["waveform"]) > 0.3
    assert [s["name"] for s in job["sections"]] == ["intro", "drop"]
    assert job["hearing"]["heads"]["genre"][0]["probability"] > 0
    assert len(job["briefs"]) == 2
    assert job["briefs"][0]["reasons"]
    assert [picture["n"] for picture in job["pictures"]] == [1, 2]


def test_previews_show_every_step(done):
    _, events = done
    previews = [data for _, name, data in events if name == "preview"]
    assert {(p["picture"], p["step"], p["steps"]) for p in previews} == {
        (n, step, 2) for n in (1, 2) for step in (1, 2)
    }
    head, _, data = previews[0]["image"].partition(",")
    assert head == "data:image/jpeg;base64"
    picture = PIL.Image.open(io.BytesIO(base64.b64decode(data)))
    assert (picture.format, picture.size) == ("JPEG", (128, 128))


def test_a_picture_has_its_record_and_an_etag(done, served, tmp_path):
    job = done[1][-1][2]
    path = f"/api/v1/jobs/{job['id']}/pictures/2"
    answer = served.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    etag = answer.headers["etag"]
    assert etag == job["pictures"][1]["etag"]
    (tmp_path / "picture.png").write_bytes(answer.content)
    image, record = png.read(tmp_path / "picture.png")
    assert image.shape == (16, 16, 3)
    assert record.song.file_name == "Night Drive.wav"
    assert record.brief.prompt == job["briefs"][1]["prompt"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = served.client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    other = served.client.get(path, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
