"""Paints pictures from words: `jaxsoundart.paint("desert dunes, sunset palette")`.

Nothing heavy is imported before the first call.
"""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from jaxsoundart.arrays import Image, Images, Mask
from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.verb import callable_module

if TYPE_CHECKING:
    from jaxsoundart.paint.painter import Painter

SEEDS = 2**32


@runtime_checkable
class Words(Protocol):
    """What a picture is ordered with; a `compose.brief.Brief` is one."""

    @property
    def prompt(self) -> str:
        """What to paint."""
        ...

    @property
    def negative_prompt(self) -> str:
        """What to keep out."""
        ...


@callable_module
def paint(
    words: str | Words,
    *,
    negative_prompt: str = "",
    seed: int = 0,
    count: int = 1,
    guidance: float | None = None,
    settings: Settings | None = None,
    over: Image | None = None,
    mask: Mask | None = None,
    painter: str | Path = "bundled",
    vae: str | Path | None = None,
    loras: Sequence[tuple[str | Path, float]] = (),
) -> Images:
    """Returns `count` pictures of the same words.

    Args:
        words: A prompt, or a brief with its prompt and negative prompt.
        negative_prompt: What to keep out, beside what a brief says.
        seed: Of the first picture, 0 to 2³² - 1; each further one has the next.
        count: Number of pictures.
        guidance: How strongly the words pull; 1 leaves the negative prompt unheard.
        settings: Sampler, steps, size and so on; the painter's own where left out.
        over: A picture to paint over, of the size to paint at.
        mask: Where it is painted anew, 255, and where it stays, 0.
        painter: "bundled", a folder in the diffusers layout, a `.safetensors` file in
            the original layout, or a hub repository's id.
        vae: A folder or repository with a VAE in place of the painter's own.
        loras: Files of low-rank changes to the painter, each with its weight.

    Raises:
        ArgumentError: A setting is out of range, or there are no words.
        ModelError: The painter cannot be loaded.

    Example:
        >>> images = jaxsoundart.paint("desert dunes, sunset palette")  # doctest: +SKIP
        >>> images.shape                                                # doctest: +SKIP
        (1, 128, 128, 3)
    """
    from jaxsoundart.paint.vocabulary import known_words, warn_of_unknown

    prompt = words if isinstance(words, str) else words.prompt
    if not isinstance(words, str):
        negative_prompt = ", ".join(
            filter(None, (words.negative_prompt, negative_prompt))
        )
    if not prompt.strip():
        raise ArgumentError("the prompt is empty; say what to paint")
    if count < 1:
        raise ArgumentError(f"count is {count}; use at least 1")
    orders = [
        Order(
            prompt=prompt, negative_prompt=negative_prompt, seed=nth, guidance=guidance
        )
        for nth in seeds(seed, count)
    ]
    warn_of_unknown(f"{prompt}, {negative_prompt}", known_words(painter))
    hand = open_painter(painter, vae=vae, loras=loras)
    return hand.paint(orders, settings, over=over, mask=mask)


def seeds(first: int, count: int) -> tuple[int, ...]:
    """Returns the seeds of `count` pictures: the first, the next, … modulo 2³².

    Raises:
        ArgumentError: The first is no 32-bit number.
    """
    if not 0 <= first < SEEDS:
        raise ArgumentError(f"seed {first} is out of range; wanted 0 to {SEEDS - 1}")
    return tuple((first + nth) % SEEDS for nth in range(count))


def open_painter(
    painter: str | Path = "bundled",
    *,
    vae: str | Path | None = None,
    loras: Sequence[tuple[str | Path, float]] = (),
    prediction_type: str | None = None,
    batch: int = 1,
    shard_weights: bool = False,
) -> "Painter":
    """Returns a painter on all devices, in float32 on CPU, else in bfloat16.

    The last one is kept with what was compiled for it: opening it again is free, and
    weights that change on disk are not read again.

    Args:
        painter: "bundled", a folder, a `.safetensors` file, or a hub repository's id.
        vae: A folder or repository with a VAE in place of the painter's own.
        loras: Files of low-rank changes to its weights, each with its weight.
        prediction_type: Of a `.safetensors` checkpoint that was trained otherwise than
            its family: "epsilon" or "v_prediction".
        batch: Pictures that each device paints at once.
        shard_weights: Whether each device holds a part of the weights only: a large
            painter then fits on several small devices. The pictures are the same.

    Raises:
        ArgumentError: The batch is not positive.
        ModelError: It is unknown, incomplete, damaged or of another kind.
    """
    changes = tuple((str(file), float(weight)) for file, weight in loras)
    other = None if vae is None else str(vae)
    return _open(str(painter), other, changes, prediction_type, batch, shard_weights)


@functools.lru_cache(maxsize=1)
def _open(
    painter: str,
    vae: str | None,
    loras: tuple[tuple[str, float], ...],
    prediction_type: str | None,
    batch: int,
    shard_weights: bool,
) -> "Painter":
    import jax
    import jax.numpy as jnp

    from jaxsoundart.paint.compute import Compute
    from jaxsoundart.paint.opening import open_model
    from jaxsoundart.paint.painter import Painter

    backend = jax.default_backend()
    dtype = jnp.float32 if backend == "cpu" else jnp.bfloat16
    platform = backend if backend in ("cpu", "gpu", "tpu") else "any"
    model = open_model(
        painter,
        compute=Compute(dtype, platform),
        vae=vae,
        loras=loras,
        prediction_type=prediction_type,
    )
    return Painter.create(model, batch=batch, shard_weights=shard_weights)
