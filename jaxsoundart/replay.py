"""Paints a picture again from the record inside it, and compares bit by bit."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np

from jaxsoundart import paint as painting
from jaxsoundart.commission import Cover
from jaxsoundart.errors import ModelError, PictureError
from jaxsoundart.paint.hand import Hand
from jaxsoundart.paint.order import Order
from jaxsoundart.picture import pixels, png
from jaxsoundart.picture.record import Versions, today


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A picture painted again.

    Attributes:
        cover: The new picture; its record names the software that painted it now.
        differing_pixels: How many are not the same as in the old one.
        largest_difference: Between two values of a channel, 0 to 255.
        hint: What differs between then and now, apart from the pixels; may be empty.
    """

    cover: Cover
    differing_pixels: int
    largest_difference: int
    hint: str

    @property
    def is_equal(self) -> bool:
        """Whether both pictures are the same bit for bit."""
        return self.differing_pixels == 0


def replay(
    picture: str | Path,
    *,
    painter: str | Path | Hand | None = None,
    over: str | Path | None = None,
    mask: str | Path | None = None,
) -> Replay:
    """Paints the picture of a cover's record again.

    Args:
        picture: A PNG with its record inside.
        painter: Where its painter is now; where the record says, unless given. As a
            `Hand` if another VAE or low-rank changes made it what it was.
        over: The picture that it was painted over, if it was.
        mask: The mask of what was painted anew, if there was one.

    Raises:
        PictureError: The file cannot be read or carries no record, or `over` or `mask`
            is not what it was painted over.
        ModelError: The painter cannot be loaded, or its weights are others.
    """
    old, record = png.read(picture)
    then = record.painting
    for name, file, sha256 in (
        ("over", over, then.over_sha256),
        ("mask", mask, then.mask_sha256),
    ):
        if (file is None) != (sha256 is None):
            raise PictureError(
                f"{picture} was painted without --{name}; leave it out"
                if file
                else f"{picture} was painted with --{name}; name that file again"
            )
    order = Order(
        prompt=record.brief.prompt,
        negative_prompt=record.brief.negative_prompt,
        seed=then.seed,
        guidance=then.guidance,
        variation=then.variation,
        variation_seed=then.variation_seed,
    )
    hand = painting.open_painter(then.painter if painter is None else painter)
    if hand.model.sha256 != then.painter_sha256:
        changed = f", changed by {', '.join(then.changes)}," if then.changes else ""
        raise ModelError(
            f"{picture} was painted by {then.painter}{changed} with the hash "
            f"{then.painter_sha256[:12]}…, the painter here has "
            f"{hand.model.sha256[:12]}…; name the same with --painter, --vae and --lora"
        )
    size = hand.size_px(then.settings)
    under = None if over is None else pixels.read(over, *size)
    stencil = None if mask is None else pixels.read_mask(mask, *size)
    for file, array, sha256 in (
        (over, under, then.over_sha256),
        (mask, stencil, then.mask_sha256),
    ):
        if array is not None and pixels.digest(array) != sha256:
            raise PictureError(f"{file} is not what {picture} was painted over")
    (new,) = hand.paint([order], then.settings, over=under, mask=stencil)
    here = Versions.installed()
    now = dataclasses.replace(then, backend=jax.default_backend())
    if old.shape == new.shape:
        difference = np.abs(old.astype(int) - new)
    else:
        difference = np.full(new.shape, 255)
    return Replay(
        cover=Cover(
            image=new,
            record=dataclasses.replace(
                record, painting=now, versions=here, painted_on=today()
            ),
        ),
        differing_pixels=int(difference.any(axis=-1).sum()),
        largest_difference=int(difference.max()),
        hint=", ".join(
            f"{name} {before} then, {after} now"
            for name, before, after in (
                ("backend", then.backend, now.backend),
                ("jax", record.versions.jax, here.jax),
                ("jaxsoundart", record.versions.jaxsoundart, here.jaxsoundart),
            )
            if before != after
        ),
    )
