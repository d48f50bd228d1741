"""Weights in the diffusers folder layout ⇄ parameter trees; strict both ways.

The one place that transposes: PyTorch keeps kernels as (out, in, height, width) and
matrices as (out, in), Flax as (height, width, in, out) and (in, out).

Names need no table. A parameter's path in our tree *is* its published name, except that
Flax joins a list's index by `_` where PyTorch writes `.`, and that Flax says kernel,
scale or embedding where PyTorch says weight.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from jaxsoundart.errors import ModelError

_LISTS = (
    "down_blocks|up_blocks|resnets|attentions|downsamplers|upsamplers|"
    "transformer_blocks|net|to_out|layers"
)
_INDEXED = re.compile(rf"^({_LISTS})_(\d+)$")

# Published text encoders have this prefix, those saved by transformers 5 do not.
_TEXT_PREFIX = "text_model."

# Buffers that old text encoders carry and nobody needs.
_IGNORED = ("embeddings.position_ids",)

Tree = Mapping[str, Any]


def published_name(path: tuple[str, ...]) -> str:
    """Returns the PyTorch name of the parameter at `path` in our tree."""
    *modules, leaf = path
    parts = [_INDEXED.sub(r"\1.\2", module) for module in modules]
    return ".".join([*parts, "bias" if leaf == "bias" else "weight"])


def _to_published(array: np.ndarray, leaf: str) -> np.ndarray:
    if leaf == "kernel":
        array = array.transpose((3, 2, 0, 1) if array.ndim == 4 else (1, 0))
    return np.ascontiguousarray(array)


def _to_ours(array: np.ndarray, leaf: str) -> np.ndarray:
    if leaf == "kernel" and array.ndim in (2, 4):
        return array.transpose((2, 3, 1, 0) if array.ndim == 4 else (1, 0))
    return array


def _paths(tree: Tree) -> list[tuple[tuple[str, ...], Any]]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return [(tuple(str(key.key) for key in path), leaf) for path, leaf in leaves]


def find_weights(folder: Path) -> Path:
    """Returns a part's weights file.

    Raises:
        ModelError: There is none, or only pickles, which can run code when read.
    """
    found = sorted(folder.glob("*.safetensors"))
    # Prefer the plain file to variants such as `….fp16.safetensors`.
    plain = [path for path in found if path.name.count(".") == 1]
    if not found:
        pickles = [p.name for p in folder.glob("*") if p.suffix in (".bin", ".ckpt")]
        hint = f"; {pickles[0]} is a pickle and is not read" if pickles else ""
        raise ModelError(f"{folder}: no .safetensors weights{hint}")
    return (plain or found)[0]


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """Reads a part's JSON settings.

    Raises:
        ModelError: The file is missing or no JSON object.
    """
    path = folder / name
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError:
        raise ModelError(
            f"{path} is missing; wanted a Stable Diffusion folder in the diffusers "
            "layout (model_index.json and a folder for each part)"
        ) from None
    except ValueError as error:
        raise ModelError(f"{path} is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds no JSON object")
    return content


def load_params(file: Path, like: Tree, dtype: DTypeLike) -> Tree:
    """Reads a part's weights into the shape of `like`.

    Args:
        file: A safetensors file with published names.
        like: The part's parameters, arrays or `jax.ShapeDtypeStruct`.
        dtype: What the weights are cast to.

    Raises:
        ModelError: The file is damaged; a name is missing or unexpected; a shape
            differs; a value is not finite. The message names what.
    """
    wanted = {
        published_name(path).removeprefix(_TEXT_PREFIX): (path, leaf)
        for path, leaf in _paths(like)
    }
    params: dict[str, Any] = {}
    try:
        with safe_open(file, framework="numpy") as source:
            # safe_open is no mapping: only `keys` lists its names.
            stored = source.keys()
            names = {name.removeprefix(_TEXT_PREFIX): name for name in stored}
            _compare_names(file, names.keys() - set(_IGNORED), set(wanted))
            for name, (path, leaf) in wanted.items():
                array = _to_ours(source.get_tensor(names[name]), path[-1])
                if array.shape != leaf.shape:
                    raise ModelError(
                        f"{file}: {name} has shape {array.shape} (in our order), "
                        f"wanted {leaf.shape}"
                    )
                if not np.isfinite(array).all():
                    raise ModelError(f"{file}: {name} holds values that are not finite")
                _put(params, path, jnp.asarray(array, dtype))
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"{file}: not readable as safetensors ({error}); fetch the file again"
        ) from error
    return params


def _put(tree: dict[str, Any], path: tuple[str, ...], leaf: Any) -> None:
    for module in path[:-1]:
        tree = tree.setdefault(module, {})
    tree[path[-1]] = leaf


def _compare_names(file: Path, there: set[str], wanted: set[str]) -> None:
    def some(names: set[str]) -> str:
        shown = ", ".join(sorted(names)[:4])
        return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown

    faults = []
    if missing := wanted - there:
        faults.append(f"missing {some(missing)}")
    if extra := there - wanted:
        faults.append(f"unexpected {some(extra)}")
    if faults:
        raise ModelError(f"{file} does not fit its config: {'; '.join(faults)}")


def save_params(file: Path, params: Tree, dtype: DTypeLike) -> None:
    """Writes parameters under their published names."""
    tensors = {
        published_name(path): _to_published(np.asarray(leaf, dtype), path[-1])
        for path, leaf in _paths(params)
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, file, metadata={"format": "pt"})


def write_json(path: Path, content: Any) -> None:
    """Writes settings, or words, as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


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
