"""What has been measured, kept on disk: a measurement of an hour may be stopped."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

Arrays = Mapping[str, np.ndarray]


class Kept:
    """Results by name, in a folder of what they were measured on."""

    def __init__(self, folder: Path, say: Callable[[str], None]):
        """Makes the folder if it is missing.

        Args:
            folder: Where results are kept.
            say: Told what is measured now.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._say = say

    def result(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """Returns a result from disk, or makes and keeps it."""
        path = self._folder / f"{name}.npz"
        if not path.is_file():
            self._say(name)
            part = path.with_suffix(".part.npz")
            np.savez(part, **make())
            os.replace(part, path)
        with np.load(path) as content:
            return dict(content)
