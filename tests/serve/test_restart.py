"""A server that is stopped, and started again in the same folder."""

import pytest

from jaxsoundart.serve.job import State
from jaxsoundart.serve.store import SOUND, Store, StoreError


def test_nothing_finished_is_lost_and_what_was_begun_goes_on(gated_server, gate, sound):
    with gated_server() as first:
        done = first.post(sound, count=1).json()["id"]
        done = first.until(done, "done")
        path = f"/api/v1/jobs/{done['id']}/pictures/1"
        picture = first.client.get(path).content
        held = first.post(sound, count=1, hold=True).json()["id"]
        held = first.until(held, "words")
        gate.close("step")
        painting = first.post(sound, count=1).json()["id"]
        gate.reached.wait()
        waiting = first.post(sound, count=1).json()["id"]
    gate.open()
    with gated_server() as second:
        assert second.job(done["id"]) == done
        assert second.client.get(path).content == picture
        assert second.job(held["id"]) == held
        for id in (painting, waiting):
            assert second.until(id, "done", "failed")["state"] == "done"


def test_a_song_that_is_lost_fails_with_a_sentence(gated_server, gate, sound):
    with gated_server() as first:
        gate.close("hear")
        id = first.post(sound).json()["id"]
        gate.reached.wait()
        place = first.desk.store.folder(id)
    gate.open()
    (place / SOUND).unlink()
    (place.parent / "orphan").mkdir()
    (place.parent.parent / "incoming" / "orphan").mkdir()
    with gated_server() as second:
        job = second.until(id, "failed", "done")
        assert job["error"].startswith("the server was stopped before it had heard")
        assert not list(place.parent.glob("orphan"))
        assert not list(second.desk.store.incoming.iterdir())


def test_a_folder_has_one_server(gated, tmp_path):
    with pytest.raises(StoreError, match="stop the server that uses it"):
        Store(tmp_path / "served")


def test_jobs_are_kept_as_long_as_promised(gated, gate, sound):
    done = gated.post(sound, count=1).json()["id"]
    gated.until(done, "done")
    gate.close("hear")
    busy = gated.post(sound, count=1).json()["id"]
    gate.reached.wait()
    store = gated.desk.store
    expires_s = store.get(done).expires_s
    assert store.expire(expires_s - 1) == ()
    far_s = expires_s + 1e6
    assert [job.id for job in store.expire(far_s)] == [done]
    assert gated.client.get(f"/api/v1/jobs/{done}").status_code == 404
    assert not store.folder(done).exists()
    assert gated.job(busy)["state"] == State.HEARING
