"""What an ear's training run is made of; `configs/ear_*.py` fill it in."""

from dataclasses import dataclass, field

from jaxsoundart.listen.networks import NetworkConfig
from train.optimiser import Optimisation


@dataclass(frozen=True)
class Question:
    """A head that is to be learnt.

    Attributes:
        name: Of the head, as the records have it.
        exclusive: Whether exactly one label is right.
        weight: Of its loss beside the others'.
    """

    name: str
    exclusive: bool = True
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Wear:
    """How sounds are changed while they are learnt from.

    Attributes:
        mixup: Both parameters of the Beta distribution of the shares in which two
            sounds are mixed; 0 mixes none.
        speed: How much faster or slower a sound may be, as a share: pitch and tempo.
        noise_db: Least and most level of white noise below the sound.
        smoothing: Share of an exclusive target that is spread over all labels.
    """

    mixup: float = 0.3
    speed: float = 0.0
    noise_db: tuple[float, float] = (-70.0, -20.0)
    smoothing: float = 0.05


@dataclass(frozen=True, kw_only=True)
class EarConfig:
    """A run.

    Attributes:
        name: Of the listener.
        network: What it is made of.
        questions: What it learns.
        window_s: Length of what it is given; longer sounds are cut at random.
        optimisation: How long and how.
        wear: What happens to sounds on the way.
        patience: Evaluations without a better one after which it stops.
        evaluate_every: Steps from one evaluation to the next.
        seed: Of beginnings, order and wear.
    """

    name: str
    network: NetworkConfig
    questions: tuple[Question, ...]
    window_s: float
    optimisation: Optimisation
    wear: Wear = field(default_factory=Wear)
    patience: int = 10
    evaluate_every: int = 200
    seed: int = 0

    @property
    def window_samples(self) -> int:
        """Length of what the network is given."""
        return round(self.window_s * self.network.sample_rate_hz)
