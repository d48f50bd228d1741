"""What TPUs would make of the walk from noise to latents, found out without one.

    python -m benchmarks.tpu --topology v5e:2x4 --model sd15
    python -m benchmarks.tpu --write   # all, into docs/tpu.md

libtpu compiles for chips that are only described; it needs `pip install "jax[tpu]"` and
Linux, no TPU. Every chip of the slice paints its own pictures, guided, in bfloat16. The
compiled program says how much of a chip's memory it takes, what a step computes and
moves, and how long the compiler thinks it takes. Beside it stands the roofline: the
time in which the chip's published peaks allow as much, at best. It is checked that the
program holds no collective operation and that each chip works on its own share.

A U-Net takes minutes to compile, and one process at a time may use libtpu.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.denoising import STEPS, compiled, shapes
from benchmarks.figures import put
from benchmarks.published import UNETS
from benchmarks.slices import CHIPS, check_program, described, written
from jaxsoundart.errors import ArgumentError, ModelError, SoundArtError
from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import UNetConfig
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.settings import parse

DOCUMENT = Path(__file__).parents[1] / "docs" / "tpu.md"


def report(topology: str, model: str, batch: int = 1) -> dict[str, Any]:
    """Compiles a model's denoising loop and returns its figures, a chip and a step.

    Raises:
        ArgumentError: The peaks of such a chip are not known here.
        SoundArtError: The network is another one than published, or the program is
            not data parallel.
    """
    kind = topology.partition(":")[0]
    if kind not in CHIPS:
        raise ArgumentError(f"topology {topology}: known are {', '.join(CHIPS)}")
    known, chip = UNETS[model], CHIPS[kind]
    config = parse(UNetConfig, known.config, model)
    mesh = described(topology)
    unet = UNet(config, Compute(jnp.bfloat16, "tpu"))
    weights, *_, states = shapes(unet, batch)
    count = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(weights))
    if count != known.parameters:
        raise ModelError(f"{model}: {count} parameters; wanted {known.parameters}")
    print(f"{known.title}, {topology}: compiling takes minutes", file=sys.stderr)
    begun_cpu_s = time.process_time()
    program, spent_s = compiled(unet, mesh, batch)
    spent_cpu_s = time.process_time() - begun_cpu_s
    text, rest = program.as_text(), states.shape[1:]
    check_program(text, written(batch, *rest), written(batch * mesh.size, *rest))
    memory, cost = program.memory_analysis(), program.cost_analysis()
    held = memory.argument_size_in_bytes + memory.temp_size_in_bytes
    published = known.mlperf.get(kind)
    return {
        "model": known.title,
        "topology": topology,
        "pictures_a_chip": batch,
        "argument_bytes": memory.argument_size_in_bytes,
        "temporary_bytes": memory.temp_size_in_bytes,
        "memory_share": held / chip.memory_bytes,
        # A loop's body is counted once, so these are of one step.
        "flops": cost["flops"],
        "moved_bytes": cost["bytes accessed"],
        # The compiler takes a second off for every operation it has no estimate of;
        # these are joins of buffers, which cost nothing.
        "estimate_s": cost["optimal_seconds"] + text.count('"ConcatBitcast"'),
        "roofline_s": max(
            cost["flops"] / chip.flops_a_s, cost["bytes accessed"] / chip.bytes_a_s
        ),
        "mlperf_s": batch / (published * STEPS) if published else None,
        "compile_s": spent_s,
        "compile_cpu_s": spent_cpu_s,
    }


def as_text(reports: list[dict[str, Any]]) -> str:
    """Returns the figures as a table, a column for each program."""

    def times(one: dict[str, Any], name: str) -> str:
        return "–" if one[name] is None else f"{1000 * one[name]:.1f}"

    rows = {
        "slice": lambda one: one["topology"],
        "pictures a chip": lambda one: f"{one['pictures_a_chip']}",
        "weights and arguments, GB": lambda one: f"{one['argument_bytes'] / 1e9:.2f}",
        "temporaries, GB": lambda one: f"{one['temporary_bytes'] / 1e9:.2f}",
        "share of a chip's memory": lambda one: f"{one['memory_share']:.0%}",
        "TFLOP a step": lambda one: f"{one['flops'] / 1e12:.2f}",
        "GB moved a step": lambda one: f"{one['moved_bytes'] / 1e9:.1f}",
        "ms a step, at best by the peaks": lambda one: times(one, "roofline_s"),
        "ms a step, the compiler thinks": lambda one: times(one, "estimate_s"),
        "ms a step, MLPerf's Flax program": lambda one: times(one, "mlperf_s"),
        "compiled in, s of one CPU core": lambda one: f"{one['compile_cpu_s']:.0f}",
    }
    head = ["a chip", *(one["model"] for one in reports)]
    table = [head, ["---"] * len(head)]
    table += [[name, *map(said, reports)] for name, said in rows.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in table)


def main() -> int:
    """Parses the command line, compiles, prints or writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--topology", nargs="+", default=["v5e:2x4", "v6e:2x4"])
    parser.add_argument("--model", nargs="+", choices=UNETS, default=list(UNETS))
    parser.add_argument("--batch", type=int, default=1, help="pictures a chip")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into docs/tpu.md")
    options = parser.parse_args()
    try:
        reports = [
            report(topology, model, options.batch)
            for model in options.model
            for topology in options.topology
        ]
    except SoundArtError as error:
        print(f"tpu.py: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(reports) if options.json else as_text(reports))
    if options.write:
        put(DOCUMENT, as_text(reports))
    return 0


if __name__ == "__main__":
    sys.exit(main())
