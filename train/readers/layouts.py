"""Which reader reads a set: by what lies in its folder, or by its name."""

from collections.abc import Mapping
from pathlib import Path

from train.readers import folders, manifest, published
from train.readers.clip import Clip, DataError


def read(
    source: str, *, heads: Mapping[str, str], where: Mapping[str, str]
) -> list[Clip]:
    """Returns the clips of a set.

    Args:
        source: A `.csv` or `.jsonl` table; or a folder in the layout of ESC-50, NSynth,
            FMA or MTG-Jamendo; or with a folder for each label.
        heads: For each head the column of a table that its labels stand in; of a folder
            for each label one name.
        where: Columns of a table, and what must stand there.

    Raises:
        DataError: It is none of these, or its reader refuses it.
    """
    path = Path(source)
    if path.suffix in (".csv", ".jsonl"):
        if not heads:
            raise DataError(f"{source}: say which columns hold labels, HEAD=COLUMN")
        return manifest.read(path, heads=heads, where=where)
    if (path / "meta" / "esc50.csv").is_file():
        return published.esc50(path)
    if any(path.glob("nsynth-*/examples.json")):
        return published.nsynth(path)
    if (path / "fma_metadata" / "tracks.csv").is_file():
        return published.fma(path)
    if (path / "data" / "splits").is_dir():
        return published.jamendo(path)
    if len(heads) != 1:
        raise DataError(f"{source}: say what its folders' names are, one HEAD")
    return folders.read(path, head=next(iter(heads)))
