"""Events: in order, resumed, bounded, and ended."""

import asyncio
import json

import pytest

from jaxsoundart.serve.board import Board


def tell(board, count=1, *, name="preview", over=False):
    for nth in range(count):
        board.tell("job", name, json.dumps(nth), is_worked_on=not over, is_over=over)


def read(stream):
    """The ids and data of all events in a stream."""

    async def collect():
        return [piece async for piece in stream]

    events = [
        dict(line.split(": ", 1) for line in piece.strip().splitlines())
        for piece in asyncio.run(collect())
    ]
    return [(int(event["id"]), event["data"]) for event in events]


def test_a_stream_begins_with_the_job_as_it_is(served, sound):
    id = served.post(sound, count=1, hold=True).json()["id"]
    served.until(id, "words")
    stream = served.events(id)
    first_id, name, data = next(stream)
    assert (name, data["state"]) == ("state", "words")
    served.client.put(f"/api/v1/jobs/{id}/words", json={"briefs": [{"prompt": "sun"}]})
    events = list(stream)
    assert events[-1][2]["state"] == "done"
    assert min(id for id, _, _ in events) > first_id


def test_a_broken_stream_goes_on_where_it_was(gated, gate, sound):
    gate.close("step")
    id = gated.post(sound, count=1).json()["id"]
    gate.reached.wait()
    listener = gated.events(id)
    _, _, data = next(listener)
    assert data["state"] == "painting"
    gate.open()
    whole = list(listener)
    assert [name for _, name, _ in whole] == ["preview", "preview", "state"]
    # The job is over: what is left to hear is how it is.
    ((_, name, data),) = gated.events(id, after=whole[0][0])
    assert (name, data) == ("state", whole[-1][2])


def test_what_was_missed_is_told_and_no_more():
    board = Board()
    tell(board, 5)

    def snapshot():
        raise AssertionError("nothing was lost, so none is needed")

    first = board._channels["job"].events[0].id
    tell(board, over=True)
    assert "job" not in board._channels
    board = Board()
    tell(board, 5)
    first = board._channels["job"].events[0].id
    board.close()
    told = read(board.stream("job", first + 1, snapshot))
    assert [data for _, data in told] == ["2", "3", "4"]


@pytest.mark.parametrize("after", [None, 0, 10**15])
def test_who_missed_too_much_hears_how_it_is(after):
    board = Board()
    tell(board, 100)
    assert len(board._channels["job"].events) == 32
    ((_, data),) = read(board.stream("job", after, lambda: ('{"state": "done"}', True)))
    assert data == '{"state": "done"}'


def test_nothing_is_kept_of_jobs_that_are_over_or_rest():
    board = Board()
    tell(board, 3)
    assert not board.has_listeners("job")
    tell(board, over=True)
    assert board._channels == {}
    board.tell("job", "state", "{}", is_worked_on=False, is_over=False)
    assert board._channels == {}


def test_a_stream_that_is_silent_says_that_it_is_there(monkeypatch):
    monkeypatch.setattr("jaxsoundart.serve.board._STILL_HERE_S", 0.01)
    board = Board()

    async def listen():
        stream = board.stream("job", None, lambda: ("{}", False))
        pieces = [await anext(stream), await anext(stream)]
        assert board.has_listeners("job")
        await stream.aclose()
        return pieces

    assert asyncio.run(listen())[1] == ": still here\n\n"
    assert board._channels == {}


def test_ids_go_on_counting_after_a_restart():
    one = read(Board().stream("job", None, lambda: ("{}", True)))
    other = read(Board().stream("job", None, lambda: ("{}", True)))
    assert one[0][0] <= other[0][0]


def test_nothing_follows_the_end():
    board = Board()

    async def listen():
        stream = board.stream("job", None, lambda: ("{}", False))
        await anext(stream)
        tell(board, name="state", over=True)
        tell(board)
        return [piece async for piece in stream]

    (last,) = asyncio.run(listen())
    assert "event: state" in last
    assert board._channels == {}
