"""What a network is asked, and how its logits become probabilities to believe."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Logits = Float[np.ndarray, "*batch labels"]


@dataclass(frozen=True, kw_only=True)
class Head:
    """One question to a network.

    Attributes:
        name: What it asks for ("style").
        labels: The answers, in the order of the logits.
        exclusive: Whether exactly one of them is right; else each is on its own.
        temperature: Divides the logits; fitted on sounds that were not learnt from.
        sure: The least probability at which an answer is to be believed.
    """

    name: str
    labels: tuple[str, ...]
    exclusive: bool
    temperature: float = 1.0
    sure: float = 0.5

    def probabilities(self, logits: Logits) -> Logits:
        """Returns the calibrated probability of each label."""
        scaled = np.asarray(logits, np.float64) / self.temperature
        if not self.exclusive:
            # Either form alone overflows on one side.
            return np.exp(-np.logaddexp(0.0, -scaled))
        shifted = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        return shifted / shifted.sum(axis=-1, keepdims=True)
