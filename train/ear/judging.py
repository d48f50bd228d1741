"""How well an ear answers sounds it has not learnt from, and how far to believe it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import numpy as np
from jaxtyping import Bool, Float
from sklearn import metrics

from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.networks import NetworkConfig, network
from jaxsoundart.runtime.modules import run
from train.ear.batches import targets_of
from train.ear.records import Sound

_TEMPERATURES = np.geomspace(0.25, 4.0, 161)
_RIGHT = 0.8
"""Share of answers at least as probable as `Head.sure` that should be right."""


@dataclass(frozen=True)
class Said:
    """What a head says of the sounds that have an answer.

    Attributes:
        head: The question.
        logits: The answers.
        targets: What is right.
    """

    head: Head
    logits: Float[np.ndarray, "sounds labels"]
    targets: Bool[np.ndarray, "sounds labels"]

    @property
    def probabilities(self) -> Float[np.ndarray, "sounds labels"]:
        """The calibrated answers."""
        return self.head.probabilities(self.logits)


def ask(
    config: NetworkConfig,
    heads: tuple[Head, ...],
    params: Any,
    records: Iterable[bytes],
    length: int,
) -> Mapping[str, Said]:
    """Returns what a network says of sounds; of long ones the mean over windows.

    Args:
        config: Of the network.
        heads: The questions.
        params: Of the network.
        records: The sounds, packed; those without an answer to a head are left out.
        length: Of a window, in samples.
    """
    logits: dict[str, list[np.ndarray]] = {head.name: [] for head in heads}
    targets: dict[str, list[np.ndarray]] = {head.name: [] for head in heads}
    for record in records:
        sound = Sound.unpacked(record)
        heard = _heard(config, heads, params, windows(sound, length))
        told = targets_of(heads, sound)
        for head in heads:
            if told[f"asked:{head.name}"]:
                logits[head.name].append(np.asarray(heard[head.name]).mean(axis=0))
                targets[head.name].append(told[f"target:{head.name}"] > 0)
    return {
        head.name: Said(head, np.stack(logits[head.name]), np.stack(targets[head.name]))
        for head in heads
        if logits[head.name]
    }


def windows(sound: Sound, length: int) -> Float[np.ndarray, "windows length"]:
    """Returns a sound as windows that cover it evenly; a short one is filled up."""
    samples = sound.samples.astype(np.float32) / 32767.0
    count = -(-len(samples) // length)
    spare = max(0, len(samples) - length)
    starts = [round(spare * n / max(1, count - 1)) for n in range(count)]
    return np.stack(
        [
            np.pad(cut, (0, length - len(cut)))
            for cut in (samples[start : start + length] for start in starts)
        ]
    )


@partial(jax.jit, static_argnames=("config", "heads"))
def _heard(config: NetworkConfig, heads: tuple[Head, ...], params: Any, samples: Any):
    return run(network(config, heads), params, samples).logits


def scores(said: Said) -> Mapping[str, float]:
    """Returns the figures of a head.

    For labels that exclude each other: accuracy, its mean over the labels, and
    cross-entropy in nats; else the mean over labels of F1 at one half and of the
    average precision. Labels that never occur are left out of the means.
    """
    given, right = said.probabilities, said.targets
    if said.head.exclusive:
        answers, wanted = given.argmax(axis=1), right.argmax(axis=1)
        return {
            "accuracy": float((answers == wanted).mean()),
            "balanced": float(metrics.recall_score(wanted, answers, average="macro")),
            "cross_entropy": float(-np.log(given[right]).mean()),
        }
    there = right.any(axis=0)
    given, right = given[:, there], right[:, there]
    return {
        "macro_f1": float(metrics.f1_score(right, given > 0.5, average="macro")),
        "mean_precision": float(metrics.average_precision_score(right, given)),
    }


def headline(said: Mapping[str, Said]) -> float:
    """Returns one number for a run, the higher the better: the heads' mean."""
    names = {True: "balanced", False: "macro_f1"}
    return float(np.mean([scores(s)[names[s.head.exclusive]] for s in said.values()]))


def calibrated(said: Said) -> Head:
    """Returns the head with the temperature and the threshold that fit best.

    The temperature is that of least cross-entropy. Above the threshold at least
    four of five answers are right, where any threshold does that.
    """
    head = said.head
    trials = [replace(head, temperature=float(t)) for t in _TEMPERATURES]
    best = min(trials, key=lambda one: _cross_entropy(one, said))
    given = best.probabilities(said.logits)
    if head.exclusive:
        answers, right = (
            given.max(axis=1),
            said.targets[np.arange(len(given)), given.argmax(axis=1)],
        )
    else:
        answers, right = given.ravel(), said.targets.ravel()
    order = np.argsort(-answers)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= _RIGHT)
    sure = float(answers[order[enough[-1]]]) if len(enough) else 1.0
    return replace(best, sure=sure)


def _cross_entropy(head: Head, said: Said) -> float:
    given = np.clip(head.probabilities(said.logits), 1e-12, 1.0 - 1e-12)
    if head.exclusive:
        return float(-np.log(given[said.targets]).mean())
    right = np.where(said.targets, given, 1.0 - given)
    return float(-np.log(right).mean())
