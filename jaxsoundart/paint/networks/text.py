"""The CLIP text encoder: token ids to the states the U-Net attends to."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Float, Int

from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import TextConfig

States = Float[Array, "batch tokens width"]


def quick_gelu(x: Array) -> Array:
    """Returns x·sigmoid(1.702x), the GELU the first CLIP was trained with."""
    return x * nn.sigmoid(1.702 * x)


class _SelfAttention(nn.Module):
    """Causal multi-head self-attention."""

    config: TextConfig
    compute: Compute

    @nn.compact
    def __call__(self, x: States) -> States:
        config = self.config

        def project(name: str) -> Array:
            dense = nn.Dense(config.hidden_size, dtype=self.compute.dtype, name=name)
            return dense(x).reshape(*x.shape[:2], config.num_attention_heads, -1)

        gathered = jax.nn.dot_product_attention(
            project("q_proj"), project("k_proj"), project("v_proj"), is_causal=True
        )
        out = nn.Dense(config.hidden_size, dtype=self.compute.dtype, name="out_proj")
        return out(gathered.reshape(x.shape))


class _MLP(nn.Module):
    """Two layers with CLIP's activation between."""

    config: TextConfig
    compute: Compute

    @nn.compact
    def __call__(self, x: States) -> States:
        config = self.config
        h = nn.Dense(config.intermediate_size, dtype=self.compute.dtype, name="fc1")(x)
        quick = config.hidden_act == "quick_gelu"
        h = quick_gelu(h) if quick else nn.gelu(h, approximate=False)
        return nn.Dense(config.hidden_size, dtype=self.compute.dtype, name="fc2")(h)


class _Layer(nn.Module):
    """A pre-norm transformer layer."""

    config: TextConfig
    compute: Compute

    @nn.compact
    def __call__(self, x: States) -> States:
        def norm(name: str) -> nn.LayerNorm:
            return nn.LayerNorm(
                self.config.layer_norm_eps, self.compute.dtype, name=name
            )

        attention = _SelfAttention(self.config, self.compute, name="self_attn")
        x = x + attention(norm("layer_norm1")(x))
        return x + _MLP(self.config, self.compute, name="mlp")(norm("layer_norm2")(x))


class _Embeddings(nn.Module):
    """Words and their places."""

    config: TextConfig
    compute: Compute

    @nn.compact
    def __call__(self, ids: Int[Array, "batch tokens"]) -> States:
        config = self.config
        token = nn.Embed(
            config.vocab_size,
            config.hidden_size,
            self.compute.dtype,
            embedding_init=nn.initializers.normal(0.02),
            name="token_embedding",
        )
        position = nn.Embed(
            config.max_position_embeddings,
            config.hidden_size,
            self.compute.dtype,
            embedding_init=nn.initializers.normal(0.01),
            name="position_embedding",
        )
        return token(ids) + position(jnp.arange(ids.shape[1]))[None]


class _Encoder(nn.Module):
    """The stack of layers."""

    config: TextConfig
    compute: Compute

    @nn.compact
    def __call__(self, x: States) -> tuple[States, States]:
        last_input = x
        for index in range(self.config.num_hidden_layers):
            last_input = x
            x = _Layer(self.config, self.compute, name=f"layers_{index}")(x)
        return x, last_input


class _TextModel(nn.Module):
    """Embeddings, layers, a last norm."""

    config: TextConfig
    compute: Compute

    @nn.compact
    def __call__(self, ids: Int[Array, "batch tokens"]) -> tuple[States, States]:
        x = _Embeddings(self.config, self.compute, name="embeddings")(ids)
        x, penultimate = _Encoder(self.config, self.compute, name="encoder")(x)
        norm = nn.LayerNorm(
            self.config.layer_norm_eps, self.compute.dtype, name="final_layer_norm"
        )
        return norm(x), penultimate


class Encoded(struct.PyTreeNode):
    """What a text encoder makes of token ids.

    Attributes:
        last: States after the last layer and the final norm.
        penultimate: States before the last layer, not normed.
        pooled: The state that ends the prompt, projected; None without a projection.
    """

    last: States
    penultimate: States
    pooled: Float[Array, "batch pooled_width"] | None


class TextEncoder(nn.Module):
    """`CLIPTextModel` or, if it projects, `CLIPTextModelWithProjection`.

    Source: Radford et al. 2021; transformers, to whose models
    `docs/parity.md` finds a relative difference below 1e-4.
    """

    config: TextConfig
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, ids: Int[Array, "batch tokens"]) -> Encoded:
        """Returns one state a token; padding is attended to, as in training."""
        model = _TextModel(self.config, self.compute, name="text_model")
        last, penultimate = model(ids)
        if not self.config.projection_dim:
            return Encoded(last, penultimate, None)
        # Configs that say 2 were written before the end's true id, the highest of all.
        end = self.config.eos_token_id
        is_end = ids == (ids.max(1, keepdims=True) if end == 2 else end)
        state = jnp.take_along_axis(last, is_end.argmax(1)[:, None, None], axis=1)
        project = nn.Dense(
            self.config.projection_dim,
            use_bias=False,
            dtype=self.compute.dtype,
            name="text_projection",
        )
        return Encoded(last, penultimate, project(state[:, 0]))
