"""A catalogue on a Ray cluster: painters that keep their models, songs in blocks.

    pip install "jaxsoundart[ray]"
    python -m infer.ray_catalogue /shared/songs -o /shared/covers --painters 8 --gpus 1

Takes the arguments of `jaxsoundart catalogue`, and does the same work: Ray Data hands
blocks of songs to painters, actors that load their models once, each with processes
that hear ahead. Songs and covers lie where every node sees them. Each painter has a
manifest of its own in DIR; a block that Ray hands out again, because a node went away,
goes on where that node was.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial

import numpy as np
import ray  # pyright: ignore[reportMissingImports]
import ray.data  # pyright: ignore[reportMissingImports]

from jaxsoundart import output
from jaxsoundart.catalogue import songs
from jaxsoundart.catalogue.crew import Crew
from jaxsoundart.catalogue.manifest import Manifest
from jaxsoundart.catalogue.work import Work
from jaxsoundart.cli import arguments, exit_code_of, terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import ArgumentError
from jaxsoundart.runtime.compilation import keep_compiled_programs

Block = dict[str, np.ndarray]


class Painting:
    """A painter of the cluster."""

    def __init__(self, options: argparse.Namespace):
        """Loads the models."""
        keep_compiled_programs()
        opening = partial(texts.studio_of, options)
        self._studio = opening()
        self._studio.load()
        self._crew = Crew(opening, size=options.processes)
        self._options = options
        self._entries = find(options)
        # Named by the actor: no two write into one file.
        self._name = str(ray.get_runtime_context().get_actor_id())

    def __call__(self, block: Block) -> Block:
        """Paints some songs, told by their numbers; returns what became of them."""
        entries = [self._entries[number] for number in block["id"]]
        manifest = Manifest(self._options.output, part=self._name)
        work = Work(self._studio, self._crew, manifest)
        failed: list[str] = []
        done = work.do(
            entries,
            ahead=2 * self._options.processes,
            failing=failed.append,
            going=lambda: None,
        )
        counts = {"painted": done.painted, "kept": done.kept, "failed": done.failed}
        said = {name: np.asarray([count]) for name, count in counts.items()}
        return {**said, "errors": np.asarray(["\n".join(failed)], dtype=object)}


def find(options: argparse.Namespace) -> list[songs.Entry]:
    """Returns the songs; the same ones on every node."""
    return songs.find(options.places, options.lists, options.output)


def parser() -> argparse.ArgumentParser:
    """Returns the program's arguments: those of the command, and Ray's."""
    made = arguments.Parser(
        prog="python -m infer.ray_catalogue",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    arguments.songs(made)
    arguments.folder(made)
    arguments.composing(made)
    arguments.painting(made)
    made.add_argument(
        "--processes",
        type=int,
        metavar="N",
        default=1,
        help=("processes of each painter that hear and write (1)"),
    )
    made.add_argument("--painters", type=int, metavar="N", default=1, help="(1)")
    made.add_argument(
        "--cpus", type=float, metavar="N", default=1, help=("cores of each painter (1)")
    )
    made.add_argument(
        "--gpus", type=float, metavar="N", default=0, help=("GPUs of each painter (0)")
    )
    made.add_argument(
        "--block",
        type=int,
        metavar="N",
        default=64,
        help=("songs handed out together (64)"),
    )
    made.add_argument(
        "--address", metavar="A", help="of the cluster (Ray's own search)"
    )
    return made


def run(options: argparse.Namespace, progress: Progress) -> int:
    """Hands out all songs; returns the exit code."""
    for name, least in (("painters", 1), ("block", 1), ("processes", 0)):
        if getattr(options, name) < least:
            raise ArgumentError(
                f"--{name} is {getattr(options, name)}; use {least} or more"
            )
    _ = texts.studio_of(options)
    count = len(find(options))
    output.check_writable(options.output)
    if not ray.is_initialized():
        ray.init(address=options.address, log_to_driver=False)
    rows = ray.data.range(count, override_num_blocks=-(-count // options.block))
    blocks = rows.map_batches(
        Painting,
        fn_constructor_args=(options,),
        batch_size=options.block,
        concurrency=options.painters,
        num_cpus=options.cpus,
        num_gpus=options.gpus or None,
    )
    counts = dict.fromkeys(("painted", "kept", "failed"), 0)
    for row in blocks.iter_rows():
        for name in counts:
            counts[name] += int(row[name])
        for error in filter(None, str(row["errors"]).splitlines()):
            terminal.complain(error)
        terminal.tell(f"{sum(counts.values())} of {count} songs")
    terminal.say(", ".join(f"{number} {name}" for name, number in counts.items()))
    return 1 if counts["failed"] else 0


def main(given: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code."""
    return exit_code_of(parser(), given, run)


if __name__ == "__main__":
    sys.exit(main())
