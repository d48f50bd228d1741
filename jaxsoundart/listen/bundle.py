"""A listener on disk: `weights.safetensors` and `config.json` in one folder.

The weights hold every number the hearing depends on (network, standardisation,
temperature), so that their hash names what was heard with; the config says what the
numbers mean. Strict: what is missing, too many or of another shape is named.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from jaxsoundart.errors import ModelError
from jaxsoundart.listen.features import COLUMNS
from jaxsoundart.runtime.json_file import read_object

_FORMAT = "jaxsoundart listener 1"
_WEIGHTS, _CONFIG = "weights.safetensors", "config.json"
_WANTED = f"a listener, a folder with {_WEIGHTS} and {_CONFIG}"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What a listener is made of.

    Attributes:
        name: What the listener is called.
        head: What its labels are of ("genre").
        labels: What it tells apart, in the order of its logits.
        hidden: Units of each hidden layer.
        tensors: `hidden_0.kernel`, …, `output.bias`; `features.mean` and
            `features.std`, which standardise the features; `temperature`, which
            divides the logits.
    """

    name: str
    head: str
    labels: tuple[str, ...]
    hidden: tuple[int, ...]
    tensors: dict[str, Float[np.ndarray, "..."]]

    def __post_init__(self) -> None:
        """Checks that the tensors are those that the other fields ask for."""
        wanted = self._shapes()
        got = {name: tensor.shape for name, tensor in self.tensors.items()}
        faults = [f"missing {name}" for name in sorted(wanted.keys() - got.keys())]
        faults += [f"unexpected {name}" for name in sorted(got.keys() - wanted.keys())]
        faults += [
            f"{name} is {list(got[name])}, wanted {list(wanted[name])}"
            for name in sorted(wanted.keys() & got.keys())
            if got[name] != wanted[name]
        ]
        faults += [
            f"{name} holds values that are no numbers"
            for name in sorted(got)
            if not np.isfinite(self.tensors[name]).all()
        ]
        if faults:
            raise ModelError(f"listener {self.name}: {'; '.join(faults)}")

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        widths = (len(COLUMNS), *self.hidden, len(self.labels))
        names = [*(f"hidden_{i}" for i in range(len(self.hidden))), "output"]
        shapes: dict[str, tuple[int, ...]] = {
            "features.mean": (len(COLUMNS),),
            "features.std": (len(COLUMNS),),
            "temperature": (),
        }
        for i, name in enumerate(names):
            shapes[f"{name}.kernel"] = widths[i : i + 2]
            shapes[f"{name}.bias"] = widths[i + 1 : i + 2]
        return shapes


def write(folder: str | Path, bundle: Bundle) -> None:
    """Writes a bundle into `folder`, made if missing; each file whole or not at all."""
    from safetensors.numpy import save

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "format": _FORMAT,
        "name": bundle.name,
        "head": bundle.head,
        "labels": bundle.labels,
        "hidden": bundle.hidden,
        "columns": COLUMNS,
    }
    float32 = {k: np.asarray(v, np.float32) for k, v in bundle.tensors.items()}
    _write_whole(folder / _WEIGHTS, save(float32))
    _write_whole(folder / _CONFIG, (json.dumps(config, indent=1) + "\n").encode())


def read(folder: str | Path) -> tuple[Bundle, str]:
    """Returns the bundle in `folder` and the first 8 digits of its weights' SHA-256.

    Raises:
        ModelError: If a file is missing or damaged, or the tensors are not those that
            the config asks for.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    folder = Path(folder)
    try:
        data = (folder / _WEIGHTS).read_bytes()
        tensors = load(data)
    except OSError as error:
        raise ModelError(
            f"{folder / _WEIGHTS} cannot be read ({error.strerror}); wanted {_WANTED}"
        ) from error
    except (SafetensorError, KeyError, ValueError) as error:
        raise ModelError(
            f"{folder / _WEIGHTS} is damaged or no safetensors file;"
            " export or download it again"
        ) from error
    config = _read_config(folder / _CONFIG)
    bundle = Bundle(
        name=config["name"],
        head=config["head"],
        labels=tuple(config["labels"]),
        hidden=tuple(config["hidden"]),
        tensors=tensors,
    )
    return bundle, hashlib.sha256(data).hexdigest()[:8]


def _read_config(path: Path) -> dict:
    """Returns a config whose fields are there and of the right kinds."""
    config = read_object(path, wanted=_WANTED)
    if config.get("format") != _FORMAT:
        raise ModelError(
            f"{path} does not say format {_FORMAT!r}: no listener's config"
        )
    texts = [config.get("name"), config.get("head")]
    lists = [config.get("labels"), config.get("hidden"), config.get("columns")]
    if not all(isinstance(t, str) for t in texts) or not all(
        isinstance(entries, list) for entries in lists
    ):
        raise ModelError(f"{path} lacks name, head, labels, hidden or columns")
    if tuple(config["columns"]) != COLUMNS:
        raise ModelError(
            f"{path} is of a listener with other features"
            f" ({len(config['columns'])} columns, here {len(COLUMNS)}); train it again"
        )
    return config


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
