"""Which painter paints, and how it lies on the devices. No JAX here."""

from dataclasses import dataclass
from pathlib import Path

from jaxsoundart.errors import ArgumentError


@dataclass(frozen=True)
class Hand:
    """A painter as it is asked for.

    Attributes:
        painter: "bundled", a folder in the diffusers layout, a `.safetensors` file in
            the original layout, or a hub repository's id.
        vae: A folder or repository with a VAE in place of the painter's own.
        loras: Files of low-rank changes to the painter's weights, each with its weight.
        prediction_type: "epsilon" or "v_prediction", of a `.safetensors` checkpoint
            that was trained otherwise than its family.
        batch: Pictures that each device paints at once.
        shard_weights: Whether each device holds a part of the weights only: a large
            painter then fits on several small devices. The pictures are the same.

    Raises:
        ArgumentError: The batch is not positive.
    """

    painter: str | Path = "bundled"
    vae: str | Path | None = None
    loras: tuple[tuple[str | Path, float], ...] = ()
    prediction_type: str | None = None
    batch: int = 1
    shard_weights: bool = False

    def __post_init__(self):
        if self.batch < 1:
            raise ArgumentError(f"batch is {self.batch}; use at least 1")


def as_hand(painter: "str | Path | Hand") -> Hand:
    """Returns a painter's id as a hand with nothing changed."""
    return painter if isinstance(painter, Hand) else Hand(painter)
