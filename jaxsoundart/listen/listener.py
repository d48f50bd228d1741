"""The listener: a song's samples and excerpts in, calibrated labels out."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxsoundart.errors import ArgumentError, ModelError
from jaxsoundart.listen import bundle as bundles
from jaxsoundart.listen import classifier, features
from jaxsoundart.listen.bundle import Bundle
from jaxsoundart.listen.classifier import Params
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.sound.waveform import Excerpt, Traits, Waveform

MAX_WINDOWS = 3
"""How many windows of 30 s one excerpt is heard in, at most."""

_logits = jax.jit(classifier.logits)

_BUNDLED = Path(__file__).parent.parent / "models" / "listener"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


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

        The hub is asked only for an id that is no folder, and not at all where
        HF_HUB_OFFLINE is set: then only what was downloaded before is used.

        Raises:
            ModelError: If there is no such listener, or it is incomplete or damaged.
        """
        folder = _BUNDLED if str(listener) == "bundled" else Path(listener)
        if not folder.is_dir():
            folder = _download(str(listener))
        return cls(*bundles.read(folder))

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
        if not excerpts:
            raise ArgumentError("no excerpt to listen to; name one, like intro+drop")
        spans = sorted({span for e in excerpts for span in windows(waveform, e)})
        heard = self.probabilities([waveform.cut(*span) for span in spans]).mean(axis=0)
        ranked = sorted(zip(heard, self.bundle.labels, strict=True), reverse=True)
        return Hearing(
            labels={self.bundle.head: {label: float(p) for p, label in ranked}},
            traits=traits,
            excerpts=tuple(excerpts),
            listener=self.id,
        )


def windows(waveform: Waveform, excerpt: Excerpt) -> list[tuple[float, float]]:
    """Returns where to listen for one excerpt, first and last second of each window.

    A window is 30 s long, the length the network was trained on, or the whole song
    where that is shorter. A short excerpt is heard in one window about its middle, a
    long one in up to `MAX_WINDOWS`, evenly spread.
    """
    length_s = min(features.WINDOW_S, waveform.duration_s)
    excerpt_s = excerpt.end_s - excerpt.start_s
    last_start_s = waveform.duration_s - length_s
    count = min(MAX_WINDOWS, max(1, math.ceil(excerpt_s / features.WINDOW_S)))
    spare_s = excerpt_s - length_s
    starts_s = (
        excerpt.start_s + spare_s * (i / (count - 1) if count > 1 else 0.5)
        for i in range(count)
    )
    clipped_s = (round(min(max(s, 0.0), last_start_s), 3) for s in starts_s)
    return [(s, s + length_s) for s in clipped_s]


def params_of(bundle: Bundle) -> Params:
    """Returns the network's parameters out of a bundle's tensors."""
    params: dict[str, dict[str, Array]] = {}
    for name, tensor in bundle.tensors.items():
        layer, _, kind = name.partition(".")
        if kind in ("kernel", "bias"):
            params.setdefault(layer, {})[kind] = jnp.asarray(tensor)
    return params


def _download(repository: str) -> Path:
    """Returns the folder of a hub repository's snapshot, downloaded where needed."""
    if not _HUB_ID.fullmatch(repository):
        raise ModelError(
            f"listener {repository!r} is neither 'bundled', a folder, nor a hub"
            " repository's id like owner/name"
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(repository, allow_patterns=["*.safetensors", "*.json"])
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"listener {repository} is no folder here and cannot be had from the hub:"
            f" {reason}"
        ) from error
