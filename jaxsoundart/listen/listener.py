"""The listener: a song's samples and excerpts in, calibrated labels out."""

from collections.abc import Sequence
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen import bundle as bundles
from jaxsoundart.listen import classifier, features
from jaxsoundart.listen.bundle import Bundle
from jaxsoundart.listen.classifier import Params
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.listen.hub import locate
from jaxsoundart.listen.windows import windows
from jaxsoundart.sound.waveform import Excerpt, Traits, Waveform

_logits = jax.jit(classifier.logits)


class Listener:
    """A trained network with its standardisation, labels and calibration.

    Attributes:
        id: Name and first digits of the weights' hash, "gtzan-sigmoid@1a2b3c4d".
        bundle: What it was made from.
    """

    def __init__(self, bundle: Bundle, digest: str):
        self.bundle = bundle
        self.id = f"{bundle.name}@{digest}"

    @classmethod
    def load(cls, listener: str | Path = "bundled") -> "Listener":
        """Returns a listener from "bundled", a folder, or a hub repository's id.

        Raises:
            ModelError: If there is no such listener, or it is incomplete or damaged.
        """
        return cls(*bundles.read(locate(listener)))

    def probabilities(self, clips: Sequence[Waveform]) -> Float[np.ndarray, "clips n"]:
        """Returns the calibrated probability of each label for each clip."""
        rows = np.stack([features.measure(clip) for clip in clips])
        return self.judge(rows)

    def judge(self, rows: features.Features) -> Float[np.ndarray, "*clips labels"]:
        """Returns the calibrated probability of each label for rows of features."""
        tensors = self.bundle.tensors
        inputs = features.standardise(
            rows, tensors["features.mean"], tensors["features.std"]
        )
        logits = _logits(params_of(self.bundle), jnp.asarray(inputs))
        return np.asarray(jax.nn.softmax(logits / tensors["temperature"]))

    def hear(
        self, waveform: Waveform, excerpts: Sequence[Excerpt], traits: Traits
    ) -> Hearing:
        """Listens to windows of 30 s in or about the excerpts, and averages.

        The order of the excerpts and how often a window falls on the same place make
        no difference.

        Args:
            waveform: The whole song at 22,050 Hz.
            excerpts: Where to listen.
            traits: Passed on.

        Raises:
            ArgumentError: If there is no excerpt, or the sample rate is another.
        """
        if waveform.sample_rate_hz != features.SAMPLE_RATE_HZ:
            raise ArgumentError(
                f"the listener hears {features.SAMPLE_RATE_HZ} Hz, not"
                f" {waveform.sample_rate_hz} Hz; read the song at that rate"
            )
        spans = windows(waveform, excerpts, features.WINDOW_S)
        heard = self.probabilities([waveform.cut(*span) for span in spans]).mean(axis=0)
        ranked = sorted(zip(heard, self.bundle.labels, strict=True), reverse=True)
        return Hearing(
            labels={self.bundle.head: {label: float(p) for p, label in ranked}},
            traits=traits,
            excerpts=tuple(excerpts),
            listener=self.id,
        )


def params_of(bundle: Bundle) -> Params:
    """Returns the network's parameters out of a bundle's tensors."""
    params: dict[str, dict[str, Array]] = {}
    for name, tensor in bundle.tensors.items():
        layer, _, kind = name.partition(".")
        if kind in ("kernel", "bias"):
            params.setdefault(layer, {})[kind] = jnp.asarray(tensor)
    return params
