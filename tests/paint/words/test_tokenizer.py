"""CLIP's byte-pair encoding: known ids, and those of transformers where it is there."""

import json
import logging
import shutil
import warnings

import numpy as np
import pytest

from jaxsoundart.errors import ArgumentError, ModelError
from jaxsoundart.paint.words.tokenizer import PromptTokenizer
from train.words import sample_captions, train_tokenizer

PROMPTS = (
    "retrowave sun, neon palette, dark",
    "  Desert   DUNES\tat dawn ",
    "it's 1984!! (really)",
    "café müller — naïve",
    "夜の海",
    "Sunrise (Remix) at 12:30",
    "o'clock (((((",
    "ﬁne ½ ÅNGSTRÖM",
    "🎧🎶 beats",
    "",
)
WEIGHTED = "desert (dunes, dark:1.5) (sun:0.5) at dawn"


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "tokenizer"
    train_tokenizer(folder, size=2000, max_length=24, seed=3, texts=["octopus"])
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


@pytest.mark.parametrize(
    ("files", "pad"),
    [
        ({}, "<|endoftext|>"),
        ({"tokenizer_config": {"pad_token": "!"}}, "!"),
        ({"tokenizer_config": {"pad_token": {"content": "!"}}}, "!"),
        # As in the folders of Stable Diffusion 2.
        (
            {
                "tokenizer_config": {"pad_token": "<|endoftext|>"},
                "special_tokens_map": {"pad_token": "!"},
            },
            "!",
        ),
        (
            {
                "tokenizer_config": {"pad_token": "!", "added_tokens_decoder": {}},
                "special_tokens_map": {"pad_token": "<|endoftext|>"},
            },
            "!",
        ),
    ],
)
def test_prompts_are_filled_with_what_the_files_say(
    tokenizer_folder, tmp_path, files, pad
):
    folder = shutil.copytree(tokenizer_folder, tmp_path / "tokenizer")
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    tokenizer = PromptTokenizer.load(folder, length=6)
    assert tokenizer.pad == tokenizer.encoder.get_vocab()[pad]


def test_words_of_captions_are_whole_tokens(tokenizer):
    for family in ("retrowave sun", "desert dunes", "crystal shards"):
        assert tokenizer.count(family) == 2
    assert tokenizer.count("zyzzyva") > 1


def test_training_is_reproducible(words, tmp_path):
    train_tokenizer(tmp_path, size=2000, max_length=24, seed=3, texts=["octopus"])
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


def plain(tokenizer, prompt):
    return tokenizer.encoder.encode(prompt).ids


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_short_prompt_is_one_chunk_as_ever(tokenizer, prompt):
    chunks = tokenizer.chunks(prompt, most=1)
    np.testing.assert_array_equal(chunks.ids, tokenizer([prompt]))
    np.testing.assert_array_equal(chunks.weights, np.ones((1, 24)))
    assert chunks.ids.dtype == np.int32
    assert chunks.weights.dtype == np.float32


def test_weights_are_those_of_the_phrases(tokenizer):
    chunks = tokenizer.chunks(WEIGHTED)
    before, heavy, light, after = (
        tokenizer.count(words) for words in ("desert", "dunes, dark", "sun", "at dawn")
    )
    ones, pads = 1 + before, 24 - 1 - before - heavy - light - after
    wanted = [1.0] * ones + [1.5] * heavy + [0.5] * light + [1.0] * (after + pads)
    assert chunks.weights.tolist() == [wanted]
    np.testing.assert_array_equal(
        chunks.ids, tokenizer(["desert dunes, dark sun at dawn"])
    )


@pytest.mark.parametrize("repeats", [1, 7, 8, 11, 12, 22, 40])
def test_no_token_of_a_long_prompt_is_lost(tokenizer, repeats):
    prompt = ", ".join([WEIGHTED] * repeats)
    chunks = tokenizer.chunks(prompt)
    assert (chunks.ids[:, 0] == tokenizer.start).all()
    assert (chunks.weights[:, 0] == 1).all()
    ids, weights, full = [], [], True
    for row, strengths in zip(chunks.ids, chunks.weights, strict=True):
        assert full, "only the last chunk may have room left"
        end = row.tolist().index(tokenizer.end)
        full = end == 23
        assert (row[end + 1 :] == tokenizer.pad).all()
        assert (strengths[end:] == 1).all()
        ids += row[1:end].tolist()
        weights += strengths[1:end].tolist()
    words = prompt.replace("(", "").replace(":1.5)", "").replace(":0.5)", "")
    assert ids == plain(tokenizer, words)
    assert len(chunks.ids) == -(-len(ids) // 22)
    assert weights.count(1.5) == repeats * tokenizer.count("dunes, dark")
    assert weights.count(0.5) == repeats * tokenizer.count("sun")


def test_a_full_chunk_has_no_empty_one_after_it(tokenizer):
    prompt = " ".join(["dunes"] * 22)
    assert tokenizer.count(prompt) == 22
    (ids,) = tokenizer.chunks(prompt).ids
    assert ids[-1] == tokenizer.end
    assert len(tokenizer.chunks(prompt + " dunes").ids) == 2


def test_empty_chunks_make_prompts_agree(tokenizer):
    chunks = tokenizer.chunks("(dark:1.5) dunes")
    longer = tokenizer.padded(chunks, 3)
    np.testing.assert_array_equal(longer.ids[:1], chunks.ids)
    np.testing.assert_array_equal(longer.ids[1:], tokenizer(["", ""]))
    np.testing.assert_array_equal(longer.weights[:1], chunks.weights)
    assert (longer.weights[1:] == 1).all()
    np.testing.assert_array_equal(tokenizer.padded(chunks, 1).ids, chunks.ids)


def test_what_is_too_long_is_refused_where_asked(tokenizer):
    prompt = ", ".join(["desert dunes"] * 20)
    assert len(tokenizer.chunks(prompt, most=3).ids) == 3
    with pytest.raises(ArgumentError, match="prompt has 59 tokens, the painter reads"):
        tokenizer.chunks(prompt, most=2)
    with pytest.raises(ArgumentError, match="reads 22; leave some words out"):
        tokenizer.chunks(prompt, most=1)


def test_a_folder_without_its_files_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"wanted vocab\.json and merges\.txt"):
        PromptTokenizer.load(tmp_path, length=8)
