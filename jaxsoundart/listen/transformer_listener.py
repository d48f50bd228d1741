"""A listener with AudioSet's 527 classes: an Audio Spectrogram Transformer's folder."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxsoundart.errors import ModelError
from jaxsoundart.listen import audioset
from jaxsoundart.listen.heard import Heard
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.listen.spectrogram_transformer import (
    CLASSES,
    SpectrogramTransformer,
    TransformerConfig,
    read_config,
)
from jaxsoundart.listen.windows import windows
from jaxsoundart.runtime.json_file import read_object
from jaxsoundart.runtime.layout import arrange, read_params
from jaxsoundart.runtime.modules import run
from jaxsoundart.runtime.stored import open_weights
from jaxsoundart.sound import kaldi
from jaxsoundart.sound.resampling import resample
from jaxsoundart.sound.waveform import Excerpt, Traits, Waveform

MODEL_TYPE = "audio-spectrogram-transformer"
_WEIGHTS = "model.safetensors"
_WANTED = "the folder of an Audio Spectrogram Transformer"


@dataclass(frozen=True)
class Standardisation:
    """What features lose and are divided by, twice; AudioSet's unless told.

    Attributes:
        mean: Of the log-mel features.
        std: Of the same.
    """

    mean: float = -4.2677393
    std: float = 4.5689974


class TransformerListener:
    """A trained network whose classes are AudioSet's.

    Attributes:
        id: Name and first digits of the weights' hash.
        config: What the network is made of.
        params: Its parameters.
        standard: How its features are standardised.
    """

    def __init__(
        self, id: str, config: TransformerConfig, params: Any, standard: Standardisation
    ):
        self.id = id
        self.config = config
        self.params = params
        self.standard = standard

    @classmethod
    def load(cls, folder: Path, *, name: str) -> "TransformerListener":
        """Returns the listener in a folder of the Hugging Face layout.

        Args:
            folder: With `config.json`, `preprocessor_config.json` and the weights.
            name: What records call it.

        Raises:
            ModelError: If a file is missing or damaged, the weights are not those that
                the config asks for, or the classes are not AudioSet's.
        """
        config = read_config(
            read_object(folder / "config.json", wanted=_WANTED), str(folder)
        )
        if lacking := sorted(audioset.classes() - {*config.labels}):
            raise ModelError(
                f"{folder} does not hear AudioSet's classes: {lacking[0]!r} and"
                f" {len(lacking) - 1} others are missing"
            )
        features = read_object(folder / "preprocessor_config.json", wanted=_WANTED)
        rate_hz = features.get("sampling_rate", kaldi.SAMPLE_RATE_HZ)
        if rate_hz != kaldi.SAMPLE_RATE_HZ or not features.get("do_normalize", True):
            raise ModelError(
                f"{folder} wants features that are not made here; wanted"
                f" {kaldi.SAMPLE_RATE_HZ} Hz and do_normalize"
            )
        told = {key for key in ("mean", "std") if key in features}
        standard = Standardisation(**{key: float(features[key]) for key in told})
        file = folder / _WEIGHTS
        shapes = jax.eval_shape(
            SpectrogramTransformer(config).init,
            jax.random.key(0),
            jnp.zeros((1, config.max_length, config.num_mel_bins)),
        )["params"]
        params = read_params(arrange(open_weights(file), shapes, str(file)), np.float32)
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()[:8]
        return cls(f"{name}@{digest}", config, params, standard)

    @property
    def window_s(self) -> float:
        """How long a stretch of sound the network is given."""
        hops = (self.config.max_length - 1) * kaldi.HOP_SAMPLES
        return (kaldi.FRAME_SAMPLES + hops) / kaldi.SAMPLE_RATE_HZ

    def probabilities(self, clips: Sequence[Waveform]) -> Float[np.ndarray, "clips n"]:
        """Returns the probability of each class for each clip, each on its own."""
        heard = [
            _heard(self.config, self.standard, self.params, self._samples(clip))
            for clip in clips
        ]
        logits = jnp.concatenate([one.logits[CLASSES] for one in heard])
        return np.asarray(jax.nn.sigmoid(logits))

    def _samples(self, clip: Waveform) -> Float[np.ndarray, " samples"]:
        """Returns a clip at the network's rate; less than a frame is filled up."""
        samples = resample(clip, kaldi.SAMPLE_RATE_HZ).samples
        return np.pad(samples, (0, max(0, kaldi.FRAME_SAMPLES - len(samples))))

    def hear(
        self, waveform: Waveform, excerpts: Sequence[Excerpt], traits: Traits
    ) -> Hearing:
        """Listens to windows of ten seconds in or about the excerpts, and averages.

        Args:
            waveform: The whole song.
            excerpts: Where to listen.
            traits: Passed on.

        Raises:
            ArgumentError: If there is no excerpt.
        """
        spans = windows(waveform, excerpts, self.window_s)
        heard = self.probabilities([waveform.cut(*span) for span in spans]).mean(axis=0)
        named = dict(zip(self.config.labels, map(float, heard), strict=True))
        return Hearing(
            labels=audioset.gather(named),
            traits=traits,
            excerpts=tuple(excerpts),
            listener=self.id,
        )


@partial(jax.jit, static_argnames=("config", "standard"))
def _heard(
    config: TransformerConfig,
    standard: Standardisation,
    params: Any,
    samples: Float[Array, " samples"],
) -> Heard:
    """Returns what the network makes of one clip."""
    features = kaldi.log_mel(samples, mels=config.num_mel_bins)[: config.max_length]
    rest = config.max_length - len(features)
    padded = jnp.pad(features, ((0, rest), (0, 0)))
    standardised = (padded - standard.mean) / (2.0 * standard.std)
    return run(SpectrogramTransformer(config), params, standardised[None])
