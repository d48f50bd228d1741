"""How far a stage of training is, for whoever watches."""

import sys

import jax


def report(stage: str, done: int, steps: int, loss: float | jax.Array) -> None:
    """Says on stderr how far a stage is."""
    print(f"{stage}: step {done} of {steps}, loss {float(loss):.4f}", file=sys.stderr)
