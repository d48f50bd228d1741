"""A server that speaks as SoundCloud's OpenAPI description says, and insists on it.

The API answers at 127.0.0.1, media at localhost: two hosts, as theirs are. What it was
asked for wrongly stands in `faults`.
"""

import base64
import email.parser
import hashlib
import json
import re
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

ACCEPT = "application/json; charset=utf-8"
PICTURES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG", "image/gif": b"GIF"}
PAGE = 2


def track(number, **more):
    return {
        "kind": "track",
        "urn": f"soundcloud:tracks:{number}",
        "title": f"Track {number}",
        "genre": "House",
        "license": "all-rights-reserved",
        "access": "playable",
        "artwork_url": None,
        "permalink_url": f"https://soundcloud.com/the-larks/track-{number}",
        "stream_url": "https://nobody.needs/it",
        "user": {"username": "The Larks"},
        **more,
    }


class Service:
    """What the server knows, gives and was asked for."""

    def __init__(self, app):
        self.app = app
        self.found = [track(n) for n in range(5)]
        self.own = []
        self.sounds = {}
        self.artwork = {}
        self.plan_has_artwork = True
        self.asked = []
        self.faults = []
        self.refuse = []
        self.next_host = None
        self.lasts_s = 3600
        self.tokens = 0
        self.access = self.refresh = None
        self.is_user = False
        self.codes = {}
        self.secrets = {app.secret}

    def stream(self, urn, *pieces, playlist=None):
        """Gives a track a stream of pieces, the first of which is its head."""
        names = [f"piece-{nth}" for nth in range(1, len(pieces))]
        lines = ["#EXTM3U", "#EXT-X-VERSION:6", '#EXT-X-MAP:URI="head"']
        lines += [line for name in names for line in ("#EXTINF:2.0,", name)]
        text = playlist or "\n".join([*lines, "#EXT-X-ENDLIST", ""])
        contents = dict(zip(["head", *names], pieces, strict=True))
        self.sounds[urn] = {"playlist.m3u8": text.encode(), **contents}

    def uploads(self):
        return [path for method, path, _ in self.asked if method == "PUT"]

    def revoke(self):
        """Ends the access token before its time."""
        self.access = "revoked"

    def fault(self, status, message):
        self.faults.append(message)
        return status, {"code": status, "message": message}

    # The authorization server.

    def authorize(self, asked):
        wanted = {
            "client_id": self.app.id,
            "redirect_uri": self.app.redirect,
            "response_type": "code",
            "code_challenge_method": "S256",
        }
        given = {name: asked.get(name) for name in wanted}
        if given != wanted or len(asked.get("code_challenge", "")) != 43:
            return self.fault(400, "invalid authorization request")
        if len(asked.get("state", "")) < 32:
            return self.fault(400, "state is missing")
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = asked["code_challenge"]
        self.secrets.add(code)
        back = urlencode({"code": code, "state": asked["state"]})
        return 302, {}, {"Location": f"{self.app.redirect}?{back}"}

    def token(self, headers, body):
        if headers["Content-Type"] != "application/x-www-form-urlencoded":
            return self.fault(400, "a form is wanted")
        given = dict(parse_qsl(body.decode()))
        pair = (given.get("client_id"), given.get("client_secret"))
        if given.get("grant_type") == "client_credentials":
            basic = headers["Authorization"].removeprefix("Basic ")
            pair = tuple(base64.b64decode(basic).decode().split(":"))
        elif headers["Authorization"] is not None:
            return self.fault(400, "credentials are in the form")
        if pair != (self.app.id, self.app.secret):
            return 401, {"error": "invalid_client"}
        self.secrets |= {given.get("code_verifier", "none given")}
        is_user = self.is_user
        match given.get("grant_type"):
            case "client_credentials":
                is_user = False
            case "refresh_token" if given["refresh_token"] == self.refresh:
                pass
            case "authorization_code" if self.proves(given):
                is_user = True
            case _:
                return 400, {"error": "invalid_grant"}
        self.is_user = is_user
        self.tokens += 1
        self.access = f"access-{self.tokens}"
        self.refresh = f"refresh-{self.tokens}"
        self.secrets |= {self.access, self.refresh}
        return 200, {
            "access_token": self.access,
            "refresh_token": self.refresh,
            "expires_in": self.lasts_s,
            "token_type": "Bearer",
        }

    def proves(self, given):
        """Whether a code was asked for by whom it is given back; it serves once."""
        challenge = self.codes.pop(given.get("code"), None)
        verifier = given.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return (
            43 <= len(verifier) <= 128
            and proof == challenge
            and given.get("redirect_uri") == self.app.redirect
        )

    # The API.

    def get(self, path, asked, here):
        if path in ("/tracks", "/me/tracks"):
            known = self.found if path == "/tracks" else self.own
            if asked.get("linked_partitioning") != "true":
                return self.fault(400, "lists come in pages")
            if not 1 <= int(asked.get("limit", 0)) <= 200:
                return self.fault(400, "limit is 1 to 200")
            start = int(asked.get("cursor", 0))
            page = {"collection": known[start : start + PAGE]}
            if start + PAGE < len(known):
                more = urlencode({**asked, "cursor": start + PAGE})
                page["next_href"] = f"{self.next_host or here}{path}?{more}"
            return 200, page
        if found := re.fullmatch(r"/tracks/([^/]+)(/streams)?", path):
            known = {track["urn"]: track for track in (*self.own, *self.found)}
            if found[1] not in known:
                return 404, {"code": 404, "message": ""}
            if not found[2]:
                return 200, known[found[1]]
            preview = {"preview_mp3_128_url": f"{here}/preview"}
            if found[1] not in self.sounds:
                return 200, preview
            stream = {"hls_aac_160_url": f"{here}/streams/{found[1]}/hls"}
            return 200, preview | stream
        if found := re.fullmatch(r"/streams/([^/]+)/hls", path):
            media = here.replace("127.0.0.1", "localhost")
            place = f"{media}/media/{found[1]}/playlist.m3u8?signature=s"
            return 302, {}, {"Location": place}
        return 404, {"code": 404, "message": ""}

    def put(self, path, headers, body):
        mine = {f"/tracks/{track['urn']}": track for track in self.own}
        if path not in mine:
            return 403, {"code": 403, "message": "not your track"}
        if not self.plan_has_artwork:
            return 403, {"code": 403, "message": "artwork is for PRO users"}
        head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
        form = email.parser.BytesParser().parsebytes(head + body)
        if form.get_content_type() != "multipart/form-data":
            return self.fault(400, "a form in parts is wanted")
        (part,) = form.get_payload()
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        kind = part.get_content_type()
        if name != "track[artwork_data]" or not part.get_filename():
            return self.fault(400, f"unknown field {name}")
        if not content.startswith(PICTURES.get(kind, b"no picture")):
            return self.fault(400, f"artwork is no {kind}")
        if len(content) > 2_000_000:
            return self.fault(413, "artwork is too large")
        self.artwork[mine[path]["urn"]] = content
        mine[path]["artwork_url"] = "https://i1.sndcdn.com/artworks-large.jpg"
        return 200, mine[path]

    # Any request.

    def answer(self, method, url, headers, body, here):
        asked = dict(parse_qsl(url.query))
        if url.path == "/authorize":
            return self.authorize(asked)
        if url.path == "/oauth/token":
            return self.token(headers, body)
        self.asked.append((method, url.path, asked))
        if url.path.startswith("/media/"):
            return self.media(url.path, headers)
        for nth, (begins, *refusal) in enumerate(self.refuse):
            if f"{method} {url.path}".startswith(begins):
                del self.refuse[nth]
                return refusal
        if headers["Authorization"] != f"OAuth {self.access}":
            return 401, {"code": 401, "message": ""}
        if headers["Accept"] != ACCEPT:
            return self.fault(406, "JSON is what there is")
        if not self.is_user and (method == "PUT" or url.path.startswith("/me")):
            return self.fault(401, "a user is wanted")
        if method == "PUT":
            return self.put(url.path, headers, body)
        return self.get(url.path, asked, here)

    def media(self, path, headers):
        if headers["Authorization"] is not None:
            return self.fault(400, "media need not know who asks")
        _, _, urn, name = path.split("/")
        content = self.sounds.get(urn, {}).get(name)
        return (403, {}) if content is None else (200, content)


@contextmanager
def serving(service):
    """Is the address of the API while it is served."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            url = urlsplit(self.path)
            answer = service.answer(self.command, url, self.headers, body, here)
            status, content, headers = (*answer, {})[:3]
            if not isinstance(content, bytes):
                content = json.dumps(content).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self):
            self.do_GET()

        def do_PUT(self):
            self.do_GET()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def visited(address):
    """Where a browser would be sent by the page of an address."""
    try:
        urllib.request.build_opener(_Stay).open(address, timeout=5)
    except urllib.error.HTTPError as redirect:
        with redirect:
            return redirect.headers["Location"]
    raise AssertionError(f"{urlsplit(address).path} redirects nowhere")
