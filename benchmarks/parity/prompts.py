"""Weighted prompts of several chunks, told again in PyTorch.

The other side knows nothing of our parser, tokenizer or text encoder: its phrases are
given one by one, transformers makes ids and states, and chunks, weights and the mean
that stays are written out.
"""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

import jaxsoundart
from benchmarks.parity import Case, relative_error
from jaxsoundart.paint.checkpoints.checkpoint import (
    find_weights,
    load_params,
    read_config,
)
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.config import TextConfig
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.settings import parse
from jaxsoundart.paint.words.conditioning import Tokens, read
from jaxsoundart.paint.words.tokenizer import PromptTokenizer

TOLERANCE = 1e-5
"""Of states of a tiny text encoder, in units of their largest value."""

WORDS = Path(jaxsoundart.__file__).parent / "models" / "painter" / "tokenizer"
LENGTH = 77

Phrases = list[tuple[str, float]]

SHORT: Phrases = [("desert dunes at dawn", 1.0), ("red sky", 1.4), ("fog", 0.5)]
LONG: Phrases = [
    (f"{words} {number}", weight)
    for number in range(7)
    for words, weight in (
        ("retrowave sun, neon palette", 1.0),
        ("Desert DUNES (at dawn)", 1.3),
        ("café — 12:30", 0.0),
        ("crystal shards", 2.5),
    )
]


def cases() -> list[Case]:
    """Returns a prompt without weights, one with, and a long one with."""
    plain = [(" ".join(words for words, _ in SHORT), 1.0)]
    return [
        Case("prompt, one chunk", lambda: _error(plain), TOLERANCE),
        Case("prompt, one chunk, weights", lambda: _error(SHORT), TOLERANCE),
        Case("prompt, several chunks, weights", lambda: _error(LONG), TOLERANCE),
    ]


def written(phrases: Phrases) -> str:
    """Returns the phrases as a user writes them."""
    return " ".join(
        words if weight == 1.0 else f"({words}:{weight})" for words, weight in phrases
    )


def _error(phrases: Phrases) -> float:
    import torch

    with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        model = _text_model()
        model.save_pretrained(folder, safe_serialization=True)
        theirs = _their_states(model, phrases)
        ours = _our_states(Path(folder), written(phrases))
    return relative_error(ours, theirs)


def _our_states(folder: Path, prompt: str) -> np.ndarray:
    """Returns states by our parser, tokenizer, text encoder and weights."""
    content = read_config(folder, "config.json")
    encoder = TextEncoder(parse(TextConfig, {**content, "projection_dim": 0}, "text"))
    like = abstract_params({"text_encoder": encoder})["text_encoder"]
    params = load_params(find_weights(folder), like, jnp.float32)
    chunks = PromptTokenizer.load(WORDS, length=LENGTH).chunks(prompt)
    tokens = Tokens(jnp.asarray(chunks.ids)[None], jnp.asarray(chunks.weights)[None])
    states, _ = read(
        [encoder], [params], [tokens], jnp.zeros(1, bool), penultimate=False
    )
    return np.asarray(states)


def _their_states(model: Any, phrases: Phrases) -> np.ndarray:
    """Returns states by transformers and by what the conventions say."""
    import torch
    import transformers

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer = transformers.CLIPTokenizer.from_pretrained(WORDS)
    tokens = [
        (token, weight)
        for words, weight in phrases
        for token in tokenizer(words, add_special_tokens=False)["input_ids"]
    ]
    states, weights = [], []
    while tokens:
        some, tokens = tokens[: LENGTH - 2], tokens[LENGTH - 2 :]
        ids = [tokenizer.bos_token_id, *(token for token, _ in some)]
        ids += [tokenizer.eos_token_id]
        ids += [tokenizer.pad_token_id] * (LENGTH - len(ids))
        states.append(model(torch.tensor([ids])).last_hidden_state[0])
        weights += [1.0, *(weight for _, weight in some)]
        weights += [1.0] * (LENGTH * len(states) - len(weights))
    whole = torch.cat(states)
    heavy = whole * torch.tensor(weights)[:, None]
    return (heavy * (whole.mean() / heavy.mean())).numpy()[None]


def _text_model() -> Any:
    """Returns a tiny `CLIPTextModel` whose states have a mean, as trained ones have."""
    import torch
    import transformers

    torch.manual_seed(0)
    model = transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            vocab_size=2000,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            bos_token_id=0,
            eos_token_id=1,
        )
    )
    for name, parameter in model.named_parameters():
        shift = -0.3 if name.endswith("final_layer_norm.bias") else 0.0
        parameter.add_(0.05 * torch.randn(parameter.shape) + shift)
    return model.eval()
