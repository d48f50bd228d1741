"""What happened in a run, one JSON object a line, in `logbook.jsonl` of its folder."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import jax


class Logbook:
    """Writes scalars; on process 0 only, so that many hosts share one folder.

    Example:
        >>> Logbook("run").write(step=100, loss=1.25)               # doctest: +SKIP
    """

    def __init__(self, folder: str | Path):
        """Opens `folder`/logbook.jsonl to append; a resumed run goes on below."""
        self.path = Path(folder) / "logbook.jsonl"
        self._start_s = time.monotonic()
        if jax.process_index() == 0:
            self.path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, *, step: int, **values: object) -> None:
        """Appends one line: the step, seconds since opening, and `values`.

        A value may be anything JSON knows, a zero-dimensional array, or a mapping of
        such; fetching an array waits for the device, so log on log steps only.
        """
        if jax.process_index() != 0:
            return
        line = {"step": step, "elapsed_s": round(time.monotonic() - self._start_s, 3)}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | _plain(values)) + "\n")


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """Returns `values` with arrays as numbers."""
    plain: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            plain[name] = _plain(value)
        else:
            plain[name] = value.item() if hasattr(value, "item") else value  # type: ignore[attr-defined]
    return plain
