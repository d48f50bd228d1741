"""Paints pictures from words: `jaxsoundart.paint("desert dunes, sunset palette")`.

Nothing heavy is imported before the first call.
"""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from jaxsoundart.arrays import Image, Images, Mask
from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint.hand import Hand, as_hand
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
    painter: str | Path | Hand = "bundled",
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
            the original layout, a hub repository's id; or any of these as a `Hand`,
            with other VAE, LoRA files and so on.

    Raises:
        ArgumentError: A setting is out of range, or there are no words.
        ModelError: The painter cannot be loaded.

    Example:
        >>> images = jaxsoundart.paint("desert dunes, sunset palette")  # doctest: +SKIP
        >>> images.shape                                                # doctest: +SKIP
        (1, 128, 128, 3)
    """
    from jaxsoundart.paint.checkpoints.vocabulary import known_words, warn_of_unknown

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
    warn_of_unknown(
        f"{prompt}, {negative_prompt}", known_words(as_hand(painter).painter)
    )
    return open_painter(painter).paint(orders, settings, over=over, mask=mask)


def seeds(first: int, count: int) -> tuple[int, ...]:
    """Returns the seeds of `count` pictures: the first, the next, … modulo 2³².

    Raises:
        ArgumentError: The first is no 32-bit number.
    """
    if not 0 <= first < SEEDS:
        raise ArgumentError(f"seed {first} is out of range; wanted 0 to {SEEDS - 1}")
    return tuple((first + nth) % SEEDS for nth in range(count))


def open_painter(painter: str | Path | Hand = "bundled") -> "Painter":
    """Returns a painter on all devices of this host, in float32 on CPU, else bfloat16.

    Several hosts paint each for itself; `Painter.create` takes the devices of all.
    The last one is kept with what was compiled for it: opening it again is free, and
    weights that change on disk are not read again.

    Raises:
        ModelError: It is unknown, incomplete, damaged or of another kind.
    """
    return _open(as_hand(painter))


@functools.lru_cache(maxsize=1)
def _open(hand: Hand) -> "Painter":
    import jax
    import jax.numpy as jnp

    from jaxsoundart.paint.checkpoints.opening import open_model
    from jaxsoundart.paint.networks.compute import Compute
    from jaxsoundart.paint.painter import Painter

    backend = jax.default_backend()
    dtype = jnp.float32 if backend == "cpu" else jnp.bfloat16
    platform = backend if backend in ("cpu", "gpu", "tpu") else "any"
    model = open_model(
        hand.painter,
        compute=Compute(dtype, platform),
        vae=hand.vae,
        loras=hand.loras,
        prediction_type=hand.prediction_type,
    )
    return Painter.create(
        model,
        jax.local_devices(),
        batch=hand.batch,
        shard_weights=hand.shard_weights,
    )
