"""Batches of labelled sounds: which ones a step learns from follows from its number.

Records are shuffled anew every time through, cut and stacked by Grain. A run that goes
on needs no state of its reader: it asks for the next number. Several processes divide
every batch among themselves; together they see what one would.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import grain
import numpy as np

from jaxsoundart.listen.heads import Head
from train.ear import records
from train.ear.config import EarConfig
from train.ear.records import Sound
from train.readers.clip import DataError

Batch = Mapping[str, Any]
"""samples; for each head "target:NAME" and "asked:NAME", whether it has an answer."""


def find_heads(config: EarConfig, folders: Sequence[Path]) -> tuple[Head, ...]:
    """Returns the heads with the labels that the parts for training hold.

    Raises:
        DataError: A question has fewer than two labels.
    """
    tally = records.tally(folders, "train")
    heads = []
    for question in config.questions:
        labels = tuple(sorted(tally.get(question.name, ())))
        if len(labels) < 2:
            raise DataError(
                f"{question.name}: {len(labels)} labels in the records for training, "
                f"at least two are wanted; there are {', '.join(sorted(tally))}"
            )
        heads.append(
            Head(name=question.name, labels=labels, exclusive=question.exclusive)
        )
    return tuple(heads)


def targets_of(heads: tuple[Head, ...], sound: Sound) -> dict[str, np.ndarray]:
    """Returns the targets of a sound, and whether each head has an answer.

    Raises:
        DataError: A label is not in the head's vocabulary, or there is not exactly one
            where labels exclude each other.
    """
    told: dict[str, np.ndarray] = {}
    for head in heads:
        target = np.zeros(len(head.labels), np.float32)
        some = sound.labels.get(head.name)
        for label in some or ():
            if label not in head.labels:
                raise DataError(
                    f"{sound.source}: {label!r} is no {head.name} of the "
                    f"vocabulary ({', '.join(head.labels)})"
                )
            target[head.labels.index(label)] = 1.0
        if head.exclusive and some is not None and len(some) != 1:
            raise DataError(
                f"{sound.source}: {len(some)} labels of {head.name}, where exactly "
                "one is right"
            )
        told[f"target:{head.name}"] = target
        told[f"asked:{head.name}"] = np.asarray(some is not None, np.float32)
    return told


def window(
    samples: np.ndarray, length: int, generator: np.random.Generator, speed: float
) -> np.ndarray:
    """Returns `length` samples of a sound from a random place, faster or slower.

    Shorter sounds begin at once and are followed by silence.
    """
    factor = 1.0 + generator.uniform(-speed, speed) if speed else 1.0
    wanted = round(length * factor)
    start = int(generator.integers(max(1, len(samples) - wanted + 1)))
    cut = samples[start : start + wanted].astype(np.float32) / 32767.0
    if factor != 1.0:
        places = np.arange(int(len(cut) / factor)) * factor
        cut = np.interp(places, np.arange(len(cut)), cut).astype(np.float32)
    return np.pad(cut, (0, max(0, length - len(cut))))[:length]


def training(
    config: EarConfig,
    heads: tuple[Head, ...],
    folders: Sequence[Path],
    *,
    process: int = 0,
    processes: int = 1,
) -> grain.MapDataset:
    """Returns the batches of a run by the number of their step.

    Args:
        config: The run.
        heads: The questions.
        folders: Of records; each is drawn from as often as it has records.
        process: Which of several this is.
        processes: How many there are; they must divide the batch.

    Raises:
        DataError: They do not, or a folder holds no records for training.
    """
    share, rest = divmod(config.optimisation.batch, processes)
    if rest:
        raise DataError(
            f"batch {config.optimisation.batch} does not divide over {processes} "
            f"processes; use {share * processes or processes}"
        )
    files = [path for folder in folders for path in records.paths(folder, "train")]
    source: Any = grain.sources.ArrayRecordDataSource(files)

    def one(record: bytes, generator: np.random.Generator) -> dict[str, np.ndarray]:
        sound = Sound.unpacked(record)
        length, speed = config.window_samples, config.wear.speed
        return {
            "samples": window(sound.samples, length, generator, speed),
            **targets_of(heads, sound),
        }

    return (
        grain.MapDataset.source(source)
        .seed(config.seed)
        .shuffle()
        .repeat()
        .random_map(one)
        # A step's rows are those of the processes, one after the other.
        .batch(share)[process::processes]
    )


def sounds(folder: Path, part: str) -> grain.sources.ArrayRecordDataSource:
    """Returns the records of a part, in their order."""
    return grain.sources.ArrayRecordDataSource(records.paths(folder, part))
