"""A checkpoint's folder in the diffusers layout: its weights, settings and words."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jax.typing import DTypeLike

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints.spelling import arrange_part
from jaxsoundart.runtime import json_file
from jaxsoundart.runtime.layout import Tree, read_params
from jaxsoundart.runtime.stored import Tensors, open_weights


def find_weights(folder: Path) -> tuple[Path, ...]:
    """Returns the files that a part's weights lie in.

    The plain file comes before an index of several files, and both before variants
    such as `….fp16.safetensors`.

    Raises:
        ModelError: There are none, or only pickles, which can run code when read; or
            the index is damaged or names a file that is not there.
    """
    # A shard says its number behind a dash: it is reached by its index alone.
    files = [p for p in folder.glob("*.safetensors") if "-of-" not in p.name]
    indices = list(folder.glob("*.safetensors.index*.json"))
    if not files and not indices:
        pickles = sorted(folder.glob("*.bin")) + sorted(folder.glob("*.ckpt"))
        hint = f"; {pickles[0].name} is a pickle and is not read" if pickles else ""
        raise ModelError(f"{folder}: no .safetensors weights{hint}")
    found = min([*files, *indices], key=_preference)
    return _shards(found) if found in indices else (found,)


def _preference(path: Path) -> tuple[bool, bool, str]:
    name = path.name.replace(".safetensors", "").replace(".index", "")
    return "." in name.removesuffix(".json"), path.suffix == ".json", path.name


def _shards(index: Path) -> tuple[Path, ...]:
    weight_map = read_config(index.parent, index.name).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ModelError(f"{index} says not which file holds which tensor")
    files = tuple(index.parent / name for name in sorted(set(weight_map.values())))
    if absent := [file.name for file in files if not file.is_file()]:
        raise ModelError(f"{index.parent}: {absent[0]} is missing; fetch it again")
    return files


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """Reads a part's JSON settings.

    Raises:
        ModelError: The file is missing or no JSON object.
    """
    return json_file.read_object(
        folder / name,
        wanted="a Stable Diffusion folder in the diffusers layout (model_index.json "
        "and a folder for each part)",
    )


def open_params(files: Sequence[Path], like: Tree) -> Tree:
    """Returns a part's weights in the shape of `like`, still unread.

    Args:
        files: Safetensors files with published names, one or its shards.
        like: The part's parameters, arrays or `jax.ShapeDtypeStruct`.

    Raises:
        ModelError: A file is damaged; a name is missing or unexpected; a shape
            differs. The message names what.
    """
    tensors: Tensors = {}
    for file in files:
        tensors |= open_weights(file)
    source = files[0] if len(files) == 1 else files[0].parent
    return arrange_part(tensors, like, str(source))


def load_params(files: Sequence[Path], like: Tree, dtype: DTypeLike) -> Tree:
    """Reads a part's weights into the shape of `like`.

    Args:
        files: Safetensors files with published names, one or its shards.
        like: The part's parameters, arrays or `jax.ShapeDtypeStruct`.
        dtype: What the weights are cast to.

    Raises:
        ModelError: As `open_params` and `read_params`.
    """
    return read_params(open_params(files, like), dtype)


def read_words(path: Path) -> list[str]:
    """Reads the words a small painter knows.

    Raises:
        ModelError: The file is no JSON list of words.
    """
    try:
        words = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} is no JSON: {error}") from None
    if not isinstance(words, list):
        raise ModelError(f"{path} holds no list of words")
    return words
