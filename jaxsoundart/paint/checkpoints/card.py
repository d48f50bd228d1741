"""What a model card says of the weights' licence.

Source: Hugging Face's model cards, whose front matter is YAML with a key `license`.
"""

import re
from pathlib import Path

# One line of YAML, quoted or not; what is longer than a line is a list of several.
_LICENCE = re.compile(r"^license:[ \t]*[\"']?([^\s\"'\[][^\"'\n]*?)[\"']?[ \t]*$", re.M)


def licence_of(folder: Path) -> str | None:
    """Returns the licence that the card in a folder names; None if none is named.

    Example:
        "creativeml-openrail-m"
    """
    try:
        text = (folder / "README.md").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    parts = text.split("---\n", 2)
    if len(parts) < 3 or parts[0]:
        return None
    found = _LICENCE.search(parts[1])
    return None if found is None else found[1]
