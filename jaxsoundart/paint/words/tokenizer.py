"""Prompts to token ids: CLIP's byte-pair encoding, from its own two files."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int32
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from jaxsoundart.errors import ArgumentError, ModelError
from jaxsoundart.paint.words.prompt import parse

# Contractions, runs of letters, single digits, runs of anything else.
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chunks:
    """A prompt of any length in pieces that a text encoder reads one by one.

    Attributes:
        ids: Each piece with its own start, end and padding.
        weights: How strongly each token is meant; start, end and padding 1.
    """

    ids: Int32[np.ndarray, "chunks tokens"]
    weights: Float32[np.ndarray, "chunks tokens"]


@dataclass(frozen=True)
class PromptTokenizer:
    """CLIP's tokenizer.

    Source: transformers `CLIPTokenizer`, whose ids the tests find for every prompt
    tried.

    Attributes:
        encoder: The byte-pair encoder.
        start: Id of the token that opens a prompt.
        end: Id of the token that ends it.
        pad: Id that fills the rest.
        length: Tokens a prompt is padded or cut to.
    """

    encoder: Tokenizer
    start: int
    end: int
    pad: int
    length: int

    @classmethod
    def load(cls, folder: Path, *, length: int) -> "PromptTokenizer":
        """Reads `vocab.json` and `merges.txt`, and what fills prompts, if it is told.

        `tokenizer_config.json` tells it, and before it `special_tokens_map.json`: what
        Stable Diffusion 2 was trained with, zeros, stands in this one alone. Newer
        files of the former, which list all added tokens, come first.

        Args:
            folder: The checkpoint's `tokenizer` folder.
            length: Positions the text encoder knows.

        Raises:
            ModelError: A file is missing or is not a tokenizer's.
        """
        try:
            vocabulary = json.loads((folder / "vocab.json").read_text("utf-8"))
            lines = (folder / "merges.txt").read_text("utf-8").splitlines()
            config = _settings(folder / "tokenizer_config.json")
            if "added_tokens_decoder" not in config:
                config = {**config, **_settings(folder / "special_tokens_map.json")}
            pairs = [line.split(" ") for line in lines if not line.startswith("#v")]
            merges = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]
            encoder = Tokenizer(
                models.BPE(
                    vocabulary, merges, end_of_word_suffix="</w>", unk_token=None
                )
            )
            start, end = vocabulary["<|startoftext|>"], vocabulary["<|endoftext|>"]
            pad = config.get("pad_token", "<|endoftext|>")
            pad = vocabulary[pad if isinstance(pad, str) else pad["content"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{folder}: no CLIP tokenizer ({error}); "
                "wanted vocab.json and merges.txt"
            ) from error
        encoder.normalizer = normalizers.Sequence(
            [
                normalizers.NFC(),
                normalizers.Replace(Regex(r"\s+"), " "),
                normalizers.Lowercase(),
            ]
        )
        encoder.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        return cls(encoder, start, end, pad, length)

    def count(self, prompt: str) -> int:
        """Returns how many tokens a prompt has, the two special ones left out."""
        return len(self.encoder.encode(prompt).ids)

    def __call__(self, prompts: list[str]) -> Int32[np.ndarray, "batch tokens"]:
        """Returns the ids of each prompt; what is too long is cut, with a warning."""
        rows = np.full((len(prompts), self.length), self.pad, np.int32)
        for row, prompt in zip(rows, prompts, strict=True):
            ids = self.encoder.encode(prompt).ids
            if len(ids) > self.length - 2:
                _log.warning(
                    "prompt has %d tokens, the painter reads %d; the rest is not read",
                    len(ids),
                    self.length - 2,
                )
                ids = ids[: self.length - 2]
            row[: len(ids) + 2] = [self.start, *ids, self.end]
        return rows

    def chunks(self, prompt: str, *, most: int | None = None) -> Chunks:
        """Returns a prompt with weights, `(words:1.3)`, as many chunks as it takes.

        Args:
            prompt: See `paint.words.prompt` for how weights are written.
            most: Chunks that may be; more are refused, nothing is cut.

        Raises:
            ArgumentError: A weight is out of range, or the prompt is too long.
        """
        ids, weights = [], []
        for phrase in parse(prompt):
            some = self.encoder.encode(phrase.text).ids
            ids += some
            weights += [phrase.weight] * len(some)
        room = self.length - 2
        count = max(1, -(-len(ids) // room))
        if most is not None and count > most:
            raise ArgumentError(
                f"prompt has {len(ids)} tokens, the painter reads {most * room}; "
                "leave some words out"
            )
        chunks = self._empty(count)
        for chunk, start in enumerate(range(0, len(ids), room)):
            some = ids[start : start + room]
            chunks.ids[chunk, 1 : len(some) + 2] = [*some, self.end]
            chunks.weights[chunk, 1 : len(some) + 1] = weights[start : start + room]
        return chunks

    def padded(self, chunks: Chunks, count: int) -> Chunks:
        """Returns `chunks` with empty ones after them, `count` in all.

        A prompt and its negative prompt must have states of one shape.
        """
        empty = self._empty(count - len(chunks.ids))
        return Chunks(
            ids=np.concatenate([chunks.ids, empty.ids]),
            weights=np.concatenate([chunks.weights, empty.weights]),
        )

    def _empty(self, count: int) -> Chunks:
        shape = (count, self.length)
        chunks = Chunks(np.full(shape, self.pad, np.int32), np.ones(shape, np.float32))
        chunks.ids[:, :2] = self.start, self.end
        return chunks


def _settings(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}
