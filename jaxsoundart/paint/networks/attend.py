"""softmax(QKᵀ/√d)V, in the form that is fast on the machine at hand.

All forms compute the same. They differ in what they keep: the plain one holds a score
for each query, key and head at once, which at 4096 tokens is a gigabyte.
"""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxsoundart.paint.networks.compute import Platform, largest_divisor

Heads = Float[Array, "batch tokens heads width"]
Keys = Float[Array, "batch words heads width"]

# Side of a block of scores that stays in a CPU core's cache with its queries and keys.
_CPU_BLOCK = 512
# Scores held at once where nothing else bounds them: 256 MiB in float32.
_MOST_SCORES = 2**26
# From here on a kernel of its own is worth its start.
_MANY_TOKENS = 1024


def attend(query: Heads, key: Keys, value: Keys, platform: Platform = "any") -> Heads:
    """Returns for each query the values, weighted by how well their keys fit it.

    Source: Vaswani et al. 2017, eq. 1.

    Args:
        query: What looks.
        key: What is looked at.
        value: What is gathered there.
        platform: The machine. Only the form of "any" is meant to be differentiated.
    """
    match platform:
        case "cpu":
            return _in_cache(query, key, value)
        case "gpu" if _suits_cudnn(query) and _has_flash_gpu():
            return jax.nn.dot_product_attention(
                query, key, value, implementation="cudnn"
            )
        case "tpu" if _suits_tpu_flash(query, key):
            return _tpu_flash(query, key, value)
        case "gpu" | "tpu":
            return _by_queries(query, key, value)
    return jax.nn.dot_product_attention(query, key, value)


def held_scores(query: Any, words: int, platform: Platform = "any") -> int:
    """Returns how many scores `attend` holds at once, for what it chooses its form by.

    Args:
        query: Shape and type of what looks.
        words: Tokens that are looked at.
        platform: The machine.
    """
    batch, tokens, heads, width = query.shape
    whole = batch * heads * tokens * words
    key = jax.ShapeDtypeStruct((batch, words, heads, width), query.dtype)
    match platform:
        case "cpu":
            return largest_divisor(tokens, _CPU_BLOCK) * largest_divisor(
                words, _CPU_BLOCK
            )
        case "gpu" if _suits_cudnn(query) and _has_flash_gpu():
            return 0
        case "tpu" if _suits_tpu_flash(query, key):
            return 0
        case "gpu" | "tpu":
            return min(whole, max(_MOST_SCORES, whole // tokens))
    return whole


def _head_major(x: Keys) -> Float[Array, "batch heads words width"]:
    return x.transpose(0, 2, 1, 3)


def _product(axes: str, left: Array, right: Array) -> Array:
    """Returns a matrix product that is added up in float32 at least."""
    wide = jnp.promote_types(left.dtype, jnp.float32)
    return jnp.einsum(axes, left, right, preferred_element_type=wide)


def _in_cache(query: Heads, key: Keys, value: Keys) -> Heads:
    """Goes head by head and block by block, so that scores never leave the cache.

    Source: Milakov & Gimelshein 2018; Dao et al. 2022, algorithm 1.
    """
    batch, tokens, heads, width = query.shape
    rows = largest_divisor(tokens, _CPU_BLOCK)
    columns = largest_divisor(key.shape[1], _CPU_BLOCK)
    wide = jnp.promote_types(query.dtype, jnp.float32)

    def blocks(x: Array, size: int) -> Array:
        return _head_major(x).reshape(batch * heads, -1, size, width)

    def gather(queries: Array, keys: Array, values: Array) -> Array:
        """Returns what a block of queries gathers from all blocks of a head."""

        def add(seen: tuple[Array, ...], block: tuple[Array, ...]) -> tuple[Array, ...]:
            highest, total, gathered = seen
            scores = _product("qd,kd->qk", queries, block[0])
            higher = jnp.maximum(highest, scores.max(1))
            weights = jnp.exp(scores - higher[:, None])
            fading = jnp.exp(highest - higher)
            return (
                higher,
                fading * total + weights.sum(1),
                fading[:, None] * gathered
                + _product("qk,kd->qd", weights.astype(value.dtype), block[1]),
            )

        nothing = (
            jnp.full(rows, -jnp.inf, wide),
            jnp.zeros(rows, wide),
            jnp.zeros((rows, width), wide),
        )
        seen, _ = jax.lax.scan(
            lambda seen, block: (add(seen, block), None), nothing, (keys, values)
        )
        return seen[2] / seen[1][:, None]

    def head(parts: tuple[Array, ...]) -> Array:
        queries, keys, values = parts
        return jax.lax.map(lambda block: gather(block, keys, values), queries)

    scaled = query / math.sqrt(width)
    gathered = jax.lax.map(
        head, (blocks(scaled, rows), blocks(key, columns), blocks(value, columns))
    )
    by_head = gathered.reshape(batch, heads, tokens, width)
    return by_head.transpose(0, 2, 1, 3).astype(query.dtype)


def _by_queries(query: Heads, key: Keys, value: Keys) -> Heads:
    """Goes by blocks of queries where all scores at once would be too many."""
    batch, tokens, heads, width = query.shape
    rows = largest_divisor(tokens, _MOST_SCORES // (batch * heads * key.shape[1]))
    if rows == tokens:
        return jax.nn.dot_product_attention(query, key, value)
    blocks = jnp.moveaxis(query.reshape(batch, -1, rows, heads, width), 1, 0)
    gathered = jax.lax.map(
        lambda block: jax.nn.dot_product_attention(block, key, value), blocks
    )
    return jnp.moveaxis(gathered, 0, 1).reshape(query.shape)


def _suits_cudnn(query: Any) -> bool:
    """Whether cuDNN's flash attention takes heads of this type and width."""
    half = query.dtype in (jnp.bfloat16, jnp.float16)
    return half and query.shape[-1] % 8 == 0 and query.shape[-1] <= 128


@functools.cache
def _has_flash_gpu() -> bool:
    """Whether the GPUs are of those that cuDNN's flash attention runs on.

    These are NVIDIA's since Ampere; the T4 of free notebooks is older.
    """
    try:
        device = jax.devices("cuda")[0]
    except RuntimeError:
        return False
    return float(device.compute_capability) >= 8.0


def _suits_tpu_flash(query: Any, key: Any) -> bool:
    """Whether the TPU's kernel takes heads of this shape, and gains by it."""
    tokens = (query.shape[1], key.shape[1])
    width = query.shape[-1]
    fits = width <= 128 or width % 128 == 0
    return fits and all(n >= _MANY_TOKENS and n % 128 == 0 for n in tokens)


def _tpu_flash(query: Heads, key: Keys, value: Keys) -> Heads:
    # Half a second to import, and of use nowhere else.
    from jax.experimental.pallas.ops.tpu import flash_attention as kernel

    rows, columns = (
        next(size for size in (512, 256, 128) if x.shape[1] % size == 0)
        for x in (query, key)
    )
    gathered = kernel.flash_attention(
        _head_major(query),
        _head_major(key),
        _head_major(value),
        sm_scale=1 / math.sqrt(query.shape[-1]),
        block_sizes=kernel.BlockSizes(
            block_q=rows, block_k_major=columns, block_k=columns, block_b=1
        ),
    )
    return _head_major(gathered)
