"""Contact sheets, to look at the gallery.

python -m train.gallery.sheet --size 256 --count 6 --out sheet.png
python -m train.gallery.sheet --family "city skyline" --size 512 --out city.png
"""

import argparse
import dataclasses
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image

from train.gallery import vocabulary
from train.gallery.attributes import Attributes, sample_attributes
from train.gallery.draw import draw


def family_row(
    family: str, key: jax.Array, attributes: Attributes, size_px: int
) -> np.ndarray:
    """Draws the pictures of one family side by side, uint8 (height, width, 3)."""
    keys = jax.random.split(key, len(attributes.palette))
    pictures = np.asarray(draw(family, keys, attributes, size_px))
    return np.round(255 * np.concatenate(pictures, axis=1)).astype(np.uint8)


def gallery_sheet(seed: int, size_px: int, count: int) -> np.ndarray:
    """A row per family, `count` pictures with random attributes in each."""
    rows = []
    for index, family in enumerate(vocabulary.FAMILIES):
        key, attribute_key = jax.random.split(jax.random.key(seed + 1000 * index))
        attributes = sample_attributes(attribute_key, count)
        rows.append(family_row(family, key, attributes, size_px))
    return np.concatenate(rows)


def family_sheet(family: str, seed: int, size_px: int, count: int) -> np.ndarray:
    """All palettes of one family, `count` pictures a row."""
    total = len(vocabulary.PALETTES)
    key, attribute_key = jax.random.split(jax.random.key(seed))
    attributes = sample_attributes(attribute_key, total)
    attributes = dataclasses.replace(attributes, palette=jnp.arange(total))
    row = family_row(family, key, attributes, size_px)
    width = count * size_px
    padding = -row.shape[1] % width
    row = np.pad(row, ((0, 0), (0, padding), (0, 0)))
    return np.concatenate(np.split(row, row.shape[1] // width, axis=1))


def main() -> None:
    """Reads the command line and writes one PNG."""
    parser = argparse.ArgumentParser(
        description="Contact sheets, to look at the gallery."
    )
    parser.add_argument("--size", type=int, default=256, help="pixels of a picture")
    parser.add_argument("--count", type=int, default=6, help="pictures in a row")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family", choices=vocabulary.FAMILIES, help="only this one")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    options = parser.parse_args()
    if not 64 <= options.size <= 1024:
        parser.error(f"--size is {options.size}; pictures have 64 to 1024 pixels")
    if options.count < 1:
        parser.error(f"--count is {options.count}; a row needs at least one picture")
    if options.out.suffix.lower() != ".png" or not options.out.parent.is_dir():
        parser.error(f"--out {options.out}: name a .png file in an existing folder")
    if options.family:
        sheet = family_sheet(options.family, options.seed, options.size, options.count)
    else:
        sheet = gallery_sheet(options.seed, options.size, options.count)
    Image.fromarray(sheet).save(options.out)
    print(f"{options.out}: {sheet.shape[1]} x {sheet.shape[0]} px")


if __name__ == "__main__":
    main()
