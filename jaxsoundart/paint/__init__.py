"""Paints pictures from words: `jaxsoundart.paint("desert dunes, sunset palette")`.

Nothing heavy is imported before the first call.
"""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from jaxsoundart.arrays import Image, Images
from jaxsoundart.errors import ArgumentError
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
    sampler: str | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    decode_passes: int | None = None,
    over: Image | None = None,
    strength: float | None = None,
    painter: str | Path = "bundled",
) -> Images:
    """Returns `count` pictures of the same words, at the painter's own size.

    Settings left out are the painter's: see `painter.Settings` and `painter.Order`.

    Args:
        words: A prompt, or a brief with its prompt and negative prompt.
        negative_prompt: What to keep out, beside what a brief says.
        seed: Of the first picture, 0 to 2³² - 1; each further one has the next.
        count: Number of pictures.
        sampler: "ddim", "euler" or "dpm++2m".
        steps: Calls of the denoiser.
        guidance: How strongly the words pull; 1 leaves the negative prompt unheard.
        decode_passes: How often latents become pixels.
        over: A picture to paint over, of the painter's size.
        strength: Share of the steps taken when painting over one.
        painter: "bundled", a folder in the diffusers layout, or a hub repository's id.

    Raises:
        ArgumentError: A setting is out of range, or there are no words.
        ModelError: The painter cannot be loaded.

    Example:
        >>> images = jaxsoundart.paint("desert dunes, sunset palette")  # doctest: +SKIP
        >>> images.shape                                                # doctest: +SKIP
        (1, 128, 128, 3)
    """
    from jaxsoundart.paint.painter import Order, Settings
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
    if strength is not None and over is None:
        raise ArgumentError("strength is given, but no picture to paint over")
    settings = Settings(
        **given(
            sampler=sampler, steps=steps, decode_passes=decode_passes, strength=strength
        )
    )
    orders = [
        Order(
            prompt=prompt,
            negative_prompt=negative_prompt,
            seed=nth,
            **given(guidance=guidance),
        )
        for nth in seeds(seed, count)
    ]
    warn_of_unknown(f"{prompt}, {negative_prompt}", known_words(painter))
    return open_painter(painter).paint(orders, settings, over=over)


def given(**options: object) -> dict:
    """Returns the options that are not None: those left out keep their defaults."""
    return {name: value for name, value in options.items() if value is not None}


def seeds(first: int, count: int) -> tuple[int, ...]:
    """Returns the seeds of `count` pictures: the first, the next, … modulo 2³².

    Raises:
        ArgumentError: The first is no 32-bit number.
    """
    if not 0 <= first < SEEDS:
        raise ArgumentError(f"seed {first} is out of range; wanted 0 to {SEEDS - 1}")
    return tuple((first + nth) % SEEDS for nth in range(count))


def open_painter(painter: str | Path = "bundled") -> "Painter":
    """Returns a painter on all devices, in float32 on CPU, else in bfloat16.

    The last one is kept with what was compiled for it: opening it again is free, and
    weights that change on disk are not read again.

    Raises:
        ModelError: It is unknown, incomplete, damaged or of another kind.
    """
    return _open(str(painter))


@functools.lru_cache(maxsize=1)
def _open(painter: str) -> "Painter":
    import jax
    import jax.numpy as jnp

    from jaxsoundart.paint.model import StableDiffusion
    from jaxsoundart.paint.painter import Painter

    dtype = jnp.float32 if jax.default_backend() == "cpu" else jnp.bfloat16
    return Painter.create(StableDiffusion.load(painter, dtype=dtype))
