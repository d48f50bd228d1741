"""One sitting: as many pictures as there is room for, from noise to pixels."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float, Float32

from jaxsoundart.arrays import Image, Images
from jaxsoundart.paint import canvas as canvases
from jaxsoundart.paint import samplers
from jaxsoundart.paint.canvas import Canvas
from jaxsoundart.paint.engine import Engine, Latents, Noise
from jaxsoundart.paint.order import Order, Settled
from jaxsoundart.paint.rounds import texts
from jaxsoundart.paint.walk import Kept, Task, padded
from jaxsoundart.paint.words.conditioning import Conditioning, Tokens

# Latents of another size than those a walk begins with.
NewLatents = Float[Array, "batch new_rows new_columns channels"]

_GLIMPSES = 8
"""How often, at most, a walk is looked at, unless after every step."""

Tell = Callable[[int, int, Callable[[], Images]], None]
"""Told how many steps are done, of how many, and how to look at what there is."""


@dataclass(frozen=True)
class _Walk:
    """Steps at one size.

    Attributes:
        size: Rows and columns of latents.
        plan: The sampler's.
        is_first: Whether it begins with noise or with a picture to paint over, rather
            than with latents that were walked to before.
    """

    size: tuple[int, int]
    plan: samplers.Plan
    is_first: bool


@dataclass(frozen=True)
class Sitting:
    """Orders that are painted together.

    Attributes:
        engine: What computes.
        settings: Shared by all.
        orders: One for each place there is.
        chunks: Of the longest prompt.
        canvas: What is painted over, if anything.
        every_step: Whether it is looked at after every step.
    """

    engine: Engine
    settings: Settled
    orders: Sequence[Order]
    chunks: int
    canvas: Canvas | None
    every_step: bool = False

    def paint(self, tell: Tell) -> list[Image]:
        """Returns the pictures."""
        return self._paint(tell)

    def rehearse(self) -> None:
        """Does all but the steps, so that everything is compiled."""
        self._paint(None)

    def _paint(self, tell: Tell | None) -> list[Image]:
        engine, canvas = self.engine, self.canvas
        latents = None
        if canvas is not None:
            latents = engine.encode(self._each(canvas.pixels))
        walks = list(self._walks())
        total = sum(len(walk.plan.steps.timestep) for walk in walks)
        done = 0
        for walk in walks:

            def told(step: int, states: Any, before: int = done) -> None:
                if tell is not None:
                    look = partial(_look, engine, states)
                    tell(before + step, total, look)

            latents = self._take(walk, latents, None if tell is None else told)
            done += len(walk.plan.steps.timestep)
        assert latents is not None
        pixels = engine.decode(latents)
        for _ in range(self.settings.decode_passes - 1):
            pixels = engine.decode(engine.encode(np.clip(pixels, -1.0, 1.0)))
        pictures = list(canvases.to_images(pixels))
        if canvas is not None:
            pictures = list(map(canvas.keep, pictures))
        if not self.settings.upscale:
            return pictures
        larger = engine.upscale(np.stack(list(map(canvases.to_pixels, pictures))))
        return list(canvases.to_images(larger))

    def _walks(self) -> Iterator[_Walk]:
        """Yields the walk to the picture, and the one over its enlarged latents."""
        settings = self.settings
        reduction = self.engine.model.vae.config.reduction
        size = (settings.height_px // reduction, settings.width_px // reduction)
        strength = 1.0 if self.canvas is None else settings.strength
        yield _Walk(size, self._plan(strength), is_first=True)
        if settings.enlarge > 1.0:
            rows, columns = size
            larger = round(rows * settings.enlarge), round(columns * settings.enlarge)
            yield _Walk(larger, self._plan(settings.enlarge_strength), is_first=False)

    def _plan(self, strength: float) -> samplers.Plan:
        settings, schedule = self.settings, self.engine.model.schedule
        begin = settings.steps - max(1, int(settings.steps * strength))
        return samplers.plan(
            settings.sampler,
            schedule,
            settings.steps,
            spacing=settings.spacing,
            begin=begin,
        )

    def _take(
        self,
        walk: _Walk,
        before: Latents | None,
        told: Callable[[int, Any], None] | None,
    ) -> NewLatents:
        """Takes a walk's steps, from noise or over latents; none if nobody is told."""
        engine, steps = self.engine, walk.plan.steps
        shape = (len(self.orders), *walk.size, engine.model.vae.config.latent_channels)
        # A mask's inside is painted from noise alone if it may change altogether.
        masked = self.canvas is not None and self.canvas.mask is not None
        if before is None or (masked and self.settings.strength == 1.0):
            mix = (0.0, walk.plan.start)
        else:
            mix = (float(steps.alpha[0]), float(steps.sigma[0]))
        over = np.zeros(shape, np.float32) if before is None else before
        if over.shape != shape:
            over = engine.enlarge(over, walk.size)
        noise, states = engine.begin(mix, self._noise(), over, again=not walk.is_first)
        task = self._task(walk, over, noise)
        table, count = padded(steps), len(steps.timestep)
        stride = 1 if self.every_step else -(-count // _GLIMPSES)
        for first in range(0, count, stride):
            last = min(first + stride, count) if told else first
            states = engine.walk(table, (first, last), task, states)
            if told is None:
                break
            jax.block_until_ready(states)
            told(last, states)
        return engine.end(states)

    def _noise(self) -> Noise:
        def each(name: str, dtype: Any) -> np.ndarray:
            return np.asarray([getattr(order, name) for order in self.orders], dtype)

        return Noise(
            each("seed", np.uint32),
            each("variation_seed", np.uint32),
            each("variation", np.float32),
        )

    def _task(self, walk: _Walk, over: Any, noise: Latents) -> Task:
        model, canvas = self.engine.model, self.canvas
        count = len(self.orders)
        kept = beside = None
        if canvas is not None and canvas.mask is not None:
            mask = self._each(canvas.latent_mask(model.vae.config.reduction))
            if model.is_inpainting:
                around = self._each(canvas.without_masked)
                beside = self.engine.surround(mask, around)
            else:
                kept = Kept(over, mask, noise)
        return Task(
            conditioning=self._conditioning(walk),
            scale=np.asarray([order.guidance for order in self.orders], np.float32),
            rescale=np.full(count, self.settings.guidance_rescale, np.float32),
            seeds=np.asarray([order.seed for order in self.orders], np.uint32),
            kept=kept,
            beside=beside,
        )

    def _conditioning(self, walk: _Walk) -> Conditioning:
        """What each picture is to be: negative prompt and prompt, or this alone."""
        model, count = self.engine.model, len(self.orders)
        read = [texts(model, order) for order in self.orders]
        each = len(read[0])
        silent = np.zeros((count, each), bool)
        if model.silences_empty and each == 2:
            silent[:, 0] = [not order.negative_prompt for order in self.orders]
        tokens = [self._tokens(reader.tokenizer, read) for reader in model.readers]
        text, pooled = self.engine.read(tokens, silent)
        sizes = guidance = None
        if pooled is not None:
            height, width = (side * model.vae.config.reduction for side in walk.size)
            told = np.asarray([height, width, 0, 0, height, width], np.float32)
            sizes = np.broadcast_to(told, (count, each, 6))
        if model.is_distilled:
            scales = [[order.guidance] * each for order in self.orders]
            guidance = np.asarray(scales, np.float32)
        return Conditioning(text, pooled, sizes, guidance)

    def _tokens(self, tokenizer: Any, said: list[list[str]]) -> Tokens:
        """Returns the tokens of all texts, in equally many chunks."""
        read = [
            [tokenizer.padded(tokenizer.chunks(text), self.chunks) for text in some]
            for some in said
        ]
        return Tokens(
            np.asarray([[chunks.ids for chunks in some] for some in read]),
            np.asarray([[chunks.weights for chunks in some] for some in read]),
        )

    def _each(self, array: np.ndarray) -> Float32[np.ndarray, "..."]:
        """Returns the same for every place."""
        return np.broadcast_to(array, (len(self.orders), *array.shape))


def _look(engine: Engine, states: Any) -> Images:
    """Returns the pictures as they are after some steps."""
    return engine.glance(engine.end(states))
