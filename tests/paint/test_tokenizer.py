"""CLIP's byte-pair encoding: known ids, and those of transformers where it is there."""

import logging
import warnings

import pytest

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.tokenizer import PromptTokenizer
from train.words import sample_captions, train_tokenizer

PROMPTS = (
    "retrowave sun, neon palette, dark",
    "  Desert   DUNES\tat dawn ",
    "it's 1984!! (really)",
    "café müller — naïve",
    "夜の海",
    "",
)


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "tokenizer"
    train_tokenizer(folder, size=900, max_length=24, seed=3, texts=["octopus"])
    return folder


@pytest.fixture(scope="module")
def tokenizer(words):
    return PromptTokenizer.load(words, length=24)


def test_a_prompt_is_opened_ended_and_padded(tokenizer_folder):
    tokenizer = PromptTokenizer.load(tokenizer_folder, length=6)
    vocabulary = tokenizer.encoder.get_vocab()
    ids = tokenizer(["Dark  sun"])
    assert ids.tolist() == [
        [
            vocabulary["<|startoftext|>"],
            vocabulary["dark</w>"],
            vocabulary["sun</w>"],
            *[vocabulary["<|endoftext|>"]] * 3,
        ]
    ]


def test_words_of_captions_are_whole_tokens(tokenizer):
    for family in ("retrowave sun", "desert dunes", "crystal shards"):
        assert tokenizer.count(family) == 2
    assert tokenizer.count("zyzzyva") > 1


def test_training_is_reproducible(words, tmp_path):
    train_tokenizer(tmp_path, size=900, max_length=24, seed=3, texts=["octopus"])
    for file in ("vocab.json", "merges.txt"):
        assert (tmp_path / file).read_bytes() == (words / file).read_bytes()


def test_no_prompt_is_lost(tokenizer):
    """Every byte is a token: whatever is typed has ids inside the vocabulary."""
    size = tokenizer.encoder.get_vocab_size()
    for prompt in PROMPTS:
        ids = tokenizer([prompt])[0]
        assert ids.min() >= 0
        assert ids.max() < size
        assert (tokenizer.count(prompt) > 0) == bool(prompt.strip())


def test_what_is_too_long_is_cut_and_said(tokenizer, caplog):
    long = ", ".join(["desert dunes"] * 20)
    with caplog.at_level(logging.WARNING):
        (ids,) = tokenizer([long])
    assert len(ids) == 24
    assert ids[-1] == tokenizer.end
    assert "prompt has 59 tokens, the painter reads 22" in caplog.text


def test_ids_equal_transformers(words, tokenizer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformers = pytest.importorskip("transformers")
        theirs = transformers.CLIPTokenizer.from_pretrained(words)
    for prompt in (*PROMPTS, *sample_captions(seed=5, count=40)):
        wanted = theirs(prompt, padding="max_length", max_length=24, truncation=True)[
            "input_ids"
        ]
        assert tokenizer([prompt])[0].tolist() == wanted, prompt


def test_a_folder_without_its_files_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"wanted vocab\.json and merges\.txt"):
        PromptTokenizer.load(tmp_path, length=8)
