"""A model's networks as programs over the devices of a mesh.

Every argument named after something a picture has counts pictures in its leading axis,
as many as all devices paint at once; devices share them evenly.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental.multihost_utils import process_allgather
from jax.sharding import Mesh
from jaxtyping import Array, Float, UInt32

from jaxsoundart.paint import noise, preview, samplers, tiling
from jaxsoundart.paint.model import StableDiffusion
from jaxsoundart.paint.placing import Weights
from jaxsoundart.paint.walk import Task, walk
from jaxsoundart.paint.words import conditioning
from jaxsoundart.runtime.mesh import pmapped
from jaxsoundart.runtime.modules import run
from jaxsoundart.runtime.programs import Program

Latents = Float[Array, "batch rows columns channels"]
States = Float[Array, "batch slots rows columns channels"]
Pixels = Float[np.ndarray, "batch height width 3"]
LargerPixels = Float[np.ndarray, "batch larger_height larger_width 3"]


@dataclass(frozen=True)
class Noise:
    """Where the noise of each picture comes from.

    Attributes:
        seeds: Of the pictures.
        others: Of the noise that each is turned towards.
        shares: How far.
    """

    seeds: UInt32[np.ndarray, " batch"]
    others: UInt32[np.ndarray, " batch"]
    shares: Float[np.ndarray, " batch"]


@dataclass(frozen=True)
class Engine:
    """The programs.

    Attributes:
        model: Whose networks they are.
        mesh: The devices.
        capacity: Pictures at once.
        splits_weights: Whether each device holds a part of them only.
    """

    model: StableDiffusion
    mesh: Mesh
    capacity: int
    splits_weights: bool = False

    @property
    def compile_s(self) -> float:
        """Seconds spent on compiling so far, or on fetching what was compiled."""
        return sum(program.compile_s for program in self._programs.values())

    @property
    def held_bytes(self) -> int:
        """What the weights take of a device's memory; nothing before they are read."""
        return self._weights.held_bytes

    @cached_property
    def _weights(self) -> Weights:
        return Weights(self.model, self.mesh, self.splits_weights)

    @cached_property
    def _programs(self) -> Mapping[str, Program]:
        model, mesh = self.model, self.mesh
        vae, unet = model.vae, model.unet
        kind = model.schedule.config.prediction_type

        def begin(
            mix: Any, seeds: Any, others: Any, shares: Any, over: Any, *, name: str
        ) -> tuple[Latents, States]:
            drawn = noise.at_start(seeds, others, shares, over.shape[1:], name=name)
            state = samplers.initialize(mix[0] * over + mix[1] * drawn)
            return drawn, jnp.moveaxis(state, 1, 0)

        def enlarge(latents: Any, *, size: tuple[int, int]) -> Any:
            batch, *_, channels = latents.shape
            return jax.image.resize(latents, (batch, *size, channels), "bicubic")

        def surround(params: Any, mask: Any, pixels: Any) -> Any:
            seen = run(vae, params, pixels, method=vae.encode)
            return jnp.concatenate([mask, seen], axis=-1)

        def read(params: Any, tokens: Any, silent: Any) -> Any:
            encoders = [reader.encoder for reader in model.readers]
            flat = jax.tree.map(
                lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), (tokens, silent)
            )
            states = conditioning.read(
                encoders, params, *flat, penultimate=model.reads_penultimate
            )
            each = silent.shape[:2]
            return jax.tree.map(
                lambda leaf: leaf.reshape(*each, *leaf.shape[1:]), states
            )

        def upscale(params: Any, pixels: Any) -> Any:
            assert model.upscaler is not None
            return run(model.upscaler, params, pixels)

        return {
            "read": pmapped(read, mesh, shared=1),
            "begin": pmapped(partial(begin, name="noise"), mesh, shared=1),
            "begin again": pmapped(partial(begin, name="detail"), mesh, shared=1),
            "walk": pmapped(partial(walk, unet, kind), mesh, shared=3, donated=[4]),
            "end": pmapped(lambda states: states[:, 0], mesh, shared=0),
            "enlarge": pmapped(enlarge, mesh, shared=0),
            "surround": pmapped(surround, mesh, shared=1),
            "decode": pmapped(
                lambda params, z: run(vae, params, z, method=vae.decode), mesh, shared=1
            ),
            "encode": pmapped(
                lambda params, x: run(vae, params, x, method=vae.encode), mesh, shared=1
            ),
            "upscale": pmapped(upscale, mesh, shared=1),
        }

    def load(self, size: tuple[int, int]) -> None:
        """Reads all weights now, fit for latents of so many rows and columns."""
        for part in self.model.parts:
            self._weights.of(part, size)

    def read(
        self, tokens: Sequence[conditioning.Tokens], silent: np.ndarray
    ) -> tuple[Array, Array | None]:
        """Returns the states of prompts, and what is pooled of them.

        Args:
            tokens: For each text encoder; the second axis is that of `Task`.
            silent: Whether a prompt is to say nothing at all.
        """
        params = [self._weights.of(reader.part) for reader in self.model.readers]
        return self._programs["read"](params, tuple(tokens), silent)

    def begin(
        self, mix: tuple[float, float], source: Noise, over: Any, *, again: bool
    ) -> tuple[Latents, States]:
        """Returns the noise, and the states a walk begins with.

        Args:
            mix: Shares of the latents to paint over, and of noise.
            source: Of the noise.
            over: Clean latents to paint over.
            again: Whether the pictures have been walked to before; noise is new then.
        """
        program = self._programs["begin again" if again else "begin"]
        shares = np.asarray(mix, np.float32)
        return program(shares, source.seeds, source.others, source.shares, over)

    def walk(
        self, steps: samplers.Steps, span: tuple[int, int], task: Task, states: States
    ) -> States:
        """Returns the states after some steps; those given are used up."""
        numbers = np.asarray(span, np.int32)
        unet = self._weights.of("unet", states.shape[2:4])
        return self._programs["walk"](unet, steps, numbers, task, states)

    def end(self, states: States) -> Latents:
        """Returns what the network would see next: the latents."""
        return self._programs["end"](states)

    def decode(self, latents: Any) -> Pixels:
        """Returns pixels, -1 to 1 or a little beyond; large pictures tile by tile."""
        reduction = self.model.vae.config.reduction
        return self._by_tiles(self._decode_at_once, latents, reduction)

    def upscale(self, pixels: Pixels) -> LargerPixels:
        """Returns larger pictures, about -1 to 1; large ones tile by tile."""
        assert self.model.upscaler is not None
        factor = self.model.upscaler.config.factor
        return self._by_tiles(self._upscale_at_once, pixels, factor)

    def _by_tiles(
        self, program: Callable[[Any], Pixels], cells: Any, factor: int
    ) -> Pixels:
        _, rows, columns, _ = cells.shape
        if not tiling.is_tiled(rows, columns):
            return program(cells)
        return tiling.by_tiles(program, self.whole(cells), factor)

    def _upscale_at_once(self, pixels: Pixels) -> LargerPixels:
        params = self._weights.of("upscaler")
        return self.whole(self._programs["upscale"](params, pixels))

    def _decode_at_once(self, latents: Any) -> Pixels:
        vae = self._weights.of("vae", latents.shape[1:3])
        return self.whole(self._programs["decode"](vae, latents))

    def encode(self, pixels: Pixels) -> Latents:
        """Returns latents of pixels, -1 to 1."""
        return self._programs["encode"](self._vae_for(pixels), pixels)

    def surround(self, mask: Any, pixels: Pixels) -> Array:
        """Returns what an inpainting U-Net sees: a mask, and latents around it."""
        return self._programs["surround"](self._vae_for(pixels), mask, pixels)

    def _vae_for(self, pixels: Pixels) -> Any:
        _, height, width, _ = pixels.shape
        reduction = self.model.vae.config.reduction
        return self._weights.of("vae", (height // reduction, width // reduction))

    def enlarge(self, latents: Any, size: tuple[int, int]) -> Any:
        """Returns latents with so many rows and columns."""
        return self._programs["enlarge"](latents, size=size)

    def glance(self, latents: Any) -> np.ndarray:
        """Returns small pictures of latents, one pixel each, without the VAE."""
        return preview.look(self.whole(latents), self._colours)

    @cached_property
    def _colours(self) -> preview.Matrix:
        channels = self.model.vae.config.latent_channels

        def decode(latents: np.ndarray) -> np.ndarray:
            copies = [np.repeat(one[None], self.capacity, 0) for one in latents]
            return np.concatenate([self._decode_at_once(some)[:1] for some in copies])

        return preview.fit(decode, channels)

    def whole(self, array: Any) -> np.ndarray:
        """Returns all pictures of an array, also those of other hosts."""
        if isinstance(array, jax.Array) and not array.is_fully_addressable:
            return np.asarray(process_allgather(array, tiled=True))
        return np.asarray(array)
