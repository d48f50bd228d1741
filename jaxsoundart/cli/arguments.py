"""The arguments of every command. No JAX, nor anything else that takes time."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from jaxsoundart import __version__
from jaxsoundart.cli.terminal import PROGRAM, complain

# What is left out is not in the namespace: defaults are those of `Commission`.
_LEFT_OUT = argparse.SUPPRESS

SAMPLERS = ("ddim", "euler", "dpm++2m")


class Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        """Prints what is wrong, and where to read more; exits with 2."""
        complain(f"{message} (see {self.prog} --help)")
        sys.exit(2)


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the whole command line."""
    top = Parser(
        prog=PROGRAM,
        allow_abbrev=False,
        description="Sound in, picture out: cover art that looks the way it sounds.",
        epilog="ID is 'bundled', a folder, or a hub repository such as owner/name. "
        "Exit codes: 0 done, 1 something failed, 2 wrong arguments.",
    )
    top.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, summary: str, more: str = "") -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}. {more}".strip(),
            allow_abbrev=False,
        )
        made.add_argument(
            "--json", action="store_true", help="print one JSON document on stdout"
        )
        return made

    cover = command(
        "cover",
        "paint covers for songs",
        "Writes DIR/SONG-1.png and so on, each with its record inside and beside it as "
        "JSON, and a contact sheet. The same song again gives the same covers and "
        "replaces them; another song of the same name gets other file names.",
    )
    cover.add_argument("songs", nargs="+", metavar="SONG", help="sound files")
    folder(cover)
    composing(cover)
    painting(cover)
    _explain(cover)
    cover.add_argument(
        "--dry-run", action="store_true", help="hear and compose, paint nothing"
    )

    listen = command("listen", "say what is heard in a song")
    listen.add_argument("song", metavar="SONG", help="a sound file")
    _hearing(listen)

    compose = command("compose", "say in which words a song would be painted")
    compose.add_argument("song", metavar="SONG", help="a sound file")
    composing(compose)
    _explain(compose)

    paint = command(
        "paint",
        "paint pictures from words, without a song",
        "Writes DIR/WORDS-1.png and so on, as `cover` does; the same words again "
        "replace them.",
    )
    folder(paint)
    paint.add_argument("--prompt", required=True, metavar="T", help="what to paint")
    paint.add_argument("--negative", metavar="T", default=_LEFT_OUT, help="what not to")
    paint.add_argument(
        "--count", type=int, metavar="N", default=1, help="number of pictures (1)"
    )
    _seed(paint)
    painting(paint)
    _painter(paint)
    paint.add_argument(
        "--over", type=Path, metavar="PICTURE", help="a picture to paint over"
    )
    paint.add_argument(
        "--strength",
        type=float,
        metavar="S",
        help="how much of it is painted anew, above 0, at most 1 (0.7)",
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
    replay.add_argument(
        "--over", type=Path, metavar="PICTURE", help="what it was painted over"
    )

    command("doctor", "show devices, versions, models, cache and ffmpeg")
    return top


def folder(made: argparse.ArgumentParser) -> None:
    """Adds where pictures go."""
    made.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        default=Path("covers"),
        help="where pictures are written, made if missing (covers)",
    )


def _seed(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--seed",
        type=int,
        metavar="N",
        default=_LEFT_OUT,
        help="of the first picture, 0 to 4294967295; each further one has the next "
        "(from the song's content, or 0)",
    )


def _hearing(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--excerpts",
        metavar="E",
        default=_LEFT_OUT,
        help="where to listen: intro, drop, bar, whole, joined by + (intro+drop)",
    )
    _seed(made)
    made.add_argument(
        "--listener", metavar="ID", default="bundled", help="which ear (bundled)"
    )


def _painter(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--painter", metavar="ID", default="bundled", help="which hand (bundled)"
    )


def composing(made: argparse.ArgumentParser) -> None:
    """Adds what decides the words: listener, painter, count and wishes."""
    _hearing(made)
    _painter(made)
    made.add_argument(
        "--count", type=int, metavar="N", default=_LEFT_OUT, help="pictures a song (4)"
    )
    for name, meaning in (
        ("style", "phrases added to every prompt"),
        ("prompt", "paint this instead of what was heard"),
        ("negative", "phrases to keep out of every picture"),
    ):
        made.add_argument(f"--{name}", metavar="T", default=_LEFT_OUT, help=meaning)
    made.add_argument(
        "--atmosphere",
        metavar="A",
        default=_LEFT_OUT,
        help="one for all pictures: calm, dark, bright, … (a different one for each)",
    )


def _explain(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--explain", action="store_true", help="print the reason for every phrase"
    )


def painting(made: argparse.ArgumentParser) -> None:
    """Adds how the denoiser is stepped."""
    made.add_argument(
        "--sampler",
        choices=SAMPLERS,
        default=_LEFT_OUT,
        help=f"{', '.join(SAMPLERS[:-1])} or {SAMPLERS[-1]} (the painter's own)",
    )
    made.add_argument(
        "--steps", type=int, metavar="N", default=_LEFT_OUT, help="denoising steps"
    )
    made.add_argument(
        "--guidance",
        type=float,
        metavar="G",
        default=_LEFT_OUT,
        help="how strongly the words pull; 1 leaves the negative prompt unheard",
    )
    made.add_argument(
        "--decode-passes",
        type=int,
        metavar="N",
        default=_LEFT_OUT,
        help="how often latents become pixels: more changes the texture (1)",
    )
