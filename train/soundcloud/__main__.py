"""Asks SoundCloud, by its official API, with an app of your own.

    python -m train.soundcloud labels --genres house,techno --limit 500 > tracks.jsonl
    python -m train.soundcloud login
    python -m train.soundcloud own > mine.jsonl

`labels` writes what SoundCloud says of tracks: genre, tags, tempo, key, licence; no
sound. `login` signs a user in; `own` lists that user's tracks and, with `--hear`, what
the listener hears in them. The app's id and secret stand in SOUNDCLOUD_CLIENT_ID and
SOUNDCLOUD_CLIENT_SECRET, where it is redirected to in SOUNDCLOUD_REDIRECT_URI.
SoundCloud's terms of use hold: nothing is downloaded.
"""

import argparse
import itertools
import json
import os
import sys
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jaxsoundart.errors import ArgumentError, SoundArtError
from jaxsoundart.listen.opening import open_listener
from jaxsoundart.listen.parts import parse
from jaxsoundart.sound import analysis, sections, traits
from train.soundcloud.client import App, SoundCloud, Track, new_verifier
from train.soundcloud.sound import decode
from train.soundcloud.tokens import TokenFile

FIELDS = (
    *("urn", "title", "genre", "tag_list", "bpm", "key_signature", "duration"),
    *("license", "access", "permalink_url"),
)


def described(track: Track) -> dict[str, Any]:
    """Returns what is written down of a track."""
    return {name: track.get(name) for name in FIELDS}


def heard(session: SoundCloud, tracks: Iterable[Track]) -> Iterator[dict[str, Any]]:
    """Yields tracks with what the bundled listener hears in them."""
    ear = open_listener()
    for track in tracks:
        sound = decode(*session.stream(track, own=True))
        analysed = analysis.analyse(sound)
        excerpts = sections.find_excerpts(analysed, parse("intro+drop"), seed=0)
        hearing = ear.hear(sound, excerpts, traits.measure(analysed))
        yield described(track) | {"heard": hearing.labels}


def sign_in(session: SoundCloud) -> None:
    """Shows where to sign in, and takes the address that the user is sent to.

    Raises:
        ArgumentError: The address is not of this sign-in.
    """
    verifier, state = new_verifier(), new_verifier()
    print(session.sign_in_address(verifier, state), file=sys.stderr)
    print("Sign in there, and give the address you are sent to:", file=sys.stderr)
    asked = urllib.parse.urlsplit(sys.stdin.readline().strip()).query
    given = dict(urllib.parse.parse_qsl(asked))
    if given.get("state") != state or "code" not in given:
        raise ArgumentError("that address is not of this sign-in; begin again")
    session.sign_in(given["code"], verifier)


def _app() -> App:
    names = ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI")
    id, secret, redirect = (os.environ.get(f"SOUNDCLOUD_{n}", "") for n in names)
    if not id or not secret:
        raise ArgumentError(
            "SOUNDCLOUD_CLIENT_ID and SOUNDCLOUD_CLIENT_SECRET are not set; register "
            "an app with SoundCloud"
        )
    return App(id, secret, redirect)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    tokens = Path.home() / ".config" / "jaxsoundart" / "soundcloud.json"
    parser.add_argument("--tokens", type=Path, default=tokens, metavar="FILE")
    verbs = parser.add_subparsers(dest="verb", required=True)
    labels = verbs.add_parser("labels", help="what SoundCloud says of tracks")
    labels.add_argument("--genres", default="", help="joined by commas")
    labels.add_argument("--tags", default="", help="joined by commas")
    labels.add_argument("--query", default="", help="words")
    labels.add_argument("--limit", type=int, default=200, help="tracks at most (200)")
    verbs.add_parser("login", help="sign in")
    own = verbs.add_parser("own", help="the tracks of who signed in")
    own.add_argument("--hear", action="store_true", help="listen to them, in memory")
    return parser


def main() -> int:
    """Parses the command line and asks."""
    options = _parser().parse_args()
    try:
        session = SoundCloud(_app(), TokenFile(options.tokens))
        if options.verb == "login":
            sign_in(session)
            return 0
        if options.verb == "own":
            own = session.own_tracks()
            rows = heard(session, own) if options.hear else map(described, own)
        else:
            wanted = {"genres": options.genres, "tags": options.tags}
            wanted = {**wanted, "q": options.query}
            given = {name: said for name, said in wanted.items() if said}
            found = itertools.islice(session.tracks(**given), options.limit)
            rows = map(described, found)
        for row in rows:
            sys.stdout.write(json.dumps(row) + "\n")
    except SoundArtError as error:
        print(f"train.soundcloud: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
