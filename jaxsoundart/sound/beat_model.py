"""The bundled network of beats, bars and drops: opened once, run on whole songs."""

import dataclasses
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime import json_file
from jaxsoundart.runtime.layout import arrange, read_params, save_params
from jaxsoundart.runtime.modules import run
from jaxsoundart.runtime.stored import open_weights
from jaxsoundart.sound import beat_network
from jaxsoundart.sound.beat_network import BeatConfig, BeatNetwork

_BUNDLED = Path(__file__).parent.parent / "models" / "beats"
_WEIGHTS, _CONFIG = "model.safetensors", "config.json"
_MODEL_TYPE = "jaxsoundart beats"
_SHORTEST_FRAMES = 2048


@dataclass(frozen=True)
class BeatModel:
    """A trained network.

    Attributes:
        config: What it is made of.
        params: Its parameters.
    """

    config: BeatConfig
    params: Any

    def events(
        self, mels: Float[np.ndarray, "frames mels"]
    ) -> Float32[np.ndarray, "frames 3"]:
        """Returns the logit of each of `beat_network.EVENTS` for each frame of a song.

        Args:
            mels: Power in mel bands.
        """
        levels = beat_network.features(mels)
        # Silence up to a power of two: songs of any length share a few programs.
        frames = max(_SHORTEST_FRAMES, 2 ** int(np.ceil(np.log2(max(len(levels), 1)))))
        padded = np.pad(levels, ((0, frames - len(levels)), (0, 0)))
        return np.asarray(_run(self.config, self.params, padded)[: len(levels)])

    def save(self, folder: Path) -> None:
        """Writes config and weights, in float16."""
        told = {"model_type": _MODEL_TYPE, **dataclasses.asdict(self.config)}
        json_file.write(folder / _CONFIG, told)
        save_params(folder / _WEIGHTS, self.params, np.float16)

    @classmethod
    def load(cls, folder: Path = _BUNDLED) -> "BeatModel":
        """Returns the model in a folder.

        Raises:
            ModelError: A file is missing or damaged, or the weights are not those that
                the config asks for.
        """
        path, weights = folder / _CONFIG, folder / _WEIGHTS
        told = json_file.read_object(path, wanted=f"a folder with {_WEIGHTS}")
        try:
            if told.pop("model_type") != _MODEL_TYPE:
                raise ValueError("of another kind")
            config = BeatConfig(**told)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{path} is not as it is to be ({error})") from error
        shapes = jax.eval_shape(
            BeatNetwork(config).init,
            jax.random.key(0),
            jnp.zeros((1, 1, config.num_mels)),
        )["params"]
        stored = arrange(open_weights(weights), shapes, str(weights))
        return cls(config, read_params(stored, np.float32))


@cache
def bundled() -> BeatModel:
    """Returns the model that the package is shipped with.

    Raises:
        ModelError: It is missing or damaged.
    """
    return BeatModel.load()


@partial(jax.jit, static_argnames="config")
def _run(
    config: BeatConfig, params: Any, levels: Float[Array, "frames mels"]
) -> Float[Array, "frames 3"]:
    return run(BeatNetwork(config), params, levels[None])[0]
