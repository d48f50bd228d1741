"""A server in a thread of the tests, and what is asked of it."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from jaxsoundart.commission import Commission
from jaxsoundart.paint.order import Settings
from jaxsoundart.serve import running
from jaxsoundart.serve.desk import Desk
from jaxsoundart.serve.guard import Access
from jaxsoundart.serve.limits import Limits
from jaxsoundart.studio import Studio

FAST = Settings(steps=2, sampler="ddim")
TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Served:
    """A running server."""

    desk: Desk
    url: str
    client: httpx.Client

    def post(self, sound, *, name="song.wav", headers=None, **order):
        """Sends a song; returns the answer."""
        files = {"song": (name, sound)}
        data = {"order": json.dumps(order)} if order else {}
        return self.client.post("/api/v1/jobs", files=files, data=data, headers=headers)

    def events(self, id, *, after=None, client=None):
        """Yields the events of a job, as (id, name, data), until they end."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        path = f"/api/v1/jobs/{id}/events"
        with (client or self.client).stream("GET", path, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            fields = {}
            for line in answer.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "data" in fields:
                    data = json.loads(fields["data"])
                    yield int(fields["id"]), fields["event"], data
                    fields = {}

    def until(self, id, *states):
        """Waits until a job is in one of the states; returns it."""
        for _, name, data in self.events(id):
            if name == "state" and data["state"] in states:
                return data
        raise AssertionError(f"the job never was {states}: {data}")

    def job(self, id):
        """Returns a job."""
        return self.client.get(f"/api/v1/jobs/{id}").json()


def studio(painter, settings=FAST):
    """Returns a studio with everything loaded."""
    made = Studio(Commission(settings=settings), painter=painter)
    made.load()
    _ = made.vocabulary
    return made


@contextmanager
def serving(studio, folder, *, access=None, limits=None):
    """Is the time during which a server runs."""
    limits = limits or Limits(jobs_per_minute=10_000, calls_per_minute=100_000)
    with running.listening("127.0.0.1", 0) as called:
        url = running.address(called)
        desk = Desk(studio, folder, limits)
        server = running.server(desk, access or Access())
        thread = threading.Thread(target=running.run, args=(server, called))
        thread.start()
        try:
            with httpx.Client(base_url=url, timeout=TIMEOUT_S) as client:
                yield Served(desk, url, client)
        finally:
            server.should_exit = True
            thread.join()
