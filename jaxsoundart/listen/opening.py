"""Opens a listener of any kind by what its config says."""

from pathlib import Path

from jaxsoundart.errors import ModelError
from jaxsoundart.listen import ear_file, transformer_listener
from jaxsoundart.listen.ear_listener import EarListener
from jaxsoundart.listen.hub import locate
from jaxsoundart.listen.listener import Listener
from jaxsoundart.listen.transformer_listener import TransformerListener
from jaxsoundart.runtime.json_file import read_object

Ear = Listener | EarListener | TransformerListener
"""Any listener: it has an `id` and can `hear` the excerpts of a song."""


def open_listener(listener: str | Path = "bundled") -> Ear:
    """Returns a listener from "bundled", a folder, or a hub repository's id.

    Raises:
        ModelError: If there is no such listener, or it is incomplete or damaged.
    """
    folder = locate(listener)
    model_type = _model_type(folder / "config.json")
    if model_type == ear_file.MODEL_TYPE:
        return EarListener.load(folder)
    if model_type == transformer_listener.MODEL_TYPE:
        # A hub's snapshot lies in a folder that is named by its commit.
        name = folder.name if Path(listener).is_dir() else str(listener)
        return TransformerListener.load(folder, name=name)
    return Listener.load(folder)


def _model_type(path: Path) -> str | None:
    """Returns the kind of network; whatever is wrong is told by who reads it all."""
    try:
        return read_object(path, wanted="a listener").get("model_type")
    except ModelError:
        return None
