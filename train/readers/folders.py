"""A folder for each label, perhaps inside one for each part."""

from pathlib import Path

from train.readers.clip import PARTS, SOUNDS, Clip, DataError, checked


def read(root: Path, *, head: str) -> list[Clip]:
    """Returns the clips under `root/label/…` or `root/part/label/…`.

    Raises:
        DataError: There is no such folder, or it holds no sound.
    """
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")
    parts = {part: root / part for part in PARTS if (root / part).is_dir()}
    clips = [
        Clip(path, {head: (label.name,)}, part)
        for part, folder in (parts or {"": root}).items()
        for label in sorted(folder.iterdir())
        if label.is_dir()
        for path in sorted(label.rglob("*"))
        if path.suffix.lower() in SOUNDS
    ]
    return checked(clips, root)
