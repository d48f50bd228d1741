"""The whole command line. No JAX, nor anything else that takes time."""

import argparse
from pathlib import Path

from jaxsoundart import __version__
from jaxsoundart.cli import arguments
from jaxsoundart.cli.soundcloud import parser as soundcloud
from jaxsoundart.cli.terminal import PROGRAM
from jaxsoundart.picture.stores.store import stores


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the whole command line."""
    top = arguments.Parser(
        prog=PROGRAM,
        allow_abbrev=False,
        description="Sound in, picture out: cover art that looks the way it sounds.",
        epilog="ID is 'bundled', a folder, or a hub repository such as owner/name. "
        "Exit codes: 0 done, 1 something failed, 2 wrong arguments.",
    )
    top.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def bare(name: str, summary: str, more: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}. {more}".strip(),
            allow_abbrev=False,
        )

    def command(name: str, summary: str, more: str = "") -> argparse.ArgumentParser:
        made = bare(name, summary, more)
        arguments.json(made)
        return made

    cover = command(
        "cover",
        "paint covers for songs",
        "Writes DIR/SONG-1.png and so on, each with its record inside and beside it as "
        "JSON, and a contact sheet. The same song again gives the same covers and "
        "replaces them; another song of the same name gets other file names.",
    )
    cover.add_argument("songs", nargs="+", metavar="SONG", help="sound files")
    arguments.folder(cover)
    arguments.composing(cover)
    arguments.painting(cover)
    arguments.exporting(cover)
    cover.add_argument(
        "--embed",
        action="store_true",
        help="also write DIR/SONG, a copy that carries the first cover (extra 'tags')",
    )
    arguments.explain(cover)
    cover.add_argument(
        "--dry-run", action="store_true", help="hear and compose, paint nothing"
    )

    catalogue = command(
        "catalogue",
        "paint covers for all songs of folders and lists, going on where it stopped",
        "Folders are searched for sound files and mirrored below DIR. What was done is "
        "kept in DIR/manifest.jsonl, one line a song. Run again, it goes on: a song is "
        "passed over if its content, the settings and both models are those of its "
        "covers; what failed is tried again. With --shard I/N every Nth song is taken, "
        "beginning with the Ith; give each host its own I.",
    )
    arguments.songs(catalogue)
    arguments.sharing(catalogue)
    arguments.folder(catalogue)
    arguments.composing(catalogue)
    arguments.painting(catalogue)

    listen = command("listen", "say what is heard in a song")
    listen.add_argument("song", metavar="SONG", help="a sound file")
    arguments.hearing(listen)

    compose = command("compose", "say in which words a song would be painted")
    compose.add_argument("song", metavar="SONG", help="a sound file")
    arguments.composing(compose)
    arguments.explain(compose)

    paint = command(
        "paint",
        "paint pictures from words, without a song",
        "Writes DIR/WORDS-1.png and so on, as `cover` does; the same words again "
        "replace them.",
    )
    arguments.folder(paint)
    paint.add_argument("--prompt", required=True, metavar="T", help="what to paint")
    paint.add_argument(
        "--negative", metavar="T", default=arguments.LEFT_OUT, help="what not to"
    )
    paint.add_argument(
        "--count", type=int, metavar="N", default=1, help="number of pictures (1)"
    )
    arguments.seed(paint)
    arguments.painting(paint)
    arguments.painter(paint)
    arguments.over(paint)
    paint.add_argument(
        "--strength",
        type=float,
        metavar="S",
        default=arguments.LEFT_OUT,
        help="how much of it is painted anew, above 0, at most 1 (0.7)",
    )

    compile_ = command(
        "compile",
        "compile a painter's programs, so that later runs need not",
        "Takes the same settings as `paint`; programs are kept on disk.",
    )
    arguments.painting(compile_)
    arguments.painter(compile_)
    compile_.add_argument(
        "--long",
        type=int,
        metavar="N",
        default=1,
        help="times as many words as the painter reads at once (1)",
    )

    replay = command(
        "replay",
        "paint a cover again from its record, and compare",
        "Exits with 1 unless both are equal bit for bit.",
    )
    replay.add_argument("picture", type=Path, metavar="PICTURE", help="a cover, PNG")
    replay.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write the new one"
    )
    replay.add_argument(
        "--painter", metavar="ID", help="where its painter is now, if it moved"
    )
    arguments.changes(replay)
    arguments.over(replay)

    export = command(
        "export",
        "make files for stores of pictures, with title and artist if asked",
        "PICTURE.png gives PICTURE-STORE.jpg and, with a title, "
        "PICTURE-STORE-titled.jpg; a title without a store gives PICTURE-titled.png.",
    )
    export.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    arguments.exporting(export)
    export.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="where the files are written (beside the picture)",
    )

    check = command(
        "check",
        "name the rules of a store that pictures break",
        "Exits with 1 if any picture breaks any.",
    )
    check.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    check.add_argument(
        "--store",
        choices=tuple(stores()),
        metavar="S",
        default="universal",
        help=f"whose rules: {', '.join(stores())} (universal)",
    )
    check.add_argument(
        "--preview",
        type=Path,
        metavar="FILE",
        help="draw how small the picture is in lists; one picture only",
    )

    soundcloud.add(
        bare(
            "soundcloud",
            "paint covers for your own tracks on SoundCloud, and upload them",
            "Needs an app of your own in SOUNDCLOUD_CLIENT_ID and "
            "SOUNDCLOUD_CLIENT_SECRET: docs/soundcloud.md.",
        )
    )

    serve = command(
        "serve",
        "serve a page and an interface that make covers of uploaded songs",
        "Needs the extra 'serve'. Serves this machine alone unless told otherwise.",
    )
    arguments.serving(serve)
    serve.add_argument(
        "--listener", metavar="ID", default="bundled", help="which ear (bundled)"
    )
    arguments.painter(serve)
    arguments.settings(serve)

    command("doctor", "show devices, versions, models, cache and ffmpeg")
    return top
