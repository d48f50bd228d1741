"""Sets of TensorFlow Datasets, `tfds:NAME`, read without TensorFlow where that can be.

TFDS reads a set without TensorFlow where its features are tensors and labels. Sets that
use its `Audio` feature, such as `tfds:gtzan` and `tfds:nsynth`, need TensorFlow.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from jaxsoundart.sound.resampling import resample
from jaxsoundart.sound.waveform import Waveform
from train.readers.clip import DataError

_PARTS = {"train": "train", "validation": "valid", "valid": "valid", "test": "test"}
_LABELS = ("label", "genre", "instrument", "instrument/family")
_RATE_HZ = 22_050


def read(
    name: str, *, data_dir: Path | None = None, rate_hz: int = _RATE_HZ
) -> Iterator[tuple[str, str, Waveform]]:
    """Yields part, label and sound of every example of a set.

    Args:
        name: As TFDS has it, "gtzan" or "nsynth/full".
        data_dir: Where TFDS keeps its sets, if not at its usual place.
        rate_hz: What sounds are brought to.

    Raises:
        DataError: TFDS, or TensorFlow where the set needs it, is not installed; the
            set is not there; or it holds no sound with a label.
    """
    try:
        tfds: Any = importlib.import_module("tensorflow_datasets")
    except ImportError as error:
        raise DataError(
            f"tfds:{name}: tensorflow-datasets is not installed; "
            "pip install tensorflow-datasets"
        ) from error
    try:
        builder = tfds.builder(name, data_dir=data_dir)
        features = builder.info.features
        sources = {
            part: builder.as_data_source(split)
            for split, part in _PARTS.items()
            if split in builder.info.splits
        }
    except ImportError as error:
        # TFDS raises another error of its own where it is TensorFlow that is missing.
        lacking = error.name or "tensorflow"
        raise DataError(
            f"tfds:{name}: TFDS needs {lacking} for this set; pip install {lacking}, "
            "or read the set's files with another reader"
        ) from error
    except (tfds.core.DatasetNotFoundError, OSError, AssertionError) as error:
        reason = str(error).strip().splitlines()[0]
        raise DataError(f"tfds:{name}: the set cannot be opened ({reason})") from error
    label = next((key for key in _LABELS if key in features), None)
    if "audio" not in features or label is None:
        raise DataError(
            f"tfds:{name} has {', '.join(features)}; wanted audio and one of "
            f"{', '.join(_LABELS)}"
        )
    own_hz = getattr(features["audio"], "sample_rate", None) or rate_hz
    for part, source in sources.items():
        for example in source:
            number = int(example[label])
            yield (
                part,
                features[label].int2str(number),
                resample(_waveform(example["audio"], own_hz), rate_hz),
            )


def _waveform(audio: Any, rate_hz: int) -> Waveform:
    samples = np.asarray(audio)
    if np.issubdtype(samples.dtype, np.integer):
        # TFDS gives 16 bits as wider integers.
        samples = samples / 32768.0
    return Waveform(samples=samples.astype(np.float32), sample_rate_hz=rate_hz)
