"""The Audio Spectrogram Transformer: log-mel features in, one logit a class out.

Parameters have the names of `ASTForAudioClassification` as it is published.

Source: Gong, Chung and Glass, "AST: Audio Spectrogram Transformer" (Interspeech 2021);
transformers, to whose model a test finds a difference below 1e-4.
"""

from dataclasses import dataclass, fields
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.errors import ModelError
from jaxsoundart.listen.heard import Heard

Tokens = Float[Array, "batch tokens width"]

CLASSES = "classes"
"""The one head, under which the logits stand."""


@dataclass(frozen=True)
class TransformerConfig:
    """What a network is made of, under the names of its `config.json`.

    Attributes:
        hidden_size: Width of a token.
        num_hidden_layers: Layers.
        num_attention_heads: Heads of each.
        intermediate_size: Width between the two layers of an MLP.
        layer_norm_eps: Of all norms.
        patch_size: Sides of the patches, in mel bands and frames.
        frequency_stride: Bands from one patch to the next.
        time_stride: Frames from one patch to the next.
        max_length: Frames it is given.
        num_mel_bins: Bands it is given.
        labels: Of the classes.
    """

    labels: tuple[str, ...]
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    layer_norm_eps: float = 1e-12
    patch_size: int = 16
    frequency_stride: int = 10
    time_stride: int = 10
    max_length: int = 1024
    num_mel_bins: int = 128

    @property
    def patches(self) -> int:
        """Number of patches of one spectrogram."""
        across = (self.num_mel_bins - self.patch_size) // self.frequency_stride + 1
        along = (self.max_length - self.patch_size) // self.time_stride + 1
        return across * along


def read_config(content: dict[str, Any], source: str) -> TransformerConfig:
    """Returns the config that a `config.json` gives.

    Raises:
        ModelError: It is of another network, or lacks its classes' names.
    """
    only = {"hidden_act": "gelu", "qkv_bias": True}
    for key, value in only.items():
        if content.get(key, value) != value:
            raise ModelError(f"{source}: {key} is {content[key]!r}; only {value!r} is")
    named = content.get("id2label")
    numbers = [str(number) for number in range(len(named or ()))]
    if not isinstance(named, dict) or not named or set(named) != set(numbers):
        raise ModelError(f"{source} names no classes (id2label, numbered from 0)")
    own = {field.name for field in fields(TransformerConfig)} - {"labels"}
    given = {key: value for key, value in content.items() if key in own}
    return TransformerConfig(labels=tuple(named[n] for n in numbers), **given)


class _SelfAttention(nn.Module):
    """Every token looks at all."""

    config: TransformerConfig

    @nn.compact
    def __call__(self, x: Tokens) -> Tokens:
        heads = self.config.num_attention_heads

        def project(name: str) -> Array:
            dense = nn.Dense(self.config.hidden_size, name=name)
            return dense(x).reshape(*x.shape[:2], heads, -1)

        seen = jax.nn.dot_product_attention(
            project("query"), project("key"), project("value")
        )
        return seen.reshape(x.shape)


class _Dense(nn.Module):
    """A layer that is published inside a module of its own."""

    features: int

    @nn.compact
    def __call__(self, x: Tokens) -> Float[Array, "batch tokens features"]:
        return nn.Dense(self.features, name="dense")(x)


class _Attention(nn.Module):
    """Attention, and what it saw mixed over its heads."""

    config: TransformerConfig

    @nn.compact
    def __call__(self, x: Tokens) -> Tokens:
        seen = _SelfAttention(self.config, name="attention")(x)
        return _Dense(self.config.hidden_size, name="output")(seen)


class _Layer(nn.Module):
    """A pre-norm transformer layer."""

    config: TransformerConfig

    @nn.compact
    def __call__(self, x: Tokens) -> Tokens:
        config = self.config
        before = nn.LayerNorm(config.layer_norm_eps, name="layernorm_before")
        x = x + _Attention(config, name="attention")(before(x))
        after = nn.LayerNorm(config.layer_norm_eps, name="layernorm_after")
        h = _Dense(config.intermediate_size, name="intermediate")(after(x))
        h = nn.gelu(h, approximate=False)
        return x + _Dense(config.hidden_size, name="output")(h)


class _Patches(nn.Module):
    """Overlapping patches, each one token; time runs fastest."""

    config: TransformerConfig

    @nn.compact
    def __call__(self, features: Float[Array, "batch frames mels"]) -> Tokens:
        config = self.config
        picture = jnp.swapaxes(features, 1, 2)[..., None]
        projection = nn.Conv(
            config.hidden_size,
            (config.patch_size, config.patch_size),
            (config.frequency_stride, config.time_stride),
            padding="VALID",
            name="projection",
        )
        return projection(picture).reshape(len(features), -1, config.hidden_size)


class _Embeddings(nn.Module):
    """Two tokens that stand for the whole, the patches, and where each is."""

    config: TransformerConfig

    @nn.compact
    def __call__(self, features: Float[Array, "batch frames mels"]) -> Tokens:
        config = self.config
        width, zeros = config.hidden_size, nn.initializers.zeros
        patches = _Patches(config, name="patch_embeddings")(features)
        whole = [
            jnp.broadcast_to(
                self.param(name, zeros, (1, 1, width)), (len(features), 1, width)
            )
            for name in ("cls_token", "distillation_token")
        ]
        shape = (1, config.patches + len(whole), width)
        places = self.param("position_embeddings", nn.initializers.normal(0.02), shape)
        return jnp.concatenate([*whole, patches], axis=1) + places


class _Encoder(nn.Module):
    """The stack of layers."""

    config: TransformerConfig

    @nn.compact
    def __call__(self, x: Tokens) -> Tokens:
        for index in range(self.config.num_hidden_layers):
            x = _Layer(self.config, name=f"layer_{index}")(x)
        return x


class _Body(nn.Module):
    """Embeddings, layers, a last norm; the two tokens' mean stands for the whole."""

    config: TransformerConfig

    @nn.compact
    def __call__(
        self, features: Float[Array, "batch frames mels"]
    ) -> Float[Array, "batch width"]:
        x = _Embeddings(self.config, name="embeddings")(features)
        x = _Encoder(self.config, name="encoder")(x)
        x = nn.LayerNorm(self.config.layer_norm_eps, name="layernorm")(x)
        return (x[:, 0] + x[:, 1]) / 2


class _Classifier(nn.Module):
    """A norm and a linear layer."""

    config: TransformerConfig

    @nn.compact
    def __call__(self, x: Float[Array, "batch width"]) -> Float[Array, "batch classes"]:
        norm = nn.LayerNorm(self.config.layer_norm_eps, name="layernorm")
        return nn.Dense(len(self.config.labels), name="dense")(norm(x))


class SpectrogramTransformer(nn.Module):
    """The whole network."""

    config: TransformerConfig

    @nn.compact
    def __call__(self, features: Float[Array, "batch frames mels"]) -> Heard:
        """Returns logits and the embedding.

        Args:
            features: Standardised log-mel features (`sound.kaldi`) of `max_length`
                frames, zero where the sound has ended.
        """
        body = _Body(self.config, name="audio_spectrogram_transformer")
        embedding = body(features)
        logits = _Classifier(self.config, name="classifier")(embedding)
        return Heard(logits={CLASSES: logits}, embedding=embedding)
