"""Reads the GTZAN feature table and its fault-filtered, artist-disjoint split.

The folder holds `features_30_sec.csv` (librosa statistics of each 30 s clip) and
`index.csv` (label, artist and split of each clip; `split` is empty of the clips that
are faulty, repeated or distorted). The rows are those of the fault-filtered split of
Kereliuk, Sturm and Larsen (2015): no artist is in two parts.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen.features import COLUMNS, table_row_to_standard_level

PARTS = ("train", "valid", "test")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Clips of one part, in the index's order.

    Attributes:
        features: Columns as `features.COLUMNS`, at the standard level.
        targets: Index into the table's labels.
        groups: The artist, where known, or the clip.
    """

    features: Float[np.ndarray, "rows features"]
    targets: Int[np.ndarray, " rows"]
    groups: Shaped[np.ndarray, " rows"]

    def __add__(self, other: "Rows") -> "Rows":
        """Returns the rows of both."""
        return Rows(
            features=np.concatenate([self.features, other.features]),
            targets=np.concatenate([self.targets, other.targets]),
            groups=np.concatenate([self.groups, other.groups]),
        )

    def __getitem__(self, chosen: Bool[np.ndarray, " rows"]) -> "Rows":
        """Returns the rows that a mask chooses."""
        return Rows(
            features=self.features[chosen],
            targets=self.targets[chosen],
            groups=self.groups[chosen],
        )


@dataclass(frozen=True, kw_only=True)
class Table:
    """The whole table.

    Attributes:
        labels: The genres, in alphabetical order.
        parts: Rows of "train", "valid" and "test".
    """

    labels: tuple[str, ...]
    parts: dict[str, Rows]


def read(folder: str | Path) -> Table:
    """Reads the table in `folder`.

    Raises:
        ArgumentError: If one of its two files is missing or of another kind.
    """
    folder = Path(folder)
    clips = {row["filename"]: row for row in _rows(folder / "features_30_sec.csv")}
    index = _rows(folder / "index.csv")
    try:
        labels = tuple(sorted({row["label"] for row in index}))
        parts = {part: _part(part, index, clips, labels) for part in PARTS}
    except KeyError as error:
        raise ArgumentError(
            f"{folder} is not the GTZAN table: {error} is missing"
        ) from error
    return Table(labels=labels, parts=parts)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise ArgumentError(
            f"{path} cannot be read ({error.strerror}); give the folder of the table"
        ) from error


def _part(
    part: str,
    index: list[dict[str, str]],
    clips: dict[str, dict[str, str]],
    labels: tuple[str, ...],
) -> Rows:
    chosen = [row for row in index if row["split"] == part]
    features = [_features(clips[row["filename"]]) for row in chosen]
    return Rows(
        features=np.array(features).reshape(len(chosen), len(COLUMNS)),
        targets=np.array([labels.index(row["label"]) for row in chosen], int),
        groups=np.array([row["group"] for row in chosen], str),
    )


def _features(clip: dict[str, str]) -> list[float]:
    wanted = ("rms_mean", *COLUMNS)
    row = table_row_to_standard_level({name: float(clip[name]) for name in wanted})
    return [row[name] for name in COLUMNS]
