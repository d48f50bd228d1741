"""The tiny painter at its tiniest: 8 px pictures, 4×4 latents, four words."""

import numpy as np
import pytest

from jaxsoundart.paint.checkpoints.saving import save
from tests import tiny_painter

WORDS = ("sun", "moon", "dark", "bright")


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory):
    """A tokenizer that has a token for each of `WORDS`."""
    folder = tmp_path_factory.mktemp("words") / "tokenizer"
    return tiny_painter.write_tokenizer(folder, WORDS)


@pytest.fixture(scope="session")
def tiny(tokenizer_folder):
    """The painter in memory."""
    return tiny_painter.create(tokenizer_folder, WORDS, size_px=8, tokens=12)


@pytest.fixture(scope="session")
def tiny_folder(tiny, tokenizer_folder, tmp_path_factory):
    """The same painter on disk, float32."""
    folder = tmp_path_factory.mktemp("tiny") / "painter"
    save(tiny, folder, dtype=np.dtype(np.float32), tokenizer=tokenizer_folder)
    return folder
