"""Whole paintings beside the pipelines of diffusers: from words and noise to pixels.

Both read the same folder. Ours paints as for any user; what its VAE is given to decode,
and what it makes of it, is looked at before it becomes 8-bit. Theirs is given our
noise, and takes a picture's most likely latents where it would draw some at random.
"""

import contextlib
import functools
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import diffusers
import jax
import jax.numpy as jnp
import numpy as np
import PIL.Image
import torch
from diffusers.models import autoencoders

from benchmarks.parity import WALK, Case, relative_error
from benchmarks.parity.checkpoints import folder
from jaxsoundart.arrays import Image, Mask
from jaxsoundart.paint import noise
from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.paint.engine import Engine
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.paint.painter import Painter
from jaxsoundart.paint.samplers import SAMPLERS

STEPS = 20
WIDTH_PX, HEIGHT_PX = 24, 16
SEED = 5
PROMPT, NEGATIVE = "retrowave sun, neon palette", "blurry text"

Painted = tuple[np.ndarray, np.ndarray]
"""Latents, and the pixels they decode to; both channels last."""


@dataclass(frozen=True)
class Painting:
    """One picture, painted by both.

    Attributes:
        family: Whose checkpoint, of `checkpoints.FAMILIES`.
        pipeline: The class of diffusers that paints it.
        sampler: Which; None for the checkpoint's own.
        negative: What to keep out.
        guidance: Its scale.
        over: Whether a picture is painted over.
        masked: Whether only a part of it.
        strength: Share of the steps taken then.
        more: Further arguments, of the same name for both.
    """

    family: str
    pipeline: str
    sampler: str | None = None
    negative: str = NEGATIVE
    guidance: float = 5.0
    over: bool = False
    masked: bool = False
    strength: float = 0.6
    more: dict[str, Any] = field(default_factory=dict)

    def error(self) -> float:
        """Returns the relative difference of latents or of pixels, the larger one."""
        pairs = zip(self.ours(), self.theirs(), strict=True)
        # Not `max`, which may pass over what is no number.
        return float(np.max([relative_error(ours, theirs) for ours, theirs in pairs]))

    def ours(self) -> Painted:
        """Returns what we paint."""
        order = Order(
            prompt=PROMPT,
            negative_prompt=self.negative,
            seed=SEED,
            guidance=self.guidance,
        )
        settings = Settings(
            sampler=self.sampler,
            steps=STEPS,
            width_px=WIDTH_PX,
            height_px=HEIGHT_PX,
            strength=self.strength,
            **self.more,
        )
        seen: list[Painted] = []
        decode = Engine.decode

        def look(engine: Engine, latents: Any) -> np.ndarray:
            pixels = decode(engine, latents)
            seen.append((np.asarray(latents), pixels))
            return pixels

        with mock.patch.object(Engine, "decode", look):
            painter(self.family).paint(
                [order],
                settings,
                over=picture() if self.over else None,
                mask=mask() if self.masked else None,
            )
        (painted,) = seen
        return painted

    def theirs(self) -> Painted:
        """Returns what diffusers paints."""
        pipeline = _pipeline(self.family, self.pipeline, self.sampler)
        given: dict[str, Any] = {
            "num_inference_steps": STEPS,
            "guidance_scale": self.guidance,
            "output_type": "latent",
            **self.more,
        }
        # Nobody asks for a negative prompt of no words: they leave it out.
        if self.family != "LCM":
            given["negative_prompt"] = self.negative or None
        if self.over:
            given |= {"image": PIL.Image.fromarray(picture())}
            given |= {"strength": self.strength}
        if self.masked:
            given |= {"mask_image": PIL.Image.fromarray(mask())}
        if self.masked or not self.over:
            given |= {"width": WIDTH_PX, "height": HEIGHT_PX}
        with torch.no_grad(), _one_thread(), _our_draws(pipeline):
            latents = pipeline(PROMPT, **given).images
            pixels = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor)
        return _channels_last(latents), _channels_last(pixels.sample)


@functools.cache
def painter(family: str) -> Painter:
    """Returns ours for a family, on one device."""
    return Painter.create(open_model(folder(family)), jax.devices()[:1])


@functools.cache
def picture() -> Image:
    """Returns a picture to paint over."""
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)


@functools.cache
def mask() -> Mask:
    """Returns a mask with soft edges, some of them across latents."""
    whole = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    whole[3:12, 5:20] = 255
    whole[12, 5:20], whole[2, 5:20] = 128, 127
    return whole


@functools.cache
def _parts(family: str) -> Any:
    """Returns theirs of a family, as its folder says."""
    return diffusers.DiffusionPipeline.from_pretrained(folder(family))


def _pipeline(family: str, kind: str, sampler: str | None) -> Any:
    """Returns another pipeline of the same parts."""
    base = _parts(family)
    fresh = type(base.scheduler).from_config(base.scheduler.config)
    extras = {} if "XL" in kind else {"requires_safety_checker": False}
    parts = {**base.components, "scheduler": fresh}
    pipeline = getattr(diffusers, kind)(**parts, **extras)
    pipeline.set_progress_bar_config(disable=True)
    if sampler is not None:
        changes = {}
        if sampler == "dpm++2m-sde":
            changes["algorithm_type"] = "sde-dpmsolver++"
        wanted = getattr(diffusers, SAMPLERS[sampler].scheduler)
        pipeline.scheduler = wanted.from_config(pipeline.scheduler.config, **changes)
    return pipeline


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Networks as small as these wait for each other's threads most of the time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def _our_draws(pipeline: Any) -> Iterator[None]:
    """Whatever they draw inside is what we draw, in the same order."""
    seeds = jnp.asarray([SEED], jnp.uint32)
    reduction = 2 ** (len(pipeline.vae.config.block_out_channels) - 1)
    shape = (HEIGHT_PX // reduction, WIDTH_PX // reduction, 4)

    def draws() -> Iterator[torch.Tensor]:
        yield _channels_first(noise.at_start(seeds, seeds, jnp.zeros(1), shape))
        for step in range(2 * STEPS):
            yield _channels_first(noise.at_step(seeds, jnp.int32(step), (1, *shape)))

    draw = mock.Mock(side_effect=draws())
    posterior = autoencoders.vae.DiagonalGaussianDistribution
    with contextlib.ExitStack() as stack:
        for drawing in (pipeline, pipeline.scheduler):
            module = sys.modules[type(drawing).__module__]
            stack.enter_context(
                mock.patch.object(module, "randn_tensor", draw, create=True)
            )
        stack.enter_context(
            mock.patch.object(posterior, "sample", lambda self, *_, **__: self.mode())
        )
        yield


def _channels_first(array: jax.Array) -> torch.Tensor:
    return torch.tensor(np.asarray(array).transpose(0, 3, 1, 2))


def _channels_last(tensor: torch.Tensor) -> np.ndarray:
    return tensor.numpy().transpose(0, 2, 3, 1)


def paintings() -> Iterator[tuple[str, Painting]]:
    """Yields all that is compared, by name."""
    plain, xl = "StableDiffusion{}Pipeline", "StableDiffusionXL{}Pipeline"
    masked: dict[str, Any] = {"over": True, "masked": True}
    tasks: dict[str, tuple[str, dict[str, Any]]] = {
        "from words": ("", {}),
        "over a picture": ("Img2Img", {"over": True}),
        "into a mask": ("Inpaint", masked),
        "into a mask, strength 1": ("Inpaint", {**masked, "strength": 1.0}),
    }
    everywhere = list(tasks)
    for family, kind, named, samplers in (
        ("SD 1.x", plain, everywhere, [name for name in SAMPLERS if name != "lcm"]),
        ("SD 2.x", plain, everywhere[:2], ["ddim", "euler", "dpm++2m"]),
        ("SDXL", xl, everywhere, ["euler", "euler-a", "dpm++2m"]),
        ("SD 1.x inpainting", plain, everywhere[2:], ["pndm", "ddim", "euler-a"]),
    ):
        for task in named:
            infix, more = tasks[task]
            for sampler in samplers:
                name = f"{family} {task}, {sampler}"
                yield name, Painting(family, kind.format(infix), sampler, **more)
    changes: dict[str, dict[str, Any]] = {
        "its own sampler": {},
        "no negative prompt": {"negative": ""},
        "rescaled guidance": {"more": {"guidance_rescale": 0.7}},
    }
    for family, kind in (("SD 1.x", plain), ("SD 2.x", plain), ("SDXL", xl)):
        for told, change in changes.items():
            yield f"{family}, {told}", Painting(family, kind.format(""), **change)
    yield "LCM from words", Painting("LCM", "LatentConsistencyModelPipeline")
    yield "LCM over a picture", Painting("LCM", plain.format("Img2Img"), over=True)


def cases() -> Iterator[Case]:
    """Yields the comparisons; needs torch, diffusers and transformers."""
    for name, painting in paintings():
        yield Case(name, painting.error, WALK)
