"""What was done of a catalogue: one JSON object a line, each written at once."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from jaxsoundart.errors import PictureError


class Manifest:
    """The manifests of all parts of the work, and the one of this part to write in."""

    def __init__(self, folder: Path, *, shard: tuple[int, int], settings: str):
        """Reads what is there.

        Args:
            folder: Of the covers and the manifests.
            shard: Which part of the work this is, and of how many.
            settings: Tells settings and models from others.
        """
        self._folder = folder
        self._settings = settings
        nth, of = shard
        name = "manifest.jsonl" if of == 1 else f"manifest-{nth}-of-{of}.jsonl"
        self.path = folder / name
        self._files: dict[tuple[str, str], list[str]] = {}
        for path in sorted(folder.glob("manifest*.jsonl")):
            for line in path.read_bytes().splitlines():
                self._read(line)

    def _read(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
            if entry["settings"] == self._settings and "files" in entry:
                self._files[entry["song"], entry["sha256"]] = entry["files"]
        except (ValueError, KeyError, TypeError):
            return  # a line cut off when the power went: that song is painted again

    def has(self, song: Path, sha256: str) -> bool:
        """Returns whether the covers of a song of this content are there."""
        files = self._files.get((str(song), sha256))
        return files is not None and all((self._folder / f).exists() for f in files)

    def write(
        self,
        song: Path,
        *,
        sha256: str | None = None,
        files: Sequence[Path] = (),
        error: str | None = None,
    ) -> None:
        """Appends a line: the covers of a song, or why there are none.

        Raises:
            PictureError: It cannot be written.
        """
        entry: dict[str, object] = {"song": str(song), "settings": self._settings}
        if error is None:
            inside = [os.path.relpath(path, self._folder) for path in files]
            entry |= {"sha256": sha256, "files": inside}
        else:
            entry["error"] = error
        line = json.dumps(entry).encode() + b"\n"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                end = os.lseek(handle, 0, os.SEEK_END)
                if end and os.pread(handle, 1, end - 1) != b"\n":
                    line = b"\n" + line
                # One call: a line is there as a whole, whoever else appends.
                os.write(handle, line)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as fault:
            raise PictureError(f"cannot write {self.path}: {fault.strerror}") from fault
