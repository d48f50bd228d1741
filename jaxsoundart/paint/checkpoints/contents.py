"""What a checkpoint holds, whether it lies in a folder or in one file."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints import checkpoint, single_file
from jaxsoundart.paint.checkpoints.card import licence_of
from jaxsoundart.paint.checkpoints.folder import PARTS, UPSCALER, locate
from jaxsoundart.paint.networks.config import TextConfig
from jaxsoundart.paint.settings import parse
from jaxsoundart.paint.words.tokenizer import PromptTokenizer
from jaxsoundart.runtime.stored import Tensors, open_weights, read_metadata

_TOKENIZER = "openai/clip-vit-large-patch14"
# Where the specification of metadata in single files has it.
_LICENCE = "modelspec.license"


@dataclass(frozen=True)
class Contents:
    """A checkpoint, its weights unread.

    Attributes:
        source: What messages call it.
        index: As in `model_index.json`.
        configs: Each part's settings, and the scheduler's.
        tensors: Each part's weights by published name, unread.
        tokenizers: For each text encoder, from its folder.
        files: Whose bytes decide what is painted.
        words: What a small painter knows.
        licence: Of the weights, if a card or the file says it.
    """

    source: str
    index: Mapping[str, Any]
    configs: Mapping[str, Mapping[str, Any]]
    tensors: Mapping[str, Tensors]
    tokenizers: Mapping[str, PromptTokenizer]
    files: tuple[Path, ...]
    words: frozenset[str] | None = None
    licence: str | None = None


def open_folder(folder: Path) -> Contents:
    """Opens the diffusers layout.

    Raises:
        ModelError: A file is missing or damaged, or it is no Stable Diffusion.
    """
    index = checkpoint.read_config(folder, "model_index.json")
    parts = [part for part in PARTS if index.get(part, [None])[0] is not None]
    # No part that diffusers knows of: its index may not name it.
    if (folder / UPSCALER).is_dir():
        parts.append(UPSCALER)
    if missing := {"text_encoder", "unet", "vae"} - set(parts):
        raise ModelError(
            f"{folder}: model_index.json names no {', '.join(sorted(missing))}; wanted "
            "a Stable Diffusion"
        )
    configs: dict[str, Mapping[str, Any]] = {
        part: checkpoint.read_config(folder / part, "config.json") for part in parts
    }
    scheduler = folder / "scheduler" / "scheduler_config.json"
    configs["scheduler"] = checkpoint.read_config(scheduler.parent, scheduler.name)
    files = {part: checkpoint.find_weights(folder / part) for part in parts}
    words = folder / "words.json"
    return Contents(
        source=str(folder),
        index=index,
        configs=configs,
        tensors={part: _tensors(found) for part, found in files.items()},
        tokenizers={
            part: PromptTokenizer.load(
                folder / part.replace("text_encoder", "tokenizer"),
                length=_length(configs[part], str(folder)),
            )
            for part in parts
            if part.startswith("text_encoder")
        },
        files=(*(file for found in files.values() for file in found), scheduler),
        words=frozenset(checkpoint.read_words(words)) if words.exists() else None,
        licence=licence_of(folder),
    )


def open_file(file: Path, prediction_type: str | None) -> Contents:
    """Opens the original layout; such files hold no tokenizer: all have CLIP's.

    Args:
        file: The checkpoint.
        prediction_type: Of the U-Net, where it is not its family's.

    Raises:
        ModelError: It is damaged or of another kind, or there is no tokenizer.
    """
    single = single_file.open_single_file(file, prediction_type)
    beside = file.parent / "tokenizer"
    folder = beside if beside.is_dir() else locate(_TOKENIZER, what="tokenizer")
    tokenizers = {}
    for part, config in single.configs.items():
        if not part.startswith("text_encoder"):
            continue
        tokenizer = PromptTokenizer.load(folder, length=_length(config, str(file)))
        pad = config.get("pad_token_id", tokenizer.end)
        tokenizers[part] = dataclasses.replace(tokenizer, pad=pad)
    return Contents(
        source=str(file),
        index={"_class_name": single.pipeline},
        configs=single.configs,
        tensors=single.tensors,
        tokenizers=tokenizers,
        files=(file,),
        licence=read_metadata(file).get(_LICENCE),
    )


def with_vae(contents: Contents, folder: Path) -> Contents:
    """Returns a checkpoint with the VAE of a folder in place of its own.

    Raises:
        ModelError: There is none, or it is damaged.
    """
    folder = folder / "vae" if (folder / "vae").is_dir() else folder
    files = checkpoint.find_weights(folder)
    config = checkpoint.read_config(folder, "config.json")
    return dataclasses.replace(
        contents,
        configs={**contents.configs, "vae": config},
        tensors={**contents.tensors, "vae": _tensors(files)},
        files=(*contents.files, *files),
    )


def _tensors(files: Sequence[Path]) -> Tensors:
    tensors: Tensors = {}
    for file in files:
        tensors |= open_weights(file)
    return tensors


def _length(config: Mapping[str, Any], source: str) -> int:
    return parse(TextConfig, config, source).max_position_embeddings


def digest(contents: Contents, loras: Sequence[tuple[Path, float]]) -> str:
    """Returns the SHA-256 of all that decides what is painted.

    Raises:
        ModelError: A file cannot be read.
    """
    total = hashlib.sha256()
    for path in (*contents.files, *(file for file, _ in loras)):
        try:
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise ModelError(f"{path}: not readable ({error.strerror})") from None
    for _, weight in loras:
        total.update(repr(float(weight)).encode())
    return total.hexdigest()
