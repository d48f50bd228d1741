"""A listener with any heads: a network on sounds, from an ear's folder."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxsoundart.listen import ear_file
from jaxsoundart.listen.ear_file import EarFile
from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.heard import Heard
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.listen.networks import NetworkConfig, network
from jaxsoundart.listen.windows import windows
from jaxsoundart.runtime.modules import run
from jaxsoundart.sound.resampling import resample
from jaxsoundart.sound.waveform import Excerpt, Traits, Waveform

MAX_WINDOWS = 6
"""How many windows one excerpt is heard in, at most."""

_TOGETHER = 8


class EarListener:
    """A trained network and the questions it answers.

    Attributes:
        id: Name and first digits of the weights' hash.
        ear: What it was made from.
    """

    def __init__(self, ear: EarFile):
        self.ear = ear
        self.id = ear.name

    @classmethod
    def load(cls, folder: Path) -> "EarListener":
        """Returns the listener in an ear's folder.

        Raises:
            ModelError: A file is missing or damaged, or the weights are not those that
                the config asks for.
        """
        return cls(ear_file.read(folder))

    def embed(self, clips: Sequence[Waveform]) -> Float[np.ndarray, "clips width"]:
        """Returns where each clip lies: similar sounds lie close."""
        return np.asarray(self._heard(clips).embedding)

    def probabilities(
        self, clips: Sequence[Waveform]
    ) -> Mapping[str, Float[np.ndarray, "clips labels"]]:
        """Returns the calibrated probability of each head's labels for each clip."""
        heard = self._heard(clips)
        return {
            head.name: head.probabilities(np.asarray(heard.logits[head.name]))
            for head in self.ear.heads
        }

    def hear(
        self, waveform: Waveform, excerpts: Sequence[Excerpt], traits: Traits
    ) -> Hearing:
        """Listens to windows in or about the excerpts, and averages their logits.

        Args:
            waveform: The whole song.
            excerpts: Where to listen.
            traits: Passed on.

        Raises:
            ArgumentError: If there is no excerpt.
        """
        spans = windows(waveform, excerpts, self.ear.window_s, at_most=MAX_WINDOWS)
        heard = self._heard([waveform.cut(*span) for span in spans])
        labels, unsure = {}, []
        for head in self.ear.heads:
            answer = head.probabilities(np.asarray(heard.logits[head.name]).mean(0))
            labels[head.name] = _ranked(head, answer)
            if answer.max() < head.sure:
                unsure.append(head.name)
        return Hearing(
            labels=labels,
            unsure=tuple(unsure),
            traits=traits,
            excerpts=tuple(excerpts),
            listener=self.id,
        )

    def _heard(self, clips: Sequence[Waveform]) -> Heard:
        """Returns what the network makes of clips, a few at a time."""
        config, heads = self.ear.config, self.ear.heads
        length = round(self.ear.window_s * config.sample_rate_hz)
        rows = np.zeros((-(-len(clips) // _TOGETHER) * _TOGETHER, length), np.float32)
        for row, clip in zip(rows, clips, strict=False):
            samples = resample(clip, config.sample_rate_hz).samples[:length]
            row[: len(samples)] = samples
        parts = [
            _run(config, heads, self.ear.params, rows[first : first + _TOGETHER])
            for first in range(0, len(rows), _TOGETHER)
        ]
        return jax.tree.map(lambda *some: jnp.concatenate(some)[: len(clips)], *parts)


@partial(jax.jit, static_argnames=("config", "heads"))
def _run(
    config: NetworkConfig,
    heads: tuple[Head, ...],
    params: Any,
    samples: Float[Array, "batch samples"],
) -> Heard:
    return run(network(config, heads), params, samples)


def _ranked(head: Head, answer: Float[np.ndarray, " labels"]) -> Mapping[str, float]:
    pairs = sorted(zip(head.labels, answer, strict=True), key=lambda pair: -pair[1])
    return {label: float(p) for label, p in pairs}
