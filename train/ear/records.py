"""Labelled sounds packed for training: ArrayRecord files, read at random.

A folder of records holds `train-00000.arrayrecord` and so on for each part. A record is
a line of JSON (labels, group, where it is from) and the samples, 16 bits each.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int16

from jaxsoundart.errors import SoundArtError
from jaxsoundart.sound.waveform import Waveform
from train.readers.clip import PARTS, Clip, DataError, divided

SAMPLE_RATE_HZ = 22_050

_PER_FILE = 4096
_FULL_SCALE = 32767
_MOST_DAMAGED = 0.1
_TALLY = "tally.json"


@dataclass(frozen=True)
class Sound:
    """A labelled sound.

    Attributes:
        samples: At `SAMPLE_RATE_HZ`, full scale at ±32767.
        labels: For each head that there is an answer to, what is right.
        source: Where it is from, for messages.
        group: What must not be in two parts.
    """

    samples: Int16[np.ndarray, " samples"]
    labels: Mapping[str, tuple[str, ...]]
    source: str
    group: str = ""

    @classmethod
    def of(
        cls,
        waveform: Waveform,
        labels: Mapping[str, tuple[str, ...]],
        source: str,
        group: str = "",
    ) -> "Sound":
        """Returns a sound from a waveform at `SAMPLE_RATE_HZ`."""
        assert waveform.sample_rate_hz == SAMPLE_RATE_HZ
        scaled = np.clip(waveform.samples, -1.0, 1.0) * _FULL_SCALE
        return cls(np.round(scaled).astype(np.int16), labels, source, group)

    def packed(self) -> bytes:
        """Returns the record."""
        told = {"labels": self.labels, "source": self.source, "group": self.group}
        return json.dumps(told).encode() + b"\n" + self.samples.tobytes()

    @classmethod
    def unpacked(cls, record: bytes) -> "Sound":
        """Returns what a record holds."""
        line, _, samples = record.partition(b"\n")
        told = json.loads(line)
        labels = {head: tuple(some) for head, some in told["labels"].items()}
        return cls(
            np.frombuffer(samples, np.int16), labels, told["source"], told["group"]
        )


class Writer:
    """Writes the parts of a folder of records; use it in a `with` block.

    Raises:
        DataError: The folder already holds records.
    """

    def __init__(self, folder: Path):
        if any(folder.glob("*.arrayrecord")):
            raise DataError(f"{folder} already holds records; name another folder")
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.counts: Counter[str] = Counter()
        self._tally: dict[str, dict[str, Counter[str]]] = {}
        self._files = {}

    def __enter__(self) -> "Writer":
        return self

    def write(self, part: str, sound: Sound) -> None:
        """Appends a sound to a part; its last file is closed when it is full."""
        from array_record.python.array_record_module import ArrayRecordWriter

        number, within = divmod(self.counts[part], _PER_FILE)
        if not within:
            self._close(part)
            path = self.folder / f"{part}-{number:05d}.arrayrecord"
            self._files[part] = ArrayRecordWriter(str(path), "group_size:1")
        self._files[part].write(sound.packed())
        self.counts[part] += 1
        heads = self._tally.setdefault(part, {})
        for head, some in sound.labels.items():
            heads.setdefault(head, Counter()).update(some)

    @property
    def summary(self) -> str:
        """Where the records lie and how many there are, in one line."""
        counts = ", ".join(f"{n} {part}" for part, n in sorted(self.counts.items()))
        return f"{self.folder}: {counts}"

    def _close(self, part: str) -> None:
        if part in self._files:
            self._files.pop(part).close()

    def __exit__(self, kind: object, *_: object) -> None:
        for part in tuple(self._files):
            self._close(part)
        # Last, and only of a whole set: without it a folder is no set of records.
        if kind is None:
            text = json.dumps(self._tally, indent=1)
            (self.folder / _TALLY).write_text(text + "\n", "utf-8")


def record(
    clips: Iterable[Clip],
    writer: Writer,
    *,
    decode: Callable[[Clip], Waveform],
    longest_s: float,
    progress: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
) -> None:
    """Writes clips as records, the long ones in pieces; damaged files are named.

    Args:
        clips: Of a set; divided into parts where none has one.
        writer: Where to.
        decode: Returns a clip's sound at `SAMPLE_RATE_HZ`.
        longest_s: Longest piece.
        progress: Told a line now and then.

    Raises:
        DataError: A clip is in no part, or more than a tenth of the files are damaged.
    """
    damaged: list[str] = []
    read = 0
    for clip in divided(clips):
        if clip.part not in PARTS:
            raise DataError(
                f"{clip.path} is in no part, though others of its set are; "
                "use train, valid, test"
            )
        read += 1
        try:
            waveform = decode(clip)
        except SoundArtError as error:
            damaged.append(str(clip.path))
            progress(f"left out: {error}")
            continue
        for piece in pieces(waveform, longest_s):
            sound = Sound.of(piece, clip.labels, clip.path.name, clip.group)
            writer.write(clip.part, sound)
        if read % 200 == 0:
            progress(f"recorded {read} clips")
    if len(damaged) > _MOST_DAMAGED * read:
        raise DataError(
            f"{len(damaged)} of {read} files are damaged, the first {damaged[0]}"
        )


def pieces(waveform: Waveform, longest_s: float) -> list[Waveform]:
    """Returns a sound cut into pieces, all as long but that of a shorter sound.

    What is left at the end is dropped.
    """
    count = max(1, int(waveform.duration_s / longest_s))
    return [
        waveform.cut(longest_s * number, longest_s * (number + 1))
        for number in range(count)
    ]


def paths(folder: Path, part: str) -> list[str]:
    """Returns the files of a part.

    Raises:
        DataError: There are none.
    """
    found = sorted(map(str, folder.glob(f"{part}-*.arrayrecord")))
    if not found:
        raise DataError(f"{folder} holds no records of part {part!r}")
    return found


def tally(folders: Sequence[Path], part: str) -> Mapping[str, Counter[str]]:
    """Returns how often each label occurs under each head.

    Raises:
        DataError: A folder was not written to its end.
    """
    counts: dict[str, Counter[str]] = {}
    for folder in folders:
        try:
            told = json.loads((folder / _TALLY).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(
                f"{folder} holds no whole set of records ({error}); write it again"
            ) from error
        for head, some in told.get(part, {}).items():
            counts.setdefault(head, Counter()).update(some)
    return counts
