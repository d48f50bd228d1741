"""The whole call: orders in, pictures out.

Pictures are painted one at a time on each device, every one by the same compiled
program. So a picture's bits cannot depend on how many others were asked for, on its
place among them, or on how many devices share the work.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jaxtyping import Array, Float, Int32, UInt32

from jaxsoundart.arrays import Image, Images
from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint import guidance, samplers
from jaxsoundart.paint.model import StableDiffusion
from jaxsoundart.paint.samplers import Latents, Steps
from jaxsoundart.paint.schedule import to_clean_and_noise
from jaxsoundart.runtime.keys import stream
from jaxsoundart.runtime.mesh import data_mesh, pmapped, replicated
from jaxsoundart.runtime.modules import run

LARGEST_SEED = 2**32 - 1
LARGEST_GUIDANCE = 50.0
MOST_DECODE_PASSES = 16

Pixels = Float[Array, "batch rows columns 3"]
Mix = tuple[Float[Array, ""], Float[Array, ""]]
Ids = Int32[Array, "batch tokens"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Order:
    """One picture to paint.

    Attributes:
        prompt: What to paint.
        negative_prompt: What to keep out.
        seed: 0 to 2³² - 1; the same seed gives the same picture.
        guidance: How strongly prompt and negative prompt pull; 1 is not at all.
    """

    prompt: str
    negative_prompt: str = ""
    seed: int = 0
    guidance: float = 4.0

    def __post_init__(self):
        if not 0 <= self.seed <= LARGEST_SEED:
            raise ArgumentError(
                f"seed {self.seed} is out of range; wanted 0 to {LARGEST_SEED}"
            )
        if not 1.0 <= self.guidance <= LARGEST_GUIDANCE:
            raise ArgumentError(
                f"guidance {self.guidance} is out of range; wanted 1 to "
                f"{LARGEST_GUIDANCE:g}"
            )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the pictures of one call have in common.

    Attributes:
        sampler: "ddim", "euler" or "dpm++2m".
        steps: Calls of the denoiser.
        decode_passes: How often latents become pixels: 1 decodes once, n decodes and
            encodes n - 1 times in between, which changes the texture.
        strength: For painting over a picture: share of the steps taken, 0 to 1.
    """

    sampler: str = "dpm++2m"
    steps: int = 24
    decode_passes: int = 1
    strength: float = 0.7

    def __post_init__(self):
        if not 1 <= self.decode_passes <= MOST_DECODE_PASSES:
            raise ArgumentError(
                f"{self.decode_passes} decode passes asked for; wanted 1 to "
                f"{MOST_DECODE_PASSES}"
            )
        if not 0.0 < self.strength <= 1.0:
            raise ArgumentError(
                f"strength {self.strength} is out of range; wanted above 0, at most 1"
            )


@dataclass(frozen=True)
class Painter:
    """A Stable Diffusion, compiled for the devices of a mesh.

    Attributes:
        model: What paints.
        mesh: The devices that share the pictures.
    """

    model: StableDiffusion
    mesh: Mesh

    @classmethod
    def create(
        cls, model: StableDiffusion, devices: Sequence[Any] | None = None
    ) -> "Painter":
        """Puts a model on `devices`, by default all there are."""
        return cls(model, data_mesh(devices))

    @cached_property
    def _params(self) -> Any:
        return replicated(self.model.params, self.mesh)

    @cached_property
    def _denoise(self) -> Callable[..., Latents]:
        return pmapped(self._denoised, self.mesh, shared=3)

    @cached_property
    def _decode(self) -> Callable[..., Pixels]:
        vae = self.model.vae

        def decoded(params: Any, latents: Latents) -> Pixels:
            return run(vae, params["vae"], latents, method=vae.decode)

        return pmapped(decoded, self.mesh, shared=1)

    @cached_property
    def _encode(self) -> Callable[..., Latents]:
        vae = self.model.vae

        def encoded(params: Any, pixels: Pixels) -> Latents:
            return run(vae, params["vae"], pixels, method=vae.encode)

        return pmapped(encoded, self.mesh, shared=1)

    def _denoised(
        self,
        params: Any,
        steps: Steps,
        mix: Mix,
        ids: Ids,
        negative_ids: Ids,
        seeds: UInt32[Array, " batch"],
        scale: Float[Array, " batch"],
        start: Latents,
    ) -> Latents:
        """One device's pictures: words to states, noise to latents.

        `mix` says how much of `start`, clean latents to paint over, and of noise the
        sampler begins with.
        """
        model = self.model
        both_ids = guidance.both(ids, negative_ids)
        text = run(model.text_encoder, params["text_encoder"], both_ids)
        shape = start.shape[1:]
        noise = jax.vmap(
            lambda seed: jax.random.normal(stream(seed, "noise"), shape, jnp.float32)
        )(seeds)

        def step(state: samplers.State, row: Steps) -> tuple[samplers.State, None]:
            doubled = guidance.both(state.latents, state.latents)
            times = jnp.full(len(doubled), row.timestep)
            predictions = run(model.unet, params["unet"], doubled, times, text)
            guided = guidance.guide(predictions, scale)
            clean, _ = to_clean_and_noise(
                model.schedule.config.prediction_type,
                guided,
                state.latents,
                row.alpha,
                row.sigma,
            )
            return samplers.update(state, clean, row), None

        noisy = mix[0] * start + mix[1] * noise
        state, _ = jax.lax.scan(step, samplers.initialize(noisy), steps)
        return samplers.finalize(state)

    def paint(
        self,
        orders: Sequence[Order],
        settings: Settings,
        *,
        over: Image | None = None,
        progress: Progress = lambda done, count: None,
    ) -> Images:
        """Paints one picture for each order.

        Args:
            orders: What to paint; they may differ in everything an `Order` has.
            settings: What they share.
            over: A picture to paint over (img2img), of the painter's own size.
            progress: Called with pictures done and pictures asked for.

        Returns:
            Pictures of the size the painter was trained on.

        Raises:
            ArgumentError: Sampler, steps or the size of `over` are impossible.
        """
        if not orders:
            raise ArgumentError("no picture asked for; wanted at least one")
        steps = samplers.plan(settings.sampler, self.model.schedule, settings.steps)
        start = self._start(over)
        mix = (jnp.float32(0.0), jnp.float32(1.0))
        if over is not None:
            skipped = settings.steps - max(1, round(settings.strength * settings.steps))
            steps = jax.tree.map(lambda rows: rows[skipped:], steps)
            mix = (jnp.asarray(steps.alpha[0]), jnp.asarray(steps.sigma[0]))
        devices = self.mesh.size
        pictures: list[Image] = []
        while len(pictures) < len(orders):
            some = orders[len(pictures) : len(pictures) + devices]
            # Idle devices repeat the last order, so that every call has one shape.
            full = [*some, *[some[-1]] * (devices - len(some))]
            pictures += self._paint_full(full, steps, mix, start, settings)[: len(some)]
            progress(len(pictures), len(orders))
        return np.stack(pictures)

    def _paint_full(
        self,
        orders: Sequence[Order],
        steps: Steps,
        mix: Mix,
        start: Latents,
        settings: Settings,
    ) -> list[Image]:
        """Paints one picture on each device."""
        tokenizer = self.model.tokenizer
        latents = self._denoise(
            self._params,
            steps,
            mix,
            tokenizer([order.prompt for order in orders]),
            tokenizer([order.negative_prompt for order in orders]),
            np.asarray([order.seed for order in orders], np.uint32),
            np.asarray([order.guidance for order in orders], np.float32),
            jnp.repeat(start, len(orders), axis=0),
        )
        pixels = self._decode(self._params, latents)
        for _ in range(settings.decode_passes - 1):
            pixels = jnp.clip(pixels, -1.0, 1.0)
            pixels = self._decode(self._params, self._encode(self._params, pixels))
        return list(_to_images(np.asarray(pixels)))

    def _start(self, over: Image | None) -> Latents:
        """Returns the latents of one picture to paint over."""
        size = self.model.unet.config.sample_size
        channels = self.model.unet.config.in_channels
        if over is None:
            return jnp.zeros((1, size, size, channels))
        wanted = self.model.size_px
        if over.shape[:2] != (wanted, wanted):
            raise ArgumentError(
                f"the picture to paint over is {over.shape[1]}×{over.shape[0]} px; "
                f"wanted {wanted}×{wanted}"
            )
        pixels = np.repeat(
            over[None].astype(np.float32) / 127.5 - 1.0, self.mesh.size, 0
        )
        return self._encode(self._params, pixels)[:1]


def _to_images(pixels: np.ndarray) -> Images:
    return np.round(127.5 * (np.clip(pixels, -1.0, 1.0) + 1.0)).astype(np.uint8)
