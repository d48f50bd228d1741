"""Where a listener lies: with the package, in a folder, or in a hub repository."""

import re
from pathlib import Path

from jaxsoundart.errors import ModelError

_BUNDLED = Path(__file__).parent.parent / "models" / "listener"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def locate(listener: str | Path) -> Path:
    """Returns the folder of "bundled", of a folder, or of a hub repository's id.

    The hub is asked only for an id that is no folder, and not at all where
    HF_HUB_OFFLINE is set: then only what was downloaded before is used.

    Raises:
        ModelError: If there is no such listener.
    """
    folder = _BUNDLED if str(listener) == "bundled" else Path(listener)
    return folder if folder.is_dir() else _download(str(listener))


def _download(repository: str) -> Path:
    """Returns the folder of a hub repository's snapshot, downloaded where needed."""
    if not _HUB_ID.fullmatch(repository):
        raise ModelError(
            f"listener {repository!r} is neither 'bundled', a folder, nor a hub"
            " repository's id like owner/name"
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(repository, allow_patterns=["*.safetensors", "*.json"])
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"listener {repository} is no folder here and cannot be had from the hub:"
            f" {reason}"
        ) from error
