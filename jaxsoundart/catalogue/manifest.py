"""What was done of a catalogue: one JSON object a line, each written at once."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from jaxsoundart.errors import PictureError, SoundFileError
from jaxsoundart.sound.files import content_hash


def digest(settings: object) -> str:
    """Returns what tells settings, JSON values, from others."""
    text = json.dumps(settings, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Manifest:
    """The manifests of all parts of the work, and the one of this part to write in."""

    def __init__(self, folder: Path, *, part: str = ""):
        """Reads what is there.

        Args:
            folder: Of the covers and the manifests.
            part: Names the part of the work that is this writer's alone; none if it
                does all.
        """
        self._folder = folder
        self.path = folder / f"manifest{part and '-'}{part}.jsonl"
        self._done: dict[tuple[str, str], tuple[str, list[str]]] = {}
        for path in sorted(folder.glob("manifest*.jsonl")):
            with path.open("rb") as lines:
                for line in lines:
                    self._read(line)

    def _read(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
            if "files" in entry:
                key = (entry["song"], entry["settings"])
                self._done[key] = (entry["sha256"], entry["files"])
        except (ValueError, KeyError, TypeError):
            return  # a line cut off when the power went: that song is painted again

    def has(self, song: Path, settings: str) -> bool:
        """Returns whether the covers of a song, as it is now, are there.

        Args:
            song: The file, named as it was then.
            settings: `digest` of all that its covers depend on beside it.
        """
        sha256, files = self._done.get((str(song), settings), ("", []))
        if not sha256 or not all((self._folder / file).exists() for file in files):
            return False
        try:
            return content_hash(song) == sha256
        except SoundFileError:
            return False  # what is wrong with it is said when it is heard

    def done(
        self, song: Path, *, sha256: str, settings: str, files: Sequence[Path]
    ) -> None:
        """Appends the covers of a song.

        Raises:
            PictureError: It cannot be written.
        """
        inside = [os.path.relpath(path, self._folder) for path in files]
        self._append(
            {
                "song": str(song),
                "settings": settings,
                "sha256": sha256,
                "files": inside,
            }
        )

    def failed(self, song: Path, *, error: str) -> None:
        """Appends why a song has no covers.

        Raises:
            PictureError: It cannot be written.
        """
        self._append({"song": str(song), "error": error})

    def _append(self, entry: dict[str, object]) -> None:
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
