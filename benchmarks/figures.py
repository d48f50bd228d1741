"""Figures in documents, between marks, so that a command can write them anew."""

import re
from pathlib import Path

_MARKS = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)


def put(document: Path, text: str) -> None:
    """Puts figures in place of those between the document's marks."""
    before = document.read_text("utf-8")
    after, count = _MARKS.subn(lambda m: f"{m[1]}\n{text}\n\n{m[2]}", before)
    assert count == 1, f"{document}: {count} places for figures"
    document.write_text(after, "utf-8")
