"""Gallery pictures and subjects that no painter learnt from."""

import dataclasses

import jax
import numpy as np

from benchmarks.paint.recogniser import HEADS, Names
from jaxsoundart.arrays import Images
from jaxsoundart.compose import lexicon
from jaxsoundart.paint.canvas import to_images
from jaxsoundart.paint.model import StableDiffusion
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.runtime.modules import run
from train.corpus import Subject, draw_chunk
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


def draw(corpus: CorpusConfig, *parts: int) -> tuple[Images, list[Subject]]:
    """Draws chunks of gallery pictures, as those of training but of another seed."""
    own = dataclasses.replace(corpus, seed=SEED)
    chunks = [draw_chunk(own, part) for part in parts]
    subjects = [subject for chunk in chunks for subject in chunk.subjects]
    return np.concatenate([chunk.images for chunk in chunks]), subjects


def through_autoencoder(model: StableDiffusion, images: Images) -> Images:
    """Returns pictures encoded and decoded."""
    vae = model.vae
    assert isinstance(vae, VAE)
    # Weights lie on disk until they are asked for.
    params = jax.tree.map(np.asarray, model.params["vae"])
    again = jax.jit(lambda params, pixels: run(vae, params, pixels))
    parts = []
    for start in range(0, len(images), _TOGETHER):
        some = images[start : start + _TOGETHER]
        full = np.resize(some, (_TOGETHER, *some.shape[1:]))
        seen = again(params, full.astype(np.float32) / 127.5 - 1.0)
        parts.append(to_images(np.asarray(seen))[: len(some)])
    return np.concatenate(parts)


def worded(
    generator: np.random.Generator, subject: Subject, known: frozenset[str] | None
) -> str:
    """Returns a prompt that names everything, in any wording of known words.

    Args:
        generator: Chooses the wordings.
        subject: What is named.
        known: The words that the painter knows; all if none are listed.
    """

    def ways(phrase: str) -> list[str]:
        some = wordings(phrase)
        if known is None:
            return list(some)
        return [way for way in some if lexicon.words(way) <= known]

    said = [str(generator.choice(ways(phrase))) for phrase in subject if phrase]
    said[1] = f"{said[1].removesuffix(' palette')} palette"
    return ", ".join(said)


def plainly(subject: Subject, *, without: int | None = None) -> str:
    """Returns a prompt in canonical words, one part of the subject left out."""
    family, palette, *rest = subject
    said = [family, f"{palette} palette", *rest]
    return ", ".join(
        phrase for place, phrase in enumerate(said) if phrase and place != without
    )
