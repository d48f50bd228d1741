"""How far our networks and samplers are from PyTorch's, case by case.

Every case runs both on the same random weights or the same made-up network, and gives
the relative difference. The tests hold each below its tolerance; the command
`python -m benchmarks.parity` prints all as a table.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

PART = 1e-4
"""What a single network, in float32, may differ by."""

WALK = 1e-3
"""What latents may differ by after a whole walk of a sampler."""


@dataclass(frozen=True)
class Case:
    """One comparison.

    Attributes:
        name: What is compared, as the table says it.
        error: Runs both; returns their relative difference.
        tolerance: What it must stay below.
    """

    name: str
    error: Callable[[], float]
    tolerance: float


def relative_error(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Returns the largest difference, in units of the largest value of `theirs`."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape:
        raise ValueError(f"ours has shape {ours.shape}, theirs {theirs.shape}")
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())
