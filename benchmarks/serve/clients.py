"""Clients of a server: kind ones, slow ones, and those that mean harm."""

import asyncio
import collections
import io
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import soundfile

from benchmarks.serve.mutations import mutated, songs

_MOST_WAIT_S = 3.0
_TIMEOUT_S = 300.0
_GOOD_SHARE = 0.5


@dataclass
class Tally:
    """What became of what was sent.

    Attributes:
        done: Good songs that were painted.
        refused: Answers to bad ones, by kind and status.
        later: Answers that asked to come back later, by status.
        taken: Bad ones that were taken for songs, by what became of them.
        wrong: What must not be, in words.
    """

    done: int = 0
    refused: collections.Counter = field(default_factory=collections.Counter)
    later: collections.Counter = field(default_factory=collections.Counter)
    taken: collections.Counter = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)


class Client:
    """Sends one song after the other, and looks at what becomes of each."""

    def __init__(self, url: str, seed: int, tally: Tally, deadline_s: float):
        """Makes a client.

        Args:
            url: The server's.
            seed: Of its choices.
            tally: Where it counts.
            deadline_s: When it stops, on the loop's clock.
        """
        self._url, self._tally, self._deadline_s = url, tally, deadline_s
        self._random = np.random.default_rng(seed)
        self._seed = seed
        self._songs = songs()

    async def run(self) -> None:
        """Sends until the deadline, and finishes what was begun."""
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(base_url=self._url, timeout=_TIMEOUT_S) as client:
            while loop.time() < self._deadline_s:
                if self._random.random() < _GOOD_SHARE:
                    await self._good(client)
                else:
                    kinds = ("huge", "unsaid", "slow", "broken", "malicious", "form")
                    kind = kinds[int(self._random.integers(0, len(kinds)))]
                    await getattr(self, f"_{kind}")(client)

    async def paint_one(self) -> None:
        """Sends one good song and waits for its picture."""
        async with httpx.AsyncClient(base_url=self._url, timeout=_TIMEOUT_S) as client:
            await self._good(client)

    async def _good(self, client: httpx.AsyncClient) -> None:
        song = self._songs[int(self._random.integers(0, len(self._songs)))]
        answer = await self._sent(client, song, "song")
        if answer is None:
            return
        if answer.status_code != 202:
            self._tally.wrong.append(f"a good song: {_said(answer)}")
            return
        job = await self._followed(client, answer.json()["id"])
        if job["state"] != "done":
            self._tally.wrong.append(f"a good song {job['state']}: {job['error']}")
            return
        path = f"/api/v1/jobs/{job['id']}/pictures/1"
        picture = await client.get(path)
        if picture.status_code != 200 or not picture.content.startswith(b"\x89PNG"):
            self._tally.wrong.append(f"a picture: {_said(picture)}")
            return
        self._tally.done += 1

    async def _huge(self, client: httpx.AsyncClient) -> None:
        self._judge("huge", await self._sent(client, bytes(12_000_000), "huge"))

    async def _unsaid(self, client: httpx.AsyncClient) -> None:
        """Sends a huge song without saying how long it is."""

        async def pieces() -> Any:
            yield b'--x\r\nContent-Disposition: form-data; name="song"\r\n\r\n'
            for _ in range(200):
                yield bytes(60_000)

        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        self._judge("huge", await self._answer(client, content=pieces(), headers=kind))

    async def _slow(self, client: httpx.AsyncClient) -> None:
        """Begins a song and falls silent."""

        async def pieces() -> Any:
            yield b'--x\r\nContent-Disposition: form-data; name="song"\r\n\r\nRI'
            await asyncio.sleep(20.0)

        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        self._judge("slow", await self._answer(client, content=pieces(), headers=kind))

    async def _broken(self, client: httpx.AsyncClient) -> None:
        song = self._songs[int(self._random.integers(0, len(self._songs)))]
        seed = int(self._random.integers(0, 2**31))
        answer = await self._sent(client, mutated(song, seed=seed), "broken")
        if answer is not None and answer.status_code == 202:
            # Not every fault is one that matters.
            job = await self._followed(client, answer.json()["id"])
            self._tally.taken[job["state"]] += 1
            if job["state"] == "failed" and not job["error"]:
                self._tally.wrong.append("a broken song failed without a sentence")
            return
        self._judge("broken", answer)

    async def _malicious(self, client: httpx.AsyncClient) -> None:
        bad = (_lying(), _bomb(), b"#EXTM3U\n/etc/passwd\n", b"PK\3\4" + bytes(9999))
        song = bad[int(self._random.integers(0, len(bad)))]
        self._judge(
            "malicious", await self._sent(client, song, "../../../../tmp/evil.wav")
        )

    async def _form(self, client: httpx.AsyncClient) -> None:
        orders = (
            "[" * 50_000,
            json.dumps({"count": 10**9}),
            json.dumps({"painter": "/etc/passwd"}),
            json.dumps({"style": "\0"}),
        )
        order = orders[int(self._random.integers(0, len(orders)))]
        self._judge(
            "order", await self._sent(client, self._songs[0], "song", order=order)
        )

    async def _sent(
        self, client: httpx.AsyncClient, song: bytes, name: str, order: str = ""
    ) -> httpx.Response | None:
        files = {"song": (name, song)}
        data = {"order": order or json.dumps({"count": 1})}
        return await self._answer(client, files=files, data=data)

    async def _answer(
        self, client: httpx.AsyncClient, **body: Any
    ) -> httpx.Response | None:
        """Returns the answer; None if it is to come back later, after a while."""
        try:
            answer = await client.post("/api/v1/jobs", **body)
        except httpx.HTTPError as error:
            self._tally.wrong.append(f"no answer: {error!r}")
            return None
        if answer.status_code in (429, 503):
            self._tally.later[answer.status_code] += 1
            wait_s = min(_MOST_WAIT_S, float(answer.headers["retry-after"]))
            await asyncio.sleep(wait_s * (0.5 + self._random.random()))
            return None
        return answer

    def _judge(self, kind: str, answer: httpx.Response | None) -> None:
        """Counts an answer that has to be a refusal."""
        if answer is None:
            return
        self._tally.refused[f"{kind} {answer.status_code}"] += 1
        if not 400 <= answer.status_code < 500 or not answer.json()["detail"]:
            self._tally.wrong.append(f"{kind}: {_said(answer)}")

    async def _followed(self, client: httpx.AsyncClient, id: str) -> dict[str, Any]:
        """Listens to a job until it is over."""
        path = f"/api/v1/jobs/{id}/events"
        job: dict[str, Any] = {"id": id, "state": "lost", "error": None}
        async with client.stream("GET", path) as answer:
            name = ""
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: ") and name == "state":
                    job = json.loads(line.removeprefix("data: "))
        return job


def _said(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:200]}"


def _lying() -> bytes:
    """Returns a WAV that says that it holds an hour of 65,535 channels."""
    head = (b"RIFF", 2**32 - 1, b"WAVE", b"fmt ", 16, 1, 65_535, 44_100, 0, 65_534, 16)
    data = (b"data", 2**32 - 2)
    return struct.pack("<4sI4s4sIHHIIHH4sI", *head, *data) + bytes(1000)


def _bomb() -> bytes:
    """Returns two hours of silence in a small file."""
    if not _kept:
        file = io.BytesIO()
        with soundfile.SoundFile(file, "w", 8000, 1, format="FLAC") as writer:
            for _ in range(120):
                writer.write(np.zeros(8000 * 60, np.int16))
        _kept.append(file.getvalue())
    return _kept[0]


_kept: list[bytes] = []
