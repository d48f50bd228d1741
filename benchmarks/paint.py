"""How well a painter trained on the gallery paints what its words say.

    python -m benchmarks.paint
    python -m benchmarks.paint --write --sheet docs/images/painter.jpg

Every family is painted in every palette. A recogniser that has learnt family and
palette from gallery pictures (ridge regression on where edges are, on light and on
colours) says what it sees; how often it is right with gallery pictures it does not
know, and with those after the autoencoder, is what could be reached. `--write` puts the
figures between the marks of the painter's model card, `--sheet` draws the pictures: a
row for each family, a column for each palette.
"""

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path

import jax
import numpy as np
from PIL import Image

from benchmarks.figures import put
from jaxsoundart.arrays import Images
from jaxsoundart.errors import SoundArtError
from jaxsoundart.paint import open_painter
from jaxsoundart.paint.model import StableDiffusion
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.runtime.compilation import keep_compiled_programs
from train.corpus import draw_chunk
from train.gallery import vocabulary
from train.painter_config import CorpusConfig

ROOT = Path(__file__).parents[1]
CARD = ROOT / "jaxsoundart" / "models" / "painter" / "README.md"
GALLERY = CorpusConfig(
    seed=7_777,  # of no training run
    size_px=128,
    textures=("smooth",),
    per_family=64,
    first_chunks=1,
    chunks=1,
    steps_per_chunk=1,
)
LEARNT_CHUNKS, ORIENTATIONS, RIDGE = 3, 6, 0.3


def pool(values: np.ndarray, cells: int) -> np.ndarray:
    """Returns means over a square grid of cells, flat, of maps (batch, h, w, c)."""
    batch, height, width, channels = values.shape
    high, wide = height // cells, width // cells
    grid = values.reshape(batch, cells, high, cells, wide, channels)
    return grid.mean((2, 4)).reshape(batch, -1)


def shapes(images: Images) -> np.ndarray:
    """Returns what tells families: light and edges, place by place, without colour."""
    light = (images / 255.0) @ np.array([0.299, 0.587, 0.114])
    light -= light.mean((1, 2), keepdims=True)
    light /= light.std((1, 2), keepdims=True) + 0.02
    down, across = np.gradient(light, axis=(1, 2))
    angle = np.mod(np.arctan2(down, across), np.pi) / np.pi * ORIENTATIONS
    bins = np.floor(angle)[..., None] % ORIENTATIONS == np.arange(ORIENTATIONS)
    edges = np.sqrt(pool(bins * np.hypot(down, across)[..., None], 8))
    return np.concatenate([pool(light[..., None], 16), 3 * edges], axis=1)


def colours(images: Images) -> np.ndarray:
    """Returns what tells palettes: which colours there are, and roughly where."""
    index = (images // 43).astype(int) @ np.array([36, 6, 1])
    counts = np.stack([np.bincount(one.ravel(), minlength=216) for one in index])
    share = np.sqrt(counts / index[0].size)
    return np.concatenate([4 * share, pool(images / 127.5 - 1.0, 4)], axis=1)


@dataclasses.dataclass(frozen=True)
class Recogniser:
    """Linear, from standardised features to one number a label; the largest wins."""

    mean: np.ndarray
    std: np.ndarray
    weights: np.ndarray

    @classmethod
    def learn(cls, features: np.ndarray, targets: np.ndarray) -> "Recogniser":
        """Fits by ridge regression onto one-hot targets."""
        mean, std = features.mean(0), features.std(0) + 1e-3
        inputs = np.pad((features - mean) / std, ((0, 0), (0, 1)), constant_values=1.0)
        wanted = np.eye(targets.max() + 1)[targets]
        gram = inputs.T @ inputs + RIDGE * len(inputs) * np.eye(inputs.shape[1])
        return cls(mean, std, np.linalg.solve(gram, inputs.T @ wanted))

    def accuracy(self, features: np.ndarray, targets: np.ndarray) -> float:
        """Returns the share of rows whose label wins."""
        inputs = (features - self.mean) / self.std
        seen = inputs @ self.weights[:-1] + self.weights[-1]
        return float((seen.argmax(1) == targets).mean())


def draw_gallery(index: int) -> tuple[Images, np.ndarray, np.ndarray]:
    """Returns pictures, families and palettes of one chunk."""
    chunk = draw_chunk(GALLERY, index)
    families = [vocabulary.FAMILIES.index(subject[0]) for subject in chunk.subjects]
    palettes = [vocabulary.PALETTES.index(subject[1]) for subject in chunk.subjects]
    return chunk.images, np.array(families), np.array(palettes)


def through_autoencoder(model: StableDiffusion, images: Images) -> Images:
    """Returns the pictures encoded and decoded."""
    vae = VAE(model.vae.config)
    again = jax.jit(lambda params, pixels: vae.apply({"params": params}, pixels))
    parts = [
        np.asarray(again(model.params["vae"], images[start : start + 32] / 127.5 - 1.0))
        for start in range(0, len(images), 32)
    ]
    pixels = 127.5 * (np.concatenate(parts) + 1.0)
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8)


def orders(guidance: float) -> list[Order]:
    """Returns an order for each family in each palette, family by family."""
    return [
        Order(
            prompt=f"{family}, {palette} palette, {light}, smooth",
            seed=seed,
            guidance=guidance,
        )
        for seed, (family, palette, light) in enumerate(
            (family, palette, vocabulary.LIGHTS[number % len(vocabulary.LIGHTS)])
            for family in vocabulary.FAMILIES
            for number, palette in enumerate(vocabulary.PALETTES)
        )
    ]


def report(options: argparse.Namespace) -> tuple[dict[str, float], Images]:
    """Returns the figures and the painted pictures."""
    drawn = [draw_gallery(index) for index in range(LEARNT_CHUNKS)]
    images, families, palettes = map(np.concatenate, zip(*drawn, strict=True))
    family = Recogniser.learn(shapes(images), families)
    palette = Recogniser.learn(colours(images), palettes)
    images, families, palettes = draw_gallery(LEARNT_CHUNKS)

    painter = open_painter(options.painter)
    again = through_autoencoder(painter.model, images)
    settings = Settings(sampler=options.sampler, steps=options.steps)
    asked = orders(options.guidance)
    painter.paint(asked[:1], settings)
    started_s = time.perf_counter()
    painted = painter.paint(asked, settings)
    spent_s = time.perf_counter() - started_s
    wanted = np.divmod(np.arange(len(asked)), len(vocabulary.PALETTES))
    figures = {
        "pictures": len(asked),
        "steps": options.steps,
        "guidance": options.guidance,
        "autoencoder_difference": float(
            np.abs(images.astype(float) - again).mean() / 127.5
        ),
        "seconds_a_picture": spent_s / len(asked),
    }
    for name, pictures, which, palettes_of in (
        ("gallery", images, families, palettes),
        ("autoencoder", again, families, palettes),
        ("painted", painted, *wanted),
    ):
        figures[f"{name}_family"] = family.accuracy(shapes(pictures), which)
        figures[f"{name}_palette"] = palette.accuracy(colours(pictures), palettes_of)
    return figures, painted


def as_text(figures: dict[str, float]) -> str:
    """Returns the figures as the table of the card."""
    f = figures
    return "\n".join(
        [
            f"{f['pictures']} pictures of {f['steps']} steps, guidance "
            f"{f['guidance']:g}; share whose family and palette a recogniser names:",
            "",
            "| pictures | family (chance 0.07) | palette (chance 0.08) |",
            "|---|---|---|",
            *(
                f"| {said} | {f[f'{name}_family']:.2f} | {f[f'{name}_palette']:.2f} |"
                for name, said in (
                    ("gallery", "gallery, not learnt from"),
                    ("autoencoder", "the same, encoded and decoded"),
                    ("painted", "painted from words"),
                )
            ),
            "",
            "Mean absolute difference of a gallery picture from itself encoded and "
            f"decoded: {f['autoencoder_difference']:.3f} (black to white is 2).",
        ]
    )


def main() -> int:
    """Parses the command line, measures, prints or writes."""
    usual, kept = Settings(), Order(prompt="")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--painter", default="bundled", metavar="ID")
    parser.add_argument("--guidance", type=float, default=kept.guidance)
    parser.add_argument("--sampler", default=usual.sampler)
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--sheet", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into the model card")
    options = parser.parse_args()
    keep_compiled_programs()
    try:
        figures, painted = report(options)
    except SoundArtError as error:
        print(f"paint.py: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(figures) if options.json else as_text(figures))
    if options.write:
        put(CARD, as_text(figures))
    if options.sheet:
        rows = painted.reshape(-1, len(vocabulary.PALETTES), *painted.shape[1:])
        sheet = np.concatenate([np.concatenate(row, axis=1) for row in rows])
        Image.fromarray(sheet).save(options.sheet, quality=90)
    return 0


if __name__ == "__main__":
    sys.exit(main())
