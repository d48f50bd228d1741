"""A server that speaks the page's language and follows a script.

Every step of a painting can be held back (`hold`, `let`), every upload refused
(`refusals`), and the whole server stopped and started again, as a computer would be.

    python -m tests.serve.page.fake_server    serves the page, to be looked at
"""

import email
import hashlib
import json
import mimetypes
import secrets
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.serve.page import scripted

PAGE = Path(__file__).parents[3] / "jaxsoundart" / "serve" / "page"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: "
    "data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
FINAL = ("done", "failed", "cancelled")
SOUND = (b"RIFF", b"OggS", b"fLaC", b"ID3")


class FakeServer:
    """The server; `jobs` outlive `stop` and `start`.

    Attributes:
        url: Where it is.
        limits: What it says it takes.
        refusals: (status, detail, retry_s) for the next uploads, first to last.
        token: What clients must know, if anything.
        uploads: (file name, bytes, order) of each song that came.
        pictures: Images to be painted instead of the scripted ones.
        at_once: How many pictures are painted at once.
        pause_s: How long a step takes.
        song: Title and artist of each song.
    """

    def __init__(self):
        self.changed = threading.Condition()
        self.jobs, self.events = {}, {}
        self.refusals, self.uploads = [], []
        self.token = None
        self.pictures = []
        self.previews = []
        self.at_once = 1
        self.pause_s = 0.0
        self.song = {"title": "Midnight Drive", "artist": "jaxsoundart"}
        self.limits = {
            "upload_bytes": 1_000_000,
            "duration_s": 1800.0,
            "keep_s": 86400.0,
        }
        self._allowed = {"hearing": float("inf"), "steps": float("inf")}
        self._http = None
        self.port = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def start(self):
        """Listens, at the same port as before."""
        self._http = _Listener(("127.0.0.1", self.port), self)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.02,)).start()

    def stop(self):
        """Breaks every connection, and is not there any more."""
        self._http.is_down = True
        with self.changed:
            self.changed.notify_all()
        self._http.shutdown()
        self._http.server_close()

    def hold(self, **allowed):
        """Lets only so many things happen: `hearing` songs, `steps` of paintings."""
        with self.changed:
            self._allowed.update(allowed)

    def let(self, **more):
        """Lets so many more happen."""
        with self.changed:
            for name, count in more.items():
                self._allowed[name] += count
            self.changed.notify_all()

    def _take(self, name, job):
        """Waits until one more is allowed; returns whether the job is still there."""
        with self.changed:
            while self._allowed[name] < 1 and job["id"] in self.jobs:
                self.changed.wait(0.5)
            self._allowed[name] -= 1
            return job["id"] in self.jobs

    def tell(self, job, name, data):
        with self.changed:
            self.events.setdefault(job["id"], []).append((name, json.dumps(data)))
            self.changed.notify_all()

    def turn(self, job, state, **more):
        with self.changed:
            job.update(state=state, **more)
            self.tell(job, "state", job)

    def open(self, name, sound, order):
        """Returns a new job for a song."""
        count = order.get("count", 4)
        job = {
            "id": secrets.token_urlsafe(16),
            "state": "waiting",
            "created_at": "2026-01-01T00:00:00Z",
            "expires_at": "2026-01-02T00:00:00Z",
            "ahead": 0,
            "song": {
                "file_name": name,
                **self.song,
                "sha256": hashlib.sha256(sound).hexdigest(),
                "duration_s": scripted.DURATION_S,
            },
            "waveform": scripted.waveform(),
            "sections": [],
            "hearing": None,
            "briefs": [],
            "progress": None,
            "pictures": [],
            "error": None,
        }
        self.jobs[job["id"]] = job
        self.uploads.append((name, sound, order))
        self._do(self._hear, job, count, order.get("hold", False))
        return job

    def words(self, job, briefs):
        job["briefs"] = scripted.rewritten(briefs, job["briefs"])
        self.turn(job, "queued", pictures=[], progress=None)
        self._do(self._paint, job)

    def delete(self, job):
        with self.changed:
            self.turn(job, "cancelled")
            del self.jobs[job["id"]]
            self.changed.notify_all()

    def _do(self, work, *arguments):
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _hear(self, job, count, hold):
        self.turn(job, "hearing")
        time.sleep(self.pause_s)
        if not self._take("hearing", job):
            return
        found = {
            "hearing": scripted.HEARING,
            "sections": scripted.SECTIONS,
            "briefs": scripted.briefs(count),
        }
        self.turn(job, "words" if hold else "queued", **found)
        if not hold:
            self._paint(job)

    def _paint(self, job):
        count = len(job["briefs"])
        for first in range(1, count + 1, self.at_once):
            some = range(first, min(count, first + self.at_once - 1) + 1)
            if not all(self._step(job, some, n) for n in range(1, scripted.STEPS + 1)):
                return
            for n in some:
                tag = f'"{n}-{secrets.token_hex(4)}"'
                done = {"n": n, "width_px": 96, "height_px": 96, "etag": tag}
                self.turn(job, "painting", pictures=[*job["pictures"], done])
        self.turn(job, "done", progress=None)

    def _step(self, job, numbers, step):
        """Takes one step at some pictures; returns whether anybody wants more."""
        time.sleep(self.pause_s)
        if not self._take("steps", job):
            return False
        at = {"step": step, "steps": scripted.STEPS}
        first = {"picture": numbers[0], "pictures": len(job["briefs"])}
        self.turn(job, "painting", progress={**at, **first})
        for n in numbers:
            image = scripted.preview(self._glimpse(n, step / scripted.STEPS))
            self.tell(job, "preview", {"picture": n, **at, "image": image})
        return True

    def _glimpse(self, n, share):
        if not self.previews:
            return scripted.picture(n, share)
        some = self.previews[(n - 1) % len(self.previews)]
        return some[min(len(some) - 1, int(share * len(some)))]

    def picture(self, n):
        if self.pictures:
            return self.pictures[(n - 1) % len(self.pictures)]
        return scripted.encoded(scripted.picture(n))


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, fake):
        super().__init__(address, _Handler)
        self.fake = fake
        self.is_down = False

    def handle_error(self, request, client_address):
        """Lets a browser go without a word."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers; see `serve_contract` for what."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    @property
    def fake(self):
        return self.server.fake

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/":
            return self._file("index.html")
        if path.startswith("/page/"):
            return self._file(path.removeprefix("/page/"))
        return self._api("GET", path, dict(urllib.parse.parse_qsl(query)))

    def do_POST(self):
        self._api("POST", self.path, {})

    def do_PUT(self):
        self._api("PUT", self.path, {})

    def do_DELETE(self):
        self._api("DELETE", self.path, {})

    def _api(self, method, path, query):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        token = self.fake.token
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            return self._problem(
                401, "the token is missing or wrong; send the right one"
            )
        rest = path.removeprefix("/api/v1/").split("/")
        if rest == ["options"]:
            return self._json(200, _options(self.fake))
        if rest == ["jobs"] and method == "POST":
            return self._open(body)
        job = (
            self.fake.jobs.get(rest[1]) if rest[0] == "jobs" and len(rest) > 1 else None
        )
        if job is None:
            return self._problem(
                404, "there is no such job, or no more; send the song again"
            )
        return self._job(method, job, rest[2:], query, body)

    def _job(self, method, job, rest, query, body):
        if method == "DELETE":
            self.fake.delete(job)
            return self._answer(204, b"", {})
        if rest == ["words"] and method == "PUT":
            if job["state"] not in ("words", "done"):
                return self._problem(
                    409, f"the job is {job['state']}; wait for its words"
                )
            self.fake.words(job, json.loads(body)["briefs"])
            return self._json(202, job)
        if not rest:
            return self._json(200, job)
        if rest == ["events"]:
            return self._events(job)
        picture = self.fake.picture(int(rest[1]))
        if rest[2:] == ["export"]:
            titled = "-titled" if "title" in query else ""
            name = f"{job['song']['title']}-{query['store']}{titled}"
            where = {"Content-Disposition": f'attachment; filename="{name}.png"'}
            return self._answer(200, picture, {"Content-Type": "image/png", **where})
        return self._answer(200, picture, {"Content-Type": "image/png"})

    def _open(self, body):
        if self.fake.refusals:
            status, detail, retry_s = self.fake.refusals.pop(0)
            return self._problem(
                status, detail, {"Retry-After": str(retry_s)} if retry_s else {}
            )
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = {
            part.get_param("name", header="content-disposition"): part
            for part in email.message_from_bytes(head + body).get_payload()
        }
        sound = parts["song"].get_payload(decode=True)
        order = json.loads(parts["order"].get_payload(decode=True))
        if not sound.startswith(SOUND):
            return self._problem(
                415, "the file is no sound; send WAV, FLAC, OGG or MP3"
            )
        job = self.fake.open(parts["song"].get_filename(), sound, order)
        return self._json(202, job, {"Location": f"/api/v1/jobs/{job['id']}"})

    def _events(self, job):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        with self.fake.changed:
            place = len(self.fake.events.get(job["id"], []))
            self._event(place, "state", json.dumps(job))
            last = job["state"]
        while last not in FINAL and not self.server.is_down:
            with self.fake.changed:
                self.fake.changed.wait(0.5)
                fresh = self.fake.events.get(job["id"], [])[place:]
            for name, data in fresh:
                place += 1
                self._event(place, name, data)
                last = json.loads(data).get("state", last)
        self.close_connection = True

    def _event(self, number, name, data):
        self.wfile.write(f"id: {number}\nevent: {name}\ndata: {data}\n\n".encode())
        self.wfile.flush()

    def _file(self, name):
        path = PAGE / name
        if "/" in name or not path.is_file():
            return self._problem(404, "there is no such part of the page")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return self._answer(200, path.read_bytes(), {"Content-Type": kind})

    def _json(self, status, content, headers=()):
        body = json.dumps(content).encode()
        self._answer(
            status, body, {"Content-Type": "application/json", **dict(headers)}
        )

    def _problem(self, status, detail, headers=()):
        body = {"type": "about:blank", "title": "", "status": status, "detail": detail}
        kind = {"Content-Type": "application/problem+json"}
        self._answer(status, json.dumps(body).encode(), {**kind, **dict(headers)})

    def _answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        for name, value in (
            ("Content-Security-Policy", CSP),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        if self.server.is_down:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def _options(fake):
    names = {"universal": "Every store", "spotify": "Spotify", "youtube": "YouTube"}
    sizes = {"youtube": (1280, 720)}
    return {
        "count": {"least": 1, "most": 8, "usual": 4},
        "atmospheres": ["calm", "dark", "bright", "dreamy", "energetic", "gritty"],
        "excerpts": ["intro+drop", "bar", "whole"],
        "stores": [
            {
                "id": id,
                "name": name,
                "width_px": sizes.get(id, (3000, 3000))[0],
                "height_px": sizes.get(id, (3000, 3000))[1],
            }
            for id, name in names.items()
        ],
        "limits": fake.limits,
        "painter": "bundled",
        "listener": "bundled",
        "size_px": 1024,
    }


if __name__ == "__main__":
    server = FakeServer()
    server.port = 8000
    server.pause_s = 0.4
    server.start()
    print(server.url)  # noqa: T201 - it is what one wants to know
