"""Jobs that nobody wants any more, in every state; and those painted beside them."""

import pytest

from tests import tiny_song


def cancelled(served, id):
    """Cancels a job, and says how its stream ended."""
    stream = served.events(id)
    next(stream)
    assert served.client.delete(f"/api/v1/jobs/{id}").status_code == 204
    *_, (_, name, data) = stream
    return name, data["state"]


def is_gone(served, id):
    path = f"/api/v1/jobs/{id}"
    assert served.client.get(path).status_code == 404
    assert served.client.delete(path).status_code == 404
    return not served.desk.store.folder(id).exists()


def test_while_it_waits(gated, gate, sound):
    gate.close("hear")
    first = gated.post(sound, count=1).json()["id"]
    gate.reached.wait()
    second = gated.post(sound, count=1).json()
    assert second["ahead"] == 1
    assert cancelled(gated, second["id"]) == ("state", "cancelled")
    assert is_gone(gated, second["id"])
    gate.open()
    assert gated.until(first, "done", "failed")["state"] == "done"


def test_while_it_is_heard(gated, gate, sound):
    gate.close("hear")
    id = gated.post(sound).json()["id"]
    gate.reached.wait()
    assert cancelled(gated, id) == ("state", "cancelled")
    assert is_gone(gated, id)
    gate.open()
    other = gated.post(sound, count=1).json()["id"]
    gated.until(other, "done")
    assert gate.calls == [1]


def test_while_it_is_painted_within_one_step(gated, gate, sound):
    gate.close("step")
    id = gated.post(sound, count=3).json()["id"]
    gate.reached.wait()
    assert gated.job(id)["progress"] is None
    assert cancelled(gated, id) == ("state", "cancelled")
    assert is_gone(gated, id)
    gate.open()
    other = gated.post(sound, count=1).json()["id"]
    gated.until(other, "done")
    # One step of the first job; two of the second, and the end.
    assert gate.steps == [1, 1, 2, 0]


@pytest.mark.parametrize("state", ["words", "done"])
def test_when_it_rests(state, served, sound):
    id = served.post(sound, count=1, hold=state == "words").json()["id"]
    served.until(id, state)
    path = f"/api/v1/jobs/{id}"
    assert served.client.delete(path).status_code == 204
    assert is_gone(served, id)
    assert served.client.get(f"{path}/pictures/1").status_code == 404
    assert served.client.get(f"{path}/events").status_code == 404


def test_pictures_of_several_jobs_share_a_call_and_not_their_fate(
    gated, gate, sound, tmp_path
):
    other = tiny_song.write(tmp_path / "other.wav", tonic_hz=330.0).read_bytes()
    gate.close("hear")
    one = gated.post(sound, count=2).json()["id"]
    gate.reached.wait()
    two = gated.post(other, count=2).json()["id"]
    gate.open()
    together = gated.until(two, "done")
    gated.until(one, "done")
    assert gate.calls == [4]

    gate.close("hear")
    one = gated.post(sound, count=2).json()["id"]
    gate.reached.wait()
    two = gated.post(other, count=2).json()["id"]
    gate.open()
    gate.close("step")
    gate.reached.wait()
    assert gated.client.delete(f"/api/v1/jobs/{one}").status_code == 204
    gate.open()
    alone = gated.until(two, "done", "failed")
    assert gate.calls == [4, 4]
    assert alone["pictures"] == together["pictures"]
    assert is_gone(gated, one)


def test_a_job_that_cannot_be_painted_leaves_others_alone(
    gated, gate, sound, monkeypatch
):
    from jaxsoundart.errors import ArgumentError
    from jaxsoundart.studio import Studio

    whole = Studio.paint

    def paint(self, drafts, **more):
        if any(draft.briefs[0].prompt == "bad" for draft in drafts):
            raise ArgumentError("this cannot be painted")
        return whole(self, drafts, **more)

    monkeypatch.setattr(Studio, "paint", paint)
    gate.close("hear")
    good = gated.post(sound, count=1).json()["id"]
    gate.reached.wait()
    bad = gated.post(sound, count=1, prompt="bad").json()["id"]
    gate.open()
    assert gated.until(good, "done", "failed")["state"] == "done"
    failed = gated.until(bad, "done", "failed")
    assert (failed["state"], failed["error"]) == ("failed", "this cannot be painted")
    # Words that contradict each other are found out when they are written.
    contrary = gated.post(sound, style="moon", atmosphere="dark", negative="night")
    assert contrary.status_code == 202
