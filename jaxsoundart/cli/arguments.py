"""The arguments that several commands share. No JAX, nor anything else that is slow."""

import argparse
import dataclasses
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from jaxsoundart.cli.terminal import complain
from jaxsoundart.picture.stores.store import stores
from jaxsoundart.serve.limits import Limits

# What is left out is not in the namespace: defaults are those of `Commission`.
LEFT_OUT = argparse.SUPPRESS

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


def json(made: argparse.ArgumentParser) -> None:
    """Adds whether programs are to read the results."""
    made.add_argument(
        "--json", action="store_true", help="print one JSON document on stdout"
    )


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


def seed(made: argparse.ArgumentParser) -> None:
    """Adds where chance begins."""
    made.add_argument(
        "--seed",
        type=int,
        metavar="N",
        default=LEFT_OUT,
        help="of the first picture, 0 to 4294967295; each further one has the next "
        "(from the song's content, or 0)",
    )


def hearing(made: argparse.ArgumentParser) -> None:
    """Adds who listens, and where."""
    made.add_argument(
        "--excerpts",
        metavar="E",
        default=LEFT_OUT,
        help="where to listen: intro, drop, bar, whole, joined by + (intro+drop)",
    )
    seed(made)
    made.add_argument(
        "--listener", metavar="ID", default="bundled", help="which ear (bundled)"
    )


def painter(made: argparse.ArgumentParser) -> None:
    """Adds who paints."""
    made.add_argument(
        "--painter", metavar="ID", default="bundled", help="which hand (bundled)"
    )
    changes(made)


def changes(made: argparse.ArgumentParser) -> None:
    """Adds what changes a painter's weights."""
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


def over(made: argparse.ArgumentParser) -> None:
    """Adds what is painted over."""
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
    hearing(made)
    painter(made)
    made.add_argument(
        "--count", type=int, metavar="N", default=LEFT_OUT, help="pictures a song (4)"
    )
    for name, meaning in (
        ("style", "phrases added to every prompt"),
        ("prompt", "paint this instead of what was heard"),
        ("negative", "phrases to keep out of every picture"),
    ):
        made.add_argument(f"--{name}", metavar="T", default=LEFT_OUT, help=meaning)
    made.add_argument(
        "--atmosphere",
        metavar="A",
        default=LEFT_OUT,
        help="one for all pictures: calm, dark, bright, … (a different one for each)",
    )


def songs(made: argparse.ArgumentParser) -> None:
    """Adds which songs a catalogue has."""
    made.add_argument(
        "places",
        nargs="*",
        metavar="SONG",
        help="sound files, folders, and patterns such as 'music/**/*.flac'",
    )
    made.add_argument(
        "--list",
        dest="lists",
        action="append",
        type=Path,
        metavar="FILE",
        default=[],
        help="a song or folder a line; or CSV or JSONL with 'song' and, song by song, "
        "any of: style, prompt, negative, atmosphere, excerpts, seed, count",
    )


def sharing(made: argparse.ArgumentParser) -> None:
    """Adds who does which part of the work on a catalogue."""
    made.add_argument(
        "--shard", metavar="I/N", default="1/1", help="the Ith of N parts of the work"
    )
    made.add_argument(
        "--multihost",
        action="store_true",
        help="share the work out among the hosts of a TPU slice or of jax.distributed",
    )
    made.add_argument(
        "--processes",
        type=int,
        metavar="N",
        help="processes that hear and write beside the one that paints; 0 for none "
        "(half as many as cores, at most 8)",
    )


def exporting(made: argparse.ArgumentParser) -> None:
    """Adds what else is made of a picture."""
    made.add_argument(
        "--store",
        dest="stores",
        action="append",
        choices=tuple(stores()),
        metavar="S",
        default=[],
        help=f"make files that this store takes; repeatable: {', '.join(stores())}",
    )
    made.add_argument(
        "--title",
        metavar="T",
        help="letter the files with this title; 'auto' takes title and artist from the "
        "song's tags",
    )
    made.add_argument("--artist", metavar="A", help="and with this artist")
    made.add_argument(
        "--font",
        type=Path,
        metavar="FILE",
        help="in this typeface, TrueType or OpenType",
    )


def explain(made: argparse.ArgumentParser) -> None:
    """Adds whether reasons are given."""
    made.add_argument(
        "--explain", action="store_true", help="print the reason for every phrase"
    )


def painting(made: argparse.ArgumentParser) -> None:
    """Adds how pictures are painted."""
    _add(
        made,
        "guidance",
        float,
        "G",
        "how strongly the words pull; 1 leaves the negative prompt unheard and takes "
        "half the time (the painter's own)",
    )
    _add(
        made,
        "vary",
        float,
        "V",
        "make all pictures variations of the first, 0 (the same) to 1",
    )
    settings(made)


def _add(
    made: argparse.ArgumentParser,
    name: str,
    kind: Callable[[str], Any],
    metavar: str,
    meaning: str,
) -> None:
    made.add_argument(
        f"--{name}", type=kind, metavar=metavar, default=LEFT_OUT, help=meaning
    )


def settings(made: argparse.ArgumentParser) -> None:
    """Adds what pictures share; the names are those of `paint.order.Settings`."""
    add = functools.partial(_add, made)

    for name, choices, meaning in (
        ("sampler", SAMPLERS, "how noise is taken away"),
        ("spacing", SPACINGS, "of the steps in time"),
    ):
        made.add_argument(
            f"--{name}",
            choices=choices,
            metavar="S",
            default=LEFT_OUT,
            help=f"{meaning}: {', '.join(choices)} (the painter's own)",
        )
    add("steps", int, "N", "steps of the sampler (the painter's own)")
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
        "decode-passes",
        int,
        "N",
        "how often latents become pixels: more changes the texture (1)",
    )
    made.add_argument(
        "--upscale",
        action=argparse.BooleanOptionalAction,
        default=LEFT_OUT,
        help="enlarge pictures by the painter's upscaler (where it has one)",
    )
    made.add_argument(
        "--no-long-prompts",
        dest="long_prompts",
        action="store_false",
        default=LEFT_OUT,
        help="refuse prompts longer than the painter reads at once",
    )


def serving(made: argparse.ArgumentParser) -> None:
    """Adds where a server listens, who may ask, and how much."""
    made.add_argument(
        "--host",
        metavar="H",
        default="127.0.0.1",
        help="address to listen at (127.0.0.1: this machine alone)",
    )
    made.add_argument(
        "--port", type=int, metavar="N", default=8000, help="0 takes a free one (8000)"
    )
    made.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        default=Path("served"),
        help="where jobs are kept, made if missing (served)",
    )
    made.add_argument(
        "--token", metavar="T", help="what clients must send; others can see it in ps"
    )
    made.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="a file with the token (or set JAXSOUNDART_TOKEN)",
    )
    made.add_argument(
        "--name",
        dest="names",
        action="append",
        metavar="H",
        default=[],
        help="a further name that the server is called by; repeatable",
    )
    made.add_argument(
        "--proxy",
        dest="proxies",
        action="append",
        metavar="A",
        default=[],
        help="address of a proxy that is believed when it says who asks; repeatable",
    )
    usual = Limits()
    for field in dataclasses.fields(Limits):
        value = getattr(usual, field.name)
        made.add_argument(
            f"--limit-{field.name.replace('_', '-')}",
            type=type(value),
            metavar="N",
            default=value,
            help=f"see docs/serving.md ({value:g})",
        )


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not width.isdecimal() or not (height or width).isdecimal():
        raise argparse.ArgumentTypeError(
            f"size {text!r} is none; use a number of pixels, or WxH"
        )
    return int(width), int(height or width)
