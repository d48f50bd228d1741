"""What is painted over: a picture, and a mask of what may change."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from jaxsoundart.arrays import Image, Images, Mask
from jaxsoundart.errors import ArgumentError

Pixels = Float32[np.ndarray, "height width 3"]


@dataclass(frozen=True)
class Canvas:
    """A picture to paint over.

    Attributes:
        image: The picture.
        mask: 255 where it is painted anew, 0 where it stays; None for all anew.
    """

    image: Image
    mask: Mask | None = None

    @property
    def pixels(self) -> Pixels:
        """The picture, -1 to 1."""
        return to_pixels(self.image)

    @property
    def without_masked(self) -> Pixels:
        """The picture, grey where it is to be painted anew."""
        assert self.mask is not None
        return self.pixels * (self.mask < 128)[..., None].astype(np.float32)

    def latent_mask(self, reduction: int) -> Float32[np.ndarray, "rows columns 1"]:
        """Returns 1 for each latent to be painted anew, 0 for each that stays."""
        assert self.mask is not None
        nearest = self.mask[::reduction, ::reduction]
        return (nearest >= 128).astype(np.float32)[..., None]

    def keep(self, painted: Image) -> Image:
        """Returns what was painted, and the picture's own pixels where they stay."""
        if self.mask is None:
            return painted
        share = self.mask.astype(np.float32)[..., None] / 255.0
        mixed = share * painted + (1.0 - share) * self.image
        return np.round(mixed).astype(np.uint8)

    def check(self, width_px: int, height_px: int) -> None:
        """Checks picture and mask against the size to paint at.

        Raises:
            ArgumentError: One is of another size.
        """
        for name, array in (("picture", self.image), ("mask", self.mask)):
            if array is not None and array.shape[:2] != (height_px, width_px):
                height, width = array.shape[:2]
                raise ArgumentError(
                    f"the {name} to paint over is {width}×{height} px; "
                    f"wanted {width_px}×{height_px}"
                )


def to_pixels(image: Image) -> Pixels:
    """Returns a picture's values as -1 to 1."""
    return image.astype(np.float32) / 127.5 - 1.0


def to_images(pixels: np.ndarray) -> Images:
    """Returns pixels, -1 to 1 and what lies beyond, as 8-bit pictures."""
    return np.round(127.5 * (np.clip(pixels, -1.0, 1.0) + 1.0)).astype(np.uint8)
