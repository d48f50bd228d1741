"""The arguments of every command. No JAX, nor anything else that takes time."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from jaxsoundart import __version__
from jaxsoundart.cli.terminal import PROGRAM, complain

# What is left out is not in the namespace: defaults are those of `Commission`.
_LEFT_OUT = argparse.SUPPRESS

SAMPLERS = (
    *("ddim", "ddpm", "pndm", "lms", "euler", "euler-a", "heun"),
    *("dpm++2m", "dpm++2m-sde", "unipc", "lcm"),
)
SPACINGS = ("leading", "linspace", "trailing", "karras")


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
    _over(paint)
    paint.add_argument(
        "--strength",
        type=float,
        metavar="S",
        default=_LEFT_OUT,
        help="how much of it is painted anew, above 0, at most 1 (0.7)",
    )

    compile_ = command(
        "compile",
        "compile a painter's programs, so that later runs need not",
        "Takes the same settings as `paint`; programs are kept on disk.",
    )
    painting(compile_)
    _painter(compile_)
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
    _changes(replay)
    _over(replay)

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
    _changes(made)


def _changes(made: argparse.ArgumentParser) -> None:
    made.add_argument("--vae", metavar="ID", help="a VAE in place of the painter's own")
    made.add_argument(
        "--lora",
        dest="loras",
        metavar="FILE[:W]",
        type=_weighted,
        action="append",
        default=[],
        help="low-rank changes to the painter, weighted (1); may be repeated",
    )
    made.add_argument(
        "--batch",
        type=int,
        metavar="N",
        default=1,
        help="pictures that each device paints at once (1)",
    )
    made.add_argument(
        "--shard-weights",
        action="store_true",
        help="lay a part of the painter on each device, for one that does not fit",
    )
    made.add_argument(
        "--prediction-type",
        choices=("epsilon", "v_prediction"),
        help="of a .safetensors painter trained otherwise than its family",
    )


def _weighted(text: str) -> tuple[str, float]:
    file, colon, weight = text.rpartition(":")
    try:
        return (file, float(weight)) if colon else (text, 1.0)
    except ValueError:
        return text, 1.0


def _over(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--over", type=Path, metavar="PICTURE", help="a picture to paint over"
    )
    made.add_argument(
        "--mask",
        type=Path,
        metavar="PICTURE",
        help="white where it is painted anew, black where it stays",
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
    """Adds how pictures are painted; the names are those of `paint.order.Settings`."""

    def add(name: str, kind: Callable[[str], Any], metavar: str, meaning: str) -> None:
        made.add_argument(
            f"--{name}", type=kind, metavar=metavar, default=_LEFT_OUT, help=meaning
        )

    for name, choices, meaning in (
        ("sampler", SAMPLERS, "how noise is taken away"),
        ("spacing", SPACINGS, "of the steps in time"),
    ):
        made.add_argument(
            f"--{name}",
            choices=choices,
            metavar="S",
            default=_LEFT_OUT,
            help=f"{meaning}: {', '.join(choices)} (the painter's own)",
        )
    add("steps", int, "N", "steps of the sampler (the painter's own)")
    add(
        "guidance",
        float,
        "G",
        "how strongly the words pull; 1 leaves the negative prompt unheard and takes "
        "half the time (the painter's own)",
    )
    add(
        "guidance-rescale",
        float,
        "R",
        "against overexposure by strong guidance, 0 to 1 (0)",
    )
    add("size", _size, "N|WxH", "px to paint at (what the painter was trained on)")
    add(
        "enlarge",
        float,
        "F",
        "paint over the enlarged picture, F times as wide and high (1)",
    )
    add(
        "enlarge-strength",
        float,
        "S",
        "how much of that is painted anew, above 0, at most 1 (0.5)",
    )
    add(
        "vary",
        float,
        "V",
        "make all pictures variations of the first, 0 (the same) to 1",
    )
    add(
        "decode-passes",
        int,
        "N",
        "how often latents become pixels: more changes the texture (1)",
    )
    made.add_argument(
        "--upscale",
        action=argparse.BooleanOptionalAction,
        default=_LEFT_OUT,
        help="enlarge pictures by the painter's upscaler (where it has one)",
    )
    made.add_argument(
        "--no-long-prompts",
        dest="long_prompts",
        action="store_false",
        default=_LEFT_OUT,
        help="refuse prompts longer than the painter reads at once",
    )


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not width.isdecimal() or not (height or width).isdecimal():
        raise argparse.ArgumentTypeError(
            f"size {text!r} is none; use a number of pixels, or WxH"
        )
    return int(width), int(height or width)
