"""How well a painter trained on the gallery paints what its words say.

    python -m benchmarks.paint
    python -m benchmarks.paint --write --sheet docs/images/painter.jpg

Every family that the painter has words for is painted in every such palette. A
recogniser that has learnt family and palette from gallery pictures (ridge regression
on where edges are, on light and on colours) says what it sees; how often it is right
with gallery pictures it does not know, and with those after the autoencoder, is what
could be reached. `--write` puts the figures between the marks of the painter's model
card, `--sheet` draws the pictures: a row for each family, a column for each palette.
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
from train.corpus import draw_some
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


def known(model: StableDiffusion, names: tuple[str, ...]) -> list[str]:
    """Returns the names of which a painter knows every word."""
    words = model.words
    return [name for name in names if words is None or {*name.split()} <= words]


def draw_gallery(
    index: int, families: list[str], palettes: list[str]
) -> tuple[Images, np.ndarray, np.ndarray]:
    """Returns pictures of one chunk, and which family and palette each is of."""
    images, which = [], []
    for number, family in enumerate(families):
        key = jax.random.fold_in(jax.random.key(GALLERY.seed + index), number)
        drawn, subjects = draw_some(
            GALLERY, family, key, GALLERY.per_family, GALLERY.size_px
        )
        kept = [row for row, subject in enumerate(subjects) if subject[1] in palettes]
        images.append(drawn[kept])
        which += [(number, palettes.index(subjects[row][1])) for row in kept]
    both = np.array(which)
    return np.concatenate(images), both[:, 0], both[:, 1]


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


def orders(guidance: float, families: list[str], palettes: list[str]) -> list[Order]:
    """Returns an order for each family in each palette, family by family."""
    return [
        Order(
            prompt=f"{family}, {palette} palette, {light}, smooth",
            seed=seed,
            guidance=guidance,
        )
        for seed, (family, palette, light) in enumerate(
            (family, palette, vocabulary.LIGHTS[number % len(vocabulary.LIGHTS)])
            for family in families
            for number, palette in enumerate(palettes)
        )
    ]


def report(options: argparse.Namespace) -> tuple[dict[str, float], Images]:
    """Returns the figures and the painted pictures, family by family."""
    painter = open_painter(options.painter)
    named = [
        known(painter.model, names)
        for names in (vocabulary.FAMILIES, vocabulary.PALETTES)
    ]
    drawn = [draw_gallery(index, *named) for index in range(LEARNT_CHUNKS)]
    images, families, palettes = map(np.concatenate, zip(*drawn, strict=True))
    family = Recogniser.learn(shapes(images), families)
    palette = Recogniser.learn(colours(images), palettes)
    images, families, palettes = draw_gallery(LEARNT_CHUNKS, *named)

    again = through_autoencoder(painter.model, images)
    settings = painter.settle(
        Settings(sampler=options.sampler, steps=options.steps, upscale=False)
    )
    guidance = options.guidance or painter.model.defaults.guidance
    asked = orders(guidance, *named)
    painter.paint(asked[:1], settings)
    started_s = time.perf_counter()
    painted = painter.paint(asked, settings)
    spent_s = time.perf_counter() - started_s
    wanted = np.divmod(np.arange(len(asked)), len(named[1]))
    figures = {
        "pictures": len(asked),
        "families": len(named[0]),
        "palettes": len(named[1]),
        "steps": settings.steps,
        "guidance": guidance,
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
            f"| pictures | family (chance {1 / f['families']:.2f}) | "
            f"palette (chance {1 / f['palettes']:.2f}) |",
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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--painter", default="bundled", metavar="ID")
    parser.add_argument("--guidance", type=float, help="the painter's own")
    parser.add_argument("--sampler", help="the painter's own")
    parser.add_argument("--steps", type=int, help="the painter's own")
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
        columns = int(figures["palettes"])
        rows = painted.reshape(-1, columns, *painted.shape[1:])
        sheet = np.concatenate([np.concatenate(row, axis=1) for row in rows])
        Image.fromarray(sheet).save(options.sheet, quality=90)
    return 0


if __name__ == "__main__":
    sys.exit(main())
