"""An ear on disk: `model.safetensors` and `config.json` in one folder."""

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxsoundart.errors import ModelError
from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.mel_network import MelConfig
from jaxsoundart.listen.networks import NetworkConfig, network
from jaxsoundart.listen.wave_network import WaveConfig
from jaxsoundart.runtime import json_file
from jaxsoundart.runtime.layout import arrange, read_params, save_params
from jaxsoundart.runtime.stored import open_weights

MODEL_TYPE = "jaxsoundart ear"

_WEIGHTS, _CONFIG = "model.safetensors", "config.json"
_KINDS: Mapping[str, type[NetworkConfig]] = {"mel": MelConfig, "wave": WaveConfig}


@dataclass(frozen=True, kw_only=True)
class EarFile:
    """What a folder holds.

    Attributes:
        name: What the ear is called.
        config: What its network is made of.
        heads: What it is asked, calibrated.
        window_s: Length of the sounds it learnt from.
        params: Its parameters.
    """

    name: str
    config: NetworkConfig
    heads: tuple[Head, ...]
    window_s: float
    params: Any


def write(folder: Path, ear: EarFile) -> None:
    """Writes an ear, its weights in float16."""
    kind = next(name for name, kind in _KINDS.items() if isinstance(ear.config, kind))
    told = {
        "model_type": MODEL_TYPE,
        "name": ear.name,
        "network": {"kind": kind, **dataclasses.asdict(ear.config)},
        "heads": [dataclasses.asdict(head) for head in ear.heads],
        "window_s": ear.window_s,
    }
    json_file.write(folder / _CONFIG, told)
    save_params(folder / _WEIGHTS, ear.params, np.float16)


def read(folder: Path) -> EarFile:
    """Returns the ear in a folder, its name with the first digits of its weights' hash.

    Raises:
        ModelError: A file is missing or damaged, or the weights are not those that the
            config asks for.
    """
    path, weights = folder / _CONFIG, folder / _WEIGHTS
    told = json_file.read_object(path, wanted=f"an ear's folder with {_WEIGHTS}")
    try:
        settings = dict(told["network"])
        config = _KINDS[settings.pop("kind")](**_tuples(settings))
        heads = tuple(Head(**_tuples(head)) for head in told["heads"])
        name, window_s = str(told["name"]), float(told["window_s"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path} is not as an ear's config is ({error}); export or fetch it again"
        ) from error
    shapes = jax.eval_shape(
        network(config, heads).init,
        jax.random.key(0),
        jnp.zeros((1, config.least_samples)),
    )["params"]
    stored = arrange(open_weights(weights), shapes, str(weights))
    with weights.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()[:8]
    return EarFile(
        name=f"{name}@{digest}",
        config=config,
        heads=heads,
        window_s=window_s,
        params=read_params(stored, np.float32),
    )


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns fields with JSON's lists as the tuples that configs hold."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in fields.items()
    }
