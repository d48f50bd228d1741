"""A table of clips, CSV or JSON lines: `path`, `label` or a column for each head.

Further columns: `split` (train, valid, test), `group` (never in two parts), `start_s`,
`length_s`. Several labels stand between `;`, in JSON also in a list. Paths are relative
to the table.
"""

import csv
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from train.readers.clip import Clip, DataError, checked

Row = Mapping[str, Any]


def read(
    table: Path,
    *,
    heads: Mapping[str, str],
    where: Mapping[str, str] = MappingProxyType({}),
    parts: Collection[str] = ("train", "valid", "test"),
) -> list[Clip]:
    """Returns the clips that a table names.

    Args:
        table: A `.csv` or `.jsonl` file.
        heads: For each head the column its labels stand in.
        where: Columns, and what must stand there; other rows are left out.
        parts: Rows of other parts are left out, as a set keeps some apart.

    Raises:
        DataError: The table is missing, lacks a column or has a row that is none; the
            message names the row.
    """
    clips = [
        _clip(row, number, table, heads)
        for number, row in _rows(table)
        if all(row.get(column) == value for column, value in where.items())
        and (not row.get("split") or row["split"] in parts)
    ]
    return checked(clips, table)


def _rows(table: Path) -> Iterator[tuple[int, Row]]:
    """Yields each row with its number in the file."""
    try:
        text = table.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{table} cannot be read ({error})") from error
    if table.suffix == ".csv":
        yield from enumerate(csv.DictReader(text.splitlines()), 2)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DataError(f"{table}, line {number}: no JSON ({error})") from error
        if not isinstance(row, dict):
            raise DataError(f"{table}, line {number}: no JSON object")
        yield number, row


def _clip(row: Row, number: int, table: Path, heads: Mapping[str, str]) -> Clip:
    place = f"{table}, line {number}"
    for column in ("path", *heads.values()):
        if column not in row:
            raise DataError(f"{place}: no {column!r}; there are {', '.join(row)}")
    if not row["path"]:
        raise DataError(f"{place}: no path")
    length = row.get("length_s")
    return Clip(
        path=table.parent / row["path"],
        labels={head: _labels(row[column]) for head, column in heads.items()},
        part=row.get("split") or "",
        group=str(row.get("group") or ""),
        start_s=_seconds(row.get("start_s") or 0.0, place),
        length_s=None if length in (None, "") else _seconds(length, place),
    )


def _labels(said: Any) -> tuple[str, ...]:
    some = said if isinstance(said, list) else str(said or "").split(";")
    return tuple(label.strip() for label in some if label.strip())


def _seconds(said: Any, place: str) -> float:
    try:
        seconds = float(said)
    except ValueError:
        raise DataError(f"{place}: {said!r} is no number of seconds") from None
    if not 0 <= seconds < float("inf"):
        raise DataError(f"{place}: {said!r} is no number of seconds")
    return seconds
