"""Opens a listener of any kind by what its config says."""

import json
from pathlib import Path

from jaxsoundart.listen.hub import locate
from jaxsoundart.listen.listener import Listener
from jaxsoundart.listen.transformer_listener import MODEL_TYPE, TransformerListener

Ear = Listener | TransformerListener
"""Any listener: it has an `id` and can `hear` the excerpts of a song."""


def open_listener(listener: str | Path = "bundled") -> Ear:
    """Returns a listener from "bundled", a folder, or a hub repository's id.

    Raises:
        ModelError: If there is no such listener, or it is incomplete or damaged.
    """
    folder = locate(listener)
    if _model_type(folder / "config.json") == MODEL_TYPE:
        # A hub's snapshot lies in a folder that is named by its commit.
        name = folder.name if Path(listener).is_dir() else str(listener)
        return TransformerListener.load(folder, name=name)
    return Listener.load(folder)


def _model_type(path: Path) -> str | None:
    """Returns the kind of network; whatever is wrong is told by who reads it all."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return content.get("model_type") if isinstance(content, dict) else None
