"""Asks SoundCloud, by its official API, with an app of your own.

    python -m train.soundcloud labels --genres house,techno --limit 500 > tracks.jsonl
    python -m train.soundcloud own --hear > mine.jsonl

`labels` writes what SoundCloud says of tracks: genre, tags, tempo, key, licence; no
sound. `own` lists the tracks of who signed in with `jaxsoundart soundcloud login` and,
with `--hear`, what the listener hears in them. The app's id and secret stand in
SOUNDCLOUD_CLIENT_ID and SOUNDCLOUD_CLIENT_SECRET. SoundCloud's terms of use hold: no
sound is kept.
"""

import argparse
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from jaxsoundart.errors import SoundArtError
from jaxsoundart.listen.opening import open_listener
from jaxsoundart.listen.parts import parse
from jaxsoundart.sound import analysis, files, sections, traits
from jaxsoundart.soundcloud.app import App
from jaxsoundart.soundcloud.audio import received
from jaxsoundart.soundcloud.session import SoundCloud
from jaxsoundart.soundcloud.tokens import TokenFile
from jaxsoundart.soundcloud.track import Track

FIELDS = (
    *("urn", "title", "genre", "tag_list", "bpm", "key_signature", "duration"),
    *("license", "access", "permalink_url"),
)


def described(track: Track) -> dict[str, Any]:
    """Returns what is written down of a track."""
    return {name: track.said.get(name) for name in FIELDS}


def heard(session: SoundCloud, tracks: Iterable[Track]) -> Iterator[dict[str, Any]]:
    """Yields tracks with what the bundled listener hears in them, or why it cannot."""
    ear = open_listener()
    for track in tracks:
        try:
            with received(session, track) as path:
                sound = files.read(path)
        except SoundArtError as error:
            yield described(track) | {"error": str(error)}
            continue
        analysed = analysis.analyse(sound)
        excerpts = sections.find_excerpts(analysed, parse("intro+drop"), seed=0)
        hearing = ear.hear(sound, excerpts, traits.measure(analysed))
        yield described(track) | {"heard": hearing.labels}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    labels = verbs.add_parser("labels", help="what SoundCloud says of tracks")
    labels.add_argument("--genres", default="", help="joined by commas")
    labels.add_argument("--tags", default="", help="joined by commas")
    labels.add_argument("--query", default="", help="words")
    labels.add_argument("--limit", type=int, default=200, help="tracks at most (200)")
    own = verbs.add_parser("own", help="the tracks of who signed in")
    own.add_argument("--hear", action="store_true", help="listen to them")
    return parser


def main() -> int:
    """Parses the command line and asks."""
    options = _parser().parse_args()
    try:
        session = SoundCloud(App.of_environment(), TokenFile.of_user())
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
