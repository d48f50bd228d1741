"""Prints how far everything is from PyTorch's, case by case; writes docs/parity.md.

    python -m benchmarks.parity                # all but the networks in full size
    python -m benchmarks.parity --full-size    # these too: minutes, and 5 GB of memory
    python -m benchmarks.parity --write        # and the page

Ends with 1 if anything differs by more than it may.
"""

import argparse
import importlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

# Before JAX is imported: the figures are a CPU's, whatever else there is.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

from benchmarks.parity import Case

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
COMPARED = ("torch", "diffusers", "transformers", "jax")

FILES = {
    "networks": "Networks",
    "prompts": "Weighted prompts",
    "lora": "LoRA",
    "samplers": "Samplers",
    "painting": "Whole paintings",
}
"""Modules of this package with `cases()`, and what the page calls them. One that is not
there is left out."""

HEAD = """# Parity

How far this program is from PyTorch's diffusers and transformers on the same random
weights and the same noise, in float32 on a CPU. An error is the largest difference of
any value, in units of the largest value; tolerances are those that the tests hold.

This page is written by

    pip install -e ".[parity]"
    python -m benchmarks.parity {arguments}

compared with {versions}.
"""


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Attributes:
        name: What is compared.
        error: The relative difference.
        tolerance: What it must stay below.
        cases: How many comparisons the line stands for.
    """

    name: str
    error: float
    tolerance: float
    cases: int = 1

    @property
    def is_near(self) -> bool:
        """Whether the difference is small enough; one that is no number is not."""
        return self.error <= self.tolerance


def found() -> Iterator[tuple[str, Iterable[Case]]]:
    """Yields what there is to compare, by the title of its table."""
    for name, title in FILES.items():
        module = f"{__package__}.{name}"
        if importlib.util.find_spec(module) is not None:
            yield title, importlib.import_module(module).cases()


def full_size() -> Iterator[tuple[str, Iterable[Case]]]:
    """Yields the networks in full size."""
    from benchmarks.parity.full_size import full_size_cases

    yield "Stable Diffusion 1.5 in full size", full_size_cases()


def measured(cases: Iterable[Case]) -> Iterator[Row]:
    """Yields a row for each case, and prints it."""
    for case in cases:
        row = Row(case.name, case.error(), case.tolerance)
        mark = "" if row.is_near else "  TOO FAR"
        told = f"  {row.name:56} {row.error:8.1e} {row.tolerance:8.0e}{mark}"
        print(told, flush=True)
        yield row


def by_sampler(rows: Iterable[Row]) -> list[Row]:
    """Returns one row a sampler, with its largest error: names begin with it."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.name.replace(",", " ").split()[0], []).append(row)
    return [
        Row(name, max(row.error for row in some), some[0].tolerance, len(some))
        for name, some in grouped.items()
    ]


def table(title: str, rows: list[Row]) -> str:
    """Returns a table in Markdown."""
    lines = [
        f"## {title}",
        "",
        "| compared | cases | error | tolerance |",
        "|---|--:|--:|--:|",
        *(
            f"| {row.name} | {row.cases} | {row.error:.1e} | {row.tolerance:.0e} |"
            for row in rows
        ),
    ]
    return "\n".join(lines)


def prepare() -> None:
    """Makes weights the same every time, and theirs say nothing between the lines."""
    warnings.simplefilter("ignore")
    import diffusers
    import torch
    import transformers

    torch.manual_seed(0)
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()


def main(arguments: list[str] | None = None) -> int:
    """Runs the comparisons; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity")
    parser.add_argument("--full-size", action="store_true", help="the large ones too")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args(arguments)
    prepare()
    tables, is_near = [], True
    sources = [*found(), *(full_size() if asked.full_size else ())]
    for title, cases in sources:
        print(f"{title}\n  {'':56} {'error':>8} {'may be':>8}")
        rows = list(measured(cases))
        is_near &= all(row.is_near for row in rows)
        tables.append(table(title, by_sampler(rows) if title == "Samplers" else rows))
    if asked.write:
        versions = ", ".join(f"{name} {version(name)}" for name in COMPARED)
        said = " ".join(arguments if arguments is not None else sys.argv[1:])
        head = HEAD.format(arguments=said, versions=versions)
        PAGE.write_text("\n".join([head, "\n\n".join(tables)]) + "\n", "utf-8")
    return 0 if is_near else 1


if __name__ == "__main__":
    sys.exit(main())
