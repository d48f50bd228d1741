"""Gallery pictures and subjects that no painter learnt from."""

import dataclasses

import jax
import numpy as np

from benchmarks.paint.recogniser import HEADS, Names
from jaxsoundart.arrays import Images
from jaxsoundart.paint.canvas import to_images
from jaxsoundart.paint.model import StableDiffusion
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.runtime.modules import run
from train.corpus import Subject, draw_some
from train.gallery import vocabulary
from train.gallery.speech import wordings
from train.painter_config import CorpusConfig

SEED = 7_777  # of no training run
_TOGETHER = 32


def names_of(subjects: list[Subject]) -> Names:
    """Returns what pictures of such subjects are to be named."""
    order = ("family", "palette", "light", "texture")
    return {
        head: np.asarray([HEADS[head].index(one[place]) for one in subjects])
        for place, head in enumerate(order)
    }


def draw(
    corpus: CorpusConfig, part: int, per_family: int
) -> tuple[Images, list[Subject]]:
    """Draws gallery pictures of every family; each `part` is of its own seed."""
    own = dataclasses.replace(corpus, seed=SEED)
    images, subjects = [], []
    for number, family in enumerate(vocabulary.FAMILIES):
        key = jax.random.fold_in(jax.random.key(own.seed + part), number)
        drawn, shown = draw_some(own, family, key, per_family, own.size_px)
        images.append(drawn)
        subjects += shown
    return np.concatenate(images), subjects


def through_autoencoder(model: StableDiffusion, images: Images) -> Images:
    """Returns pictures encoded and decoded."""
    vae = model.vae
    assert isinstance(vae, VAE)
    again = jax.jit(lambda params, pixels: run(vae, params, pixels))
    parts = []
    for start in range(0, len(images), _TOGETHER):
        some = images[start : start + _TOGETHER]
        full = np.resize(some, (_TOGETHER, *some.shape[1:]))
        seen = again(model.params["vae"], full.astype(np.float32) / 127.5 - 1.0)
        parts.append(to_images(np.asarray(seen))[: len(some)])
    return np.concatenate(parts)


def worded(generator: np.random.Generator, subject: Subject) -> str:
    """Returns a prompt that names everything, in any of the known wordings."""
    said = [str(generator.choice(wordings(phrase))) for phrase in subject if phrase]
    said[1] = f"{said[1].removesuffix(' palette')} palette"
    return ", ".join(said)


def plainly(subject: Subject, *, without: int | None = None) -> str:
    """Returns a prompt in canonical words, one part of the subject left out."""
    family, palette, *rest = subject
    said = [family, f"{palette} palette", *rest]
    return ", ".join(
        phrase for place, phrase in enumerate(said) if phrase and place != without
    )
