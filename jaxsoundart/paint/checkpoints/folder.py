"""Where a checkpoint lies: bundled, in a folder or a file, or on the hub."""

from importlib import resources
from pathlib import Path

from jaxsoundart.errors import ModelError

BUNDLED = "bundled"

PARTS = ("text_encoder", "text_encoder_2", "unet", "vae")
"""The folders that may hold weights, as diffusers names them."""

UPSCALER = "upscaler"
"""Another such folder, which diffusers passes over."""

# What a painter needs of a repository, and its card, for the licence. Not asked for:
# safety checkers, weights in other formats, and whole checkpoints in one file that lie
# beside the folders.
_SETTINGS = ["*.json", "*/*.json", "*/merges.txt", "README.md"]
_WEIGHTS = [
    f"{folder}{name}"
    for folder in ("", *(f"{part}/" for part in (*PARTS, UPSCALER)))
    for name in (
        "model.safetensors",
        "model-*-of-*.safetensors",
        "diffusion_pytorch_model.safetensors",
        "diffusion_pytorch_model-*-of-*.safetensors",
    )
]
_HALVES = [name.replace(".safetensors", ".fp16.safetensors") for name in _WEIGHTS]


def locate(id: str | Path, *, what: str = "painter") -> Path:
    """Returns the folder or file of a checkpoint, fetched from the hub if need be.

    A hub repository is named owner/name, or owner/name@revision: a branch, a tag or a
    commit. Without a network, or with HF_HUB_OFFLINE=1, what was fetched before is
    taken.

    Args:
        id: "bundled", a folder, a `.safetensors` file or a hub repository.
        what: What messages call it.

    Raises:
        ModelError: It is none of these, or not to be had from the hub.
    """
    if id == BUNDLED:
        return Path(str(resources.files("jaxsoundart").joinpath("models/painter")))
    if Path(id).exists():
        return Path(id)
    name, _, revision = str(id).partition("@")
    is_path = name.startswith((".", "/", "~")) or Path(name).suffix in _FILES
    if name.count("/") != 1 or is_path:
        raise ModelError(
            f"{what} {str(id)!r} is unknown; wanted 'bundled', a folder, a "
            ".safetensors file, or a hub repository id such as owner/name or "
            "owner/name@revision"
        )
    return _fetch(name, revision or None, what)


_FILES = {".safetensors", ".ckpt", ".bin", ".pt"}


def _fetch(name: str, revision: str | None, what: str) -> Path:
    # Imported here: the hub client takes half a second, and most covers need none.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        wanted = [*_SETTINGS, *_WEIGHTS]
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=wanted))
        if not any(folder.glob("**/*.safetensors")):
            # Some repositories hold weights of half the precision only.
            snapshot_download(name, revision=revision, allow_patterns=_HALVES)
    except (OSError, HfHubHTTPError, LocalEntryNotFoundError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"{what} {name!r} is no folder and could not be fetched: {reason}"
        ) from error
    return folder
