"""JSON files beside weights: settings and vocabularies."""

import json
from pathlib import Path
from typing import Any

from jaxsoundart.errors import ModelError


def read_object(path: Path, *, wanted: str) -> dict[str, Any]:
    """Returns the object in a JSON file.

    Args:
        path: The file.
        wanted: What a folder with such a file is, for a message where it is missing.

    Raises:
        ModelError: The file is missing, no JSON, or holds something else.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path} is missing; wanted {wanted}") from None
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}); wanted {wanted}"
        ) from None
    except ValueError as error:
        raise ModelError(
            f"{path} is no JSON: {error}; export or fetch it again"
        ) from None
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds no JSON object; wanted {wanted}")
    return content


def write(path: Path, content: Any) -> None:
    """Writes JSON, and the file's folder if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")
