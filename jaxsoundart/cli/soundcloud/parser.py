"""The arguments of `jaxsoundart soundcloud`. Nothing that takes time."""

import argparse

from jaxsoundart.cli import arguments


def add(made: argparse.ArgumentParser) -> None:
    """Adds the commands of `soundcloud` to its parser."""
    verbs = made.add_subparsers(dest="verb", metavar="COMMAND", required=True)

    def verb(name: str, summary: str, more: str = "") -> argparse.ArgumentParser:
        return verbs.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}. {more}".strip(),
            allow_abbrev=False,
        )

    login = verb(
        "login",
        "sign in, and keep the token for later",
        "Waits for the browser to come back, or for the address that it was sent to.",
    )
    login.add_argument(
        "--no-browser",
        action="store_true",
        help="only print the address where to sign in",
    )

    tracks = verb("tracks", "list your tracks: URN, whether it has artwork, title")
    arguments.json(tracks)
    _without_artwork(tracks)

    paint = verb(
        "paint",
        "paint covers for your tracks, and upload those you choose",
        "Writes what `cover` writes, and a file as SoundCloud takes it for each "
        "picture; then asks, track by track, which one to upload. Artwork that is "
        "there stays.",
    )
    arguments.json(paint)
    paint.add_argument(
        "tracks", nargs="*", metavar="TRACK", help="its URN or the address of its page"
    )
    _without_artwork(paint)
    arguments.folder(paint)
    paint.add_argument(
        "--yes",
        type=int,
        metavar="N",
        help="upload the Nth picture of every track without asking",
    )
    paint.add_argument(
        "--replace", action="store_true", help="artwork that is there may be replaced"
    )
    arguments.composing(paint)
    arguments.painting(paint)
    arguments.exporting(paint)
    arguments.explain(paint)


def _without_artwork(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--without-artwork",
        action="store_true",
        help="only tracks that have none; all of them where none is named",
    )
