"""Words that a client changes before, or after, its pictures are painted."""

import pytest


def words(job, **changes):
    """The words of a job as they are sent back."""
    briefs = [
        {name: brief[name] for name in ("prompt", "negative_prompt")}
        for brief in job["briefs"]
    ]
    briefs[0] |= changes
    return {"briefs": briefs}


@pytest.fixture(scope="module")
def held(served, sound):
    id = served.post(sound, count=2, hold=True).json()["id"]
    return served.until(id, "words", "failed")


@pytest.fixture(scope="module")
def resting(served, sound):
    id = served.post(sound, count=1, hold=True).json()["id"]
    return served.until(id, "words")


def test_a_held_job_waits_for_words_and_paints_them(held, served):
    assert held["state"] == "words"
    assert held["pictures"] == []
    kept, *_ = held["briefs"][0]["prompt"].split(", ")
    said = words(held, prompt=f"{kept},  full   moon")
    answer = served.client.put(f"/api/v1/jobs/{held['id']}/words", json=said)
    assert answer.status_code == 202, answer.text
    job = served.until(held["id"], "done", "failed")
    assert job["state"] == "done"
    brief = job["briefs"][0]
    assert brief["prompt"] == f"{kept}, full moon"
    evidence = {reason["phrase"]: reason["evidence"] for reason in brief["reasons"]}
    before = {r["phrase"]: r["evidence"] for r in held["briefs"][0]["reasons"]}
    assert evidence[kept] == before[kept]
    assert evidence["full moon"] == "your words"
    assert job["briefs"][1] == held["briefs"][1]
    assert len(job["pictures"]) == 2

    # And once more: other words, and more pictures, replace those.
    said["briefs"].append({"prompt": "sun"})
    path = f"/api/v1/jobs/{held['id']}/words"
    again = served.client.put(path, json=said).json()
    assert (again["state"], again["pictures"]) == ("queued", [])
    more = served.until(held["id"], "done", "failed")
    assert [picture["n"] for picture in more["pictures"]] == [1, 2, 3]
    assert more["briefs"][2]["atmosphere"] == "as asked"
    # The same words and seeds give the same picture.
    assert more["pictures"][0] == job["pictures"][0]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"briefs": NaN}', "no JSON"),
        (b"[]", 'not {"briefs"'),
        (b'{"briefs": []}', "list of 1 to 8"),
        (b'{"briefs": [{"prompt": "a"}], "more": 1}', 'not {"briefs"'),
        (b'{"briefs": [7]}', "briefs[0] is 7 instead of an object"),
        (b'{"briefs": [{"prompt": 7}]}', "briefs[0].prompt is 7"),
        (b'{"briefs": [{"prompt": " , "}]}', "prompt is given but empty"),
        (b'{"briefs": [{"prompt": "\\ud800"}]}', "control character U+D800"),
        (b'{"briefs": [{"prompt": "a", "negative_prompt": "a"}]}', "both wanted"),
        (b'{"briefs": [{"prompt": "(a:99)"}]}', "99"),
    ],
)
def test_words_that_cannot_be_painted_are_refused(body, message, served, resting):
    id = resting["id"]
    answer = served.client.put(f"/api/v1/jobs/{id}/words", content=body)
    assert answer.status_code == 422
    assert message in answer.json()["detail"]
    assert served.job(id) == resting


def test_long_words_are_not_read(served, held):
    body = b'{"briefs": ["' + b"a" * 200_000 + b'"]}'
    answer = served.client.put(f"/api/v1/jobs/{held['id']}/words", content=body)
    assert answer.status_code == 413


def test_words_of_a_job_under_way_cannot_be_changed(gated, gate, sound):
    gate.close("hear")
    id = gated.post(sound).json()["id"]
    gate.reached.wait()
    said = {"briefs": [{"prompt": "moon"}]}
    answer = gated.client.put(f"/api/v1/jobs/{id}/words", json=said)
    assert answer.status_code == 409
    assert "the job is hearing" in answer.json()["detail"]
