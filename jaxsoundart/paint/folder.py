"""Where a checkpoint lies: bundled, in a folder, or on the hub."""

from importlib import resources
from pathlib import Path

from jaxsoundart.errors import ModelError

BUNDLED = "bundled"

WEIGHTS = {
    "text_encoder": "model.safetensors",
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
}
"""The parts with weights, and their files in the diffusers layout."""

_PATTERNS = [
    "*.json",
    "*/*.json",
    "tokenizer/merges.txt",
    *(f"{part}/{file}" for part, file in WEIGHTS.items()),
]


def locate(id: str | Path) -> Path:
    """Returns the folder of a checkpoint, fetched from the hub if need be.

    Raises:
        ModelError: It is neither bundled, nor a folder, nor to be had from the hub.
    """
    if id == BUNDLED:
        return Path(str(resources.files("jaxsoundart").joinpath("models/painter")))
    if Path(id).is_dir():
        return Path(id)
    if str(id).count("/") != 1 or str(id).startswith((".", "/", "~")):
        raise ModelError(
            f"painter {str(id)!r} is unknown; wanted 'bundled', a folder, or a hub "
            "repository id such as owner/name"
        )
    # Imported here: the hub client takes half a second, and most covers need none.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(str(id), allow_patterns=_PATTERNS))
    except (OSError, HfHubHTTPError, LocalEntryNotFoundError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"painter {str(id)!r} is no folder and could not be fetched: {reason}"
        ) from error
