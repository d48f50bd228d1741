"""Opens a listener of any kind by what its config says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jaxsoundart.errors import ModelError
from jaxsoundart.listen import ear_file, ensemble, transformer_listener
from jaxsoundart.listen.ear import Ear
from jaxsoundart.listen.ear_listener import EarListener
from jaxsoundart.listen.ensemble import Ensemble
from jaxsoundart.listen.hub import locate
from jaxsoundart.listen.listener import Listener
from jaxsoundart.listen.transformer_listener import TransformerListener
from jaxsoundart.runtime.json_file import read_object


def open_listener(listener: str | Path = "bundled") -> Ear:
    """Returns a listener from "bundled", a folder, or a hub repository's id.

    Raises:
        ModelError: If there is no such listener, or it is incomplete or damaged.
    """
    folder = locate(listener)
    # A hub's snapshot lies in a folder that is named by its commit.
    name = folder.name if Path(listener).is_dir() else str(listener)
    return _open(folder, name)


def _open(folder: Path, name: str) -> Ear:
    config = _config(folder / "config.json")
    match config.get("model_type"):
        case ensemble.MODEL_TYPE:
            return _open_ensemble(folder, config)
        case ear_file.MODEL_TYPE:
            return EarListener.load(folder)
        case transformer_listener.MODEL_TYPE:
            return TransformerListener.load(folder, name=name)
        case _:
            return Listener.load(folder)


def _open_ensemble(folder: Path, config: Mapping[str, Any]) -> Ensemble:
    """Returns the listeners in the sub-folders that are named, as one."""
    parts, about = config.get("parts"), config.get("about", {})
    if not (isinstance(parts, list) and parts and isinstance(about, dict)):
        raise ModelError(
            f"{folder / 'config.json'} names no parts; wanted the folders of listeners"
        )
    for part in parts:
        # Nothing outside of the folder, whatever a downloaded config says.
        if not isinstance(part, str) or part in ("", "..") or Path(part).name != part:
            raise ModelError(f"{folder}: {part!r} is no name of a part's folder")
        if _config(folder / part / "config.json").get("model_type") == (
            ensemble.MODEL_TYPE
        ):
            raise ModelError(f"{folder / part} is an ensemble within an ensemble")
    return Ensemble([_open(folder / part, part) for part in parts], about)


def _config(path: Path) -> Mapping[str, Any]:
    """Returns the config; whatever is wrong is told by who reads it all."""
    try:
        return read_object(path, wanted="a listener")
    except ModelError:
        return {}
