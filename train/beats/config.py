"""What a run is made of; `configs/beats.py` fills it in."""

from dataclasses import dataclass

from jaxsoundart.sound.beat_network import BeatConfig
from train.optimiser import Optimisation


@dataclass(frozen=True, kw_only=True)
class BeatRun:
    """A run.

    Attributes:
        network: What is taught.
        optimisation: How long and how.
        pieces: Of each style, to learn from.
        valid_pieces: Of each style, to judge by.
        frames: Length of what is learnt from at a time.
        speed: How much faster or slower a piece may be, as a share.
        weights: Of what is lost by missing a beat, a bar, a drop, against claiming one
            where there is none.
        seed: Of beginnings and order.
    """

    network: BeatConfig
    optimisation: Optimisation
    pieces: int
    valid_pieces: int
    frames: int
    speed: float
    weights: tuple[float, ...]
    seed: int = 0
