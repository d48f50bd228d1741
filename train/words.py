"""The painter's tokenizer: byte pairs learnt from captions and from the lexicon."""

import itertools
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    trainers,
)

from jaxsoundart.compose import lexicon
from jaxsoundart.paint.words.tokenizer import PromptTokenizer
from train.corpus import Subject
from train.gallery import vocabulary
from train.gallery.captions import FORMS, caption
from train.gallery.speech import allusions, wordings
from train.painter_config import PainterConfig

_START, _END = "<|startoftext|>", "<|endoftext|>"
_CAPTIONS = 20_000


def random_subject(
    generator: np.random.Generator, textures: tuple[str, ...]
) -> Subject:
    """Returns what a picture might show, of some textures; all equally likely."""

    def choose(phrases: tuple[str, ...]) -> str:
        return phrases[generator.integers(len(phrases))]

    return (
        choose(vocabulary.FAMILIES),
        choose(vocabulary.PALETTES),
        choose(vocabulary.LIGHTS),
        choose(textures),
        choose(vocabulary.COMPOSITIONS),
        choose(vocabulary.MOODS),
    )


def sample_captions(seed: int, count: int) -> list[str]:
    """Returns captions of `count` random subjects, as training words them."""
    generator = np.random.default_rng(seed)
    textures = vocabulary.TEXTURES
    subjects = [random_subject(generator, textures) for _ in range(count)]
    return [caption(generator, *subject) for subject in subjects]


def train_tokenizer(
    folder: Path, *, size: int, max_length: int, seed: int, texts: Iterable[str] = ()
) -> None:
    """Learns a CLIP-style byte-pair vocabulary and writes it in the layout of CLIP.

    Every byte is in the vocabulary, so that unseen words fall apart into pieces
    instead of vanishing.

    Args:
        folder: Where vocab.json, merges.txt and tokenizer_config.json are written.
        size: Number of tokens, the two special ones included.
        max_length: Tokens of a prompt, the two special ones included.
        seed: Of the captions.
        texts: More text to learn from, besides captions.
    """
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token=_END))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation(),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    ending = [f"{byte}</w>" for byte in alphabet]
    trainer = trainers.BpeTrainer(
        vocab_size=size - 2,
        initial_alphabet=alphabet,
        # Numbered beforehand: ties between pairs are broken by number, and numbers in
        # the order in which a hash table gives its words differ from run to run.
        special_tokens=ending,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator([*sample_captions(seed, _CAPTIONS), *texts], trainer)
    learnt = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(pair) for pair in learnt["merges"]]
    # CLIP's order: bytes, bytes that end a word, merges in the order learnt, specials.
    tokens = alphabet + ending
    tokens += [first + second for first, second in merges]
    tokens = [*dict.fromkeys(tokens), _START, _END]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(
        json.dumps({token: number for number, token in enumerate(tokens)}), "utf-8"
    )
    lines = ["#version: 0.2", *(f"{first} {second}" for first, second in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "CLIPTokenizer",
                "model_max_length": max_length,
                "bos_token": _START,
                "eos_token": _END,
                "pad_token": _END,
                "unk_token": _END,
            },
            indent=2,
        )
        + "\n",
        "utf-8",
    )


def open_words(config: PainterConfig, workdir: Path) -> PromptTokenizer:
    """Returns a run's tokenizer, trained unless it is there."""
    folder = workdir / "tokenizer"
    if not (folder / "vocab.json").exists():
        train_tokenizer(
            folder,
            size=config.text.vocab_size,
            max_length=config.text.max_position_embeddings,
            seed=config.corpus.seed,
            texts=[*lexicon.load().entries, *lexicon.load().genres],
        )
    return PromptTokenizer.load(folder, length=config.text.max_position_embeddings)


def known_words(config: PainterConfig) -> list[str]:
    """Returns the words that occur in captions of what this painter was shown."""
    shown = [
        *vocabulary.FAMILIES,
        *vocabulary.PALETTES,
        *vocabulary.LIGHTS,
        *config.corpus.textures,
        *filter(None, vocabulary.COMPOSITIONS),
        *filter(None, vocabulary.MOODS),
    ]
    said = [wording for phrase in shown for wording in wordings(phrase)]
    for pair in itertools.product(vocabulary.FAMILIES, vocabulary.PALETTES):
        said += allusions(*pair)
    return sorted({word for text in [*said, *FORMS] for word in text.split()})
