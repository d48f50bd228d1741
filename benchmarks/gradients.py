"""How long the gradient of a convolution's kernel takes: by patches, and XLA's own way.

    python -m benchmarks.gradients
    python -m benchmarks.gradients --batch 32 --turns 9 --json

Both take turns on the maps of a small painter's U-Net; a ratio below 1 means that
patches (`paint/networks/plain_convolution`) take less time. CPU only: elsewhere XLA's
way is taken.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable

import jax
import numpy as np

from jaxsoundart.paint.networks import plain_convolution

# Side of the map, channels that come in and go out.
MAPS = ((16, 96, 96), (16, 192, 96), (8, 160, 160), (8, 320, 160), (4, 208, 208))


def timed(program: Callable[..., jax.Array], *arrays: np.ndarray) -> float:
    """Returns seconds of one call."""
    started_s = time.perf_counter()
    jax.block_until_ready(program(*arrays))
    return time.perf_counter() - started_s


def measure(
    batch: int, turns: int, side: int, channels: int, features: int
) -> dict[str, float]:
    """Returns both medians, their ratio and the largest relative difference."""
    generator = np.random.default_rng(0)
    x, change = (
        generator.standard_normal((batch, side, side, width)).astype(np.float32)
        for width in (channels, features)
    )
    ways = [
        jax.jit(way)
        for way in (plain_convolution._by_patches, plain_convolution._by_convolution)
    ]
    ours, wanted = (np.asarray(way(x, change)) for way in ways)
    spent = np.array([[timed(way, x, change) for way in ways] for _ in range(turns)])
    return {
        "side": side,
        "channels": channels,
        "features": features,
        "patches_s": statistics.median(spent[:, 0]),
        "xla_s": statistics.median(spent[:, 1]),
        "ratio": statistics.median(spent[:, 0] / spent[:, 1]),
        "difference": float(np.abs(ours - wanted).max() / np.abs(wanted).max()),
    }


def main() -> int:
    """Prints a line for each map, or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", type=int, default=32, help="pictures (32)")
    parser.add_argument("--turns", type=int, default=7, help="of each (7)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    found = [measure(options.batch, options.turns, *one) for one in MAPS]
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for one in found:
        print(
            "{side:3.0f}×{side:<3.0f} {channels:4.0f} to {features:<4.0f}"
            " patches {patches_s:.3f} s, XLA {xla_s:.3f} s, ratio {ratio:.2f},"
            " difference {difference:.0e}".format(**one)
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
