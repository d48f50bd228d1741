"""The whole call: orders in, pictures out.

Every device paints the same number of pictures at once, by the same compiled programs,
whatever is asked for: idle places are filled and their pictures thrown away. So a
picture's bits cannot depend on how many others were asked for, on its place among
them, or on how many devices share the work.
"""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jax.sharding import Mesh
from jaxtyping import UInt8

from jaxsoundart.arrays import Image, Images, Mask
from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint import memory, samplers
from jaxsoundart.paint.canvas import Canvas
from jaxsoundart.paint.engine import Engine
from jaxsoundart.paint.model import StableDiffusion
from jaxsoundart.paint.order import Order, Settings, Settled, check_size
from jaxsoundart.paint.rounds import rounds
from jaxsoundart.paint.sitting import Sitting
from jaxsoundart.paint.watch import Glimpse, Watch, unwatched
from jaxsoundart.runtime.mesh import data_mesh

# Of another size than a picture painted over, where they are enlarged.
Painted = UInt8[np.ndarray, "batch rows columns 3"]


@dataclass(frozen=True)
class Painter:
    """A Stable Diffusion, compiled for the devices of a mesh.

    Attributes:
        model: What paints.
        mesh: The devices that share the pictures.
        batch: Pictures that each device paints at once. On CPU more than one gains
            nothing; on accelerators a few are faster than one by one.
        shard_weights: Whether each device holds a part of the weights only, and is
            sent the rest as it paints.
    """

    model: StableDiffusion
    mesh: Mesh
    batch: int = 1
    shard_weights: bool = False

    @classmethod
    def create(
        cls,
        model: StableDiffusion,
        devices: Sequence[Any] | None = None,
        *,
        batch: int = 1,
        shard_weights: bool = False,
    ) -> "Painter":
        """Puts a model on `devices`, by default all there are, of all processes.

        Of several processes (`jax.distributed`) each makes the same painter and calls
        it with the same arguments; each is given all pictures.

        Args:
            model: What paints.
            devices: What it paints on.
            batch: Pictures that each device paints at once.
            shard_weights: Whether each device holds a part of the weights only. The
                pictures are the same; memory is saved, and time lost.

        Raises:
            ArgumentError: The batch is not positive.
        """
        if batch < 1:
            raise ArgumentError(f"batch is {batch}; use at least 1")
        return cls(model, data_mesh(devices), batch, shard_weights)

    @functools.cached_property
    def engine(self) -> Engine:
        """The model's programs on the devices."""
        capacity = self.mesh.size * self.batch
        return Engine(self.model, self.mesh, capacity, self.shard_weights)

    def size_px(self, settings: Settings | Settled) -> tuple[int, int]:
        """Returns width and height to paint at."""
        own_px = self.model.size_px
        return settings.width_px or own_px, settings.height_px or own_px

    def settle(self, settings: Settings | Settled) -> Settled:
        """Returns the settings with the painter's own where none were chosen.

        Raises:
            ArgumentError: Sampler, steps, spacing or size are impossible, or there is
                no upscaler.
        """
        own, (width_px, height_px) = self.model.defaults, self.size_px(settings)
        chosen = {
            **dataclasses.asdict(settings),
            "sampler": settings.sampler or own.sampler,
            "steps": own.steps if settings.steps is None else settings.steps,
            "width_px": width_px,
            "height_px": height_px,
            "upscale": self._upscales(settings),
        }
        settled = Settled(**chosen)
        for name in ("width", "height"):
            side_px = getattr(settled, f"{name}_px")
            check_size(name, side_px, self.model.vae.config.reduction)
        schedule = self.model.schedule
        samplers.plan(settled.sampler, schedule, settled.steps, spacing=settled.spacing)
        return settled

    def settle_order(self, order: Order) -> Order:
        """Returns the order with the painter's own guidance where none was chosen."""
        if order.guidance is not None:
            return order
        return dataclasses.replace(order, guidance=self.model.defaults.guidance)

    def paint(
        self,
        orders: Sequence[Order],
        settings: Settings | Settled | None = None,
        *,
        over: Image | None = None,
        mask: Mask | None = None,
        watch: Watch = unwatched,
        every_step: bool = False,
    ) -> Painted:
        """Paints one picture for each order.

        Args:
            orders: What to paint; they may differ in everything an `Order` has.
            settings: What they share.
            over: A picture to paint over (img2img), of the size to paint at.
            mask: Where `over` is painted anew, 255, and where it stays, 0 (inpainting).
            watch: Called a few times a picture.
            every_step: Whether it is called after every step, so that it can end the
                work within one. The pictures are the same.

        Returns:
            The pictures, in the order of the orders.

        Raises:
            ArgumentError: Settings, or the sizes of `over` and `mask`, are impossible;
                a prompt is too long where long ones are refused; the devices have not
                enough memory.
        """
        if not orders:
            raise ArgumentError("no picture asked for; wanted at least one")
        settled = self.settle(settings or Settings())
        canvas = self._canvas(settled, over, mask)
        orders = [self.settle_order(order) for order in orders]
        pictures: dict[int, Image] = {}
        capacity, long_prompts = self.engine.capacity, settled.long_prompts
        for some in rounds(self.model, orders, capacity, long_prompts=long_prompts):
            begun = len(some.numbers)
            # Idle places repeat the last order, so that every call has one shape.
            numbers = [*some.numbers, *some.numbers[-1:] * (capacity - begun)]
            full = [orders[number] for number in numbers]
            sitting = Sitting(
                self.engine, settled, full, some.chunks, canvas, every_step
            )
            self._check_memory(full[0], settled, some.chunks, over=canvas is not None)

            def tell(
                step: int,
                steps: int,
                look: Callable[[], Images],
                done: int = len(pictures),
                begun: tuple[int, ...] = some.numbers,
            ) -> None:
                def seen() -> Images:
                    return look()[: len(begun)]

                watch(Glimpse(done, len(orders), step, steps, begun, seen))

            painted = sitting.paint(tell)
            pictures.update(zip(some.numbers, painted, strict=False))
        nothing = np.zeros((0, 1, 1, 3), np.uint8)
        watch(Glimpse(len(orders), len(orders), 0, 0, (), lambda: nothing))
        return np.stack([pictures[number] for number in range(len(orders))])

    def check_words(
        self, orders: Sequence[Order], settings: Settings | Settled | None = None
    ) -> None:
        """Finds out, before anything is painted, whether prompts can be read.

        Raises:
            ArgumentError: A prompt is too long where long ones are refused, or a
                phrase's weight is impossible.
        """
        settled = self.settle(settings or Settings())
        orders = [self.settle_order(order) for order in orders]
        for _ in rounds(self.model, orders, 1, long_prompts=settled.long_prompts):
            pass

    def load(self, settings: Settings | None = None) -> None:
        """Reads the weights now; otherwise the first painting does.

        Raises:
            ArgumentError: The painter cannot paint with such settings.
            ModelError: A file has gone or changed, or a weight is not finite.
        """
        settled = self.settle(settings or Settings())
        reduction = self.model.vae.config.reduction
        self.engine.load(
            (settled.height_px // reduction, settled.width_px // reduction)
        )

    def compile(
        self,
        settings: Settings | Settled | None = None,
        *,
        guidance: float | None = None,
        chunks: int = 1,
    ) -> float:
        """Compiles what painting with such settings takes; paints nothing.

        Args:
            settings: What pictures will share.
            guidance: Of the pictures; 1 takes other programs than all other scales.
            chunks: Chunks that their prompts will take.

        Returns:
            Seconds that compiling took; little where it has been done before.

        Raises:
            ArgumentError: Settings are impossible, or take more memory than there is.
        """
        settled = self.settle(settings or Settings())
        before_s = self.engine.compile_s
        order = self.settle_order(Order(prompt="", guidance=guidance))
        orders = [order] * self.engine.capacity
        canvas = None
        if self.model.is_inpainting:
            sides = (settled.height_px, settled.width_px)
            nothing = np.zeros((*sides, 3), np.uint8), np.zeros(sides, np.uint8)
            canvas = Canvas(*nothing)
        self._check_memory(order, settled, chunks, over=canvas is not None)
        Sitting(self.engine, settled, orders, chunks, canvas).rehearse()
        return self.engine.compile_s - before_s

    def _check_memory(
        self, order: Order, settings: Settled, chunks: int, *, over: bool
    ) -> None:
        """Checks, once for every kind of round, that the devices have room for it."""
        guided = self.model.is_guided(order.guidance)
        kind = (
            guided,
            chunks,
            over,
            settings.width_px,
            settings.height_px,
            settings.enlarge,
            settings.decode_passes > 1,
            settings.upscale,
        )
        if kind in self._checked:
            return
        needed = memory.estimate(
            self.model,
            settings,
            guided=guided,
            batch=self.batch,
            chunks=chunks,
            over=over,
            parts=self.mesh.size if self.shard_weights else 1,
        )
        memory.check(needed, self.engine.held_bytes, self.mesh, settings)
        self._checked.add(kind)

    @functools.cached_property
    def _checked(self) -> set[tuple[Any, ...]]:
        return set()

    def _upscales(self, settings: Settings | Settled) -> bool:
        there = self.model.upscaler is not None
        if settings.upscale and not there:
            raise ArgumentError("this painter has no upscaler; leave out --upscale")
        return there if settings.upscale is None else settings.upscale

    def _canvas(
        self, settings: Settled, over: Image | None, mask: Mask | None
    ) -> Canvas | None:
        inpaints = self.model.is_inpainting
        if inpaints and (over is None or mask is None):
            raise ArgumentError(
                "this painter paints into pictures; give it one to paint over, "
                "and a mask"
            )
        if over is None:
            if mask is not None:
                raise ArgumentError("a mask is given, but no picture to paint over")
            return None
        if mask is not None and settings.enlarge > 1.0:
            raise ArgumentError(
                "what is painted into a mask cannot be enlarged; leave one out"
            )
        canvas = Canvas(over, mask)
        canvas.check(*self.size_px(settings))
        return canvas
