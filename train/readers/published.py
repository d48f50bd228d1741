"""Published sets in the layout they are downloaded in, with their own splits."""

import csv
import json
from pathlib import Path

from train.readers.clip import Clip, DataError, checked

ESC50_PARTS = {"4": "valid", "5": "test"}
"""Folds; the others are for training."""

_FMA_PARTS = {"training": "train", "validation": "valid", "test": "test"}
_JAMENDO_PARTS = {"train": "train", "validation": "valid", "test": "test"}


def esc50(root: Path) -> list[Clip]:
    """Returns ESC-50, everyday sounds (Piczak 2015), split by its folds.

    Raises:
        DataError: `meta/esc50.csv` or a file of `audio/` is missing.
    """
    return checked(
        (
            Clip(
                root / "audio" / row["filename"],
                {"sounds": (row["category"].replace("_", " "),)},
                ESC50_PARTS.get(row["fold"], "train"),
                # Clips cut from one recording lie in one fold.
                row["src_file"],
            )
            for row in csv.DictReader(_lines(root / "meta" / "esc50.csv"))
        ),
        root,
    )


def nsynth(root: Path) -> list[Clip]:
    """Returns NSynth, single notes (Engel et al. 2017), in its own parts.

    Raises:
        DataError: A part's `examples.json` is damaged, or there is none at all.
    """
    clips = []
    for part in ("train", "valid", "test"):
        folder = root / f"nsynth-{part}"
        if not folder.is_dir():
            continue
        try:
            examples = json.loads("\n".join(_lines(folder / "examples.json")))
        except ValueError as error:
            raise DataError(f"{folder}/examples.json is no JSON: {error}") from error
        clips += [
            Clip(
                folder / "audio" / f"{name}.wav",
                {"instruments": (note["instrument_family_str"],)},
                part,
                note["instrument_str"],
            )
            for name, note in sorted(examples.items())
        ]
    return checked(clips, root)


def fma(root: Path, *, subset: str = "small") -> list[Clip]:
    """Returns the Free Music Archive (Defferrard et al. 2017), split by artist.

    Args:
        root: With `fma_metadata/tracks.csv` and `fma_<subset>/000/000002.mp3`.
        subset: "small", "medium" or "large".

    Raises:
        DataError: The table or a file is missing, or a column is.
    """
    table = root / "fma_metadata" / "tracks.csv"
    rows = csv.reader(_lines(table))
    try:
        groups, names, _ = next(rows), next(rows), next(rows)
    except StopIteration:
        raise DataError(f"{table} is empty") from None
    columns = {column: n for n, column in enumerate(zip(groups, names, strict=True))}
    wanted = (("set", "split"), ("set", "subset"), ("track", "genre_top"))
    if lacking := [column for column in wanted if column not in columns]:
        raise DataError(f"{table} lacks the column {' '.join(lacking[0])}")
    sizes = ("small", "medium", "large")
    within = sizes[: sizes.index(subset) + 1]
    split, size, genre = (columns[column] for column in wanted)
    artist = columns.get(("artist", "id"))
    return checked(
        (
            Clip(
                _fma_file(root, subset, row[0]),
                {"genre": (row[genre].lower(),)},
                _FMA_PARTS[row[split]],
                row[artist] if artist is not None else "",
            )
            for row in rows
            if row[size] in within and row[genre]
        ),
        root,
    )


def _fma_file(root: Path, subset: str, track: str) -> Path:
    number = track.zfill(6)
    return root / f"fma_{subset}" / number[:3] / f"{number}.mp3"


def jamendo(root: Path, *, split: int = 0, head: str = "genre") -> list[Clip]:
    """Returns MTG-Jamendo (Bogdanov et al. 2019), tagged songs, split by artist.

    Args:
        root: With `data/splits/split-N/autotagging_HEAD-PART.tsv` and the songs, as
            `48/948.mp3`, beneath `audio/`.
        split: Which of its five.
        head: "genre", "instrument" or "moodtheme".

    Raises:
        DataError: A table or a song is missing, or a line is none.
    """
    clips = []
    for said, part in _JAMENDO_PARTS.items():
        name = f"autotagging_{head}-{said}.tsv"
        table = root / "data" / "splits" / f"split-{split}" / name
        for number, line in enumerate(_lines(table)[1:], 2):
            fields = line.split("\t")
            if len(fields) < 6:
                raise DataError(f"{table}, line {number}: {len(fields)} fields, not 6")
            tags = [tag.partition("---")[2] for tag in fields[5:]]
            path, artist = root / "audio" / fields[3], fields[1]
            clips.append(Clip(path, {head: tuple(tags)}, part, artist))
    return checked(clips, root)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})") from error
