"""Whether the artwork alone tells the genre of the song it was made for.

Songs are not needed: hearings are made up, each of one genre with the probabilities a
listener might give and traits as music has them, and go the way of real ones: `compose`
writes, the painter paints. A linear classifier learns from half of the pictures'
features which genre they were painted for, and is asked about the other half.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from benchmarks.paint.judging import Judge
from jaxsoundart.arrays import Images
from jaxsoundart.compose import prompt as composing
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.paint.order import Order
from jaxsoundart.sound.waveform import Traits

GENRES = (
    *("blues", "classical", "country", "disco", "hiphop"),
    *("jazz", "metal", "pop", "reggae", "rock"),
)
_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_RIDGE = 0.1


@dataclass(frozen=True)
class Told:
    """Pictures, and which genre is told of those that were not learnt from.

    Attributes:
        pictures: Of all hearings, genre by genre.
        genres: Of each picture, an index into `GENRES`.
        asked: Rows of the pictures that were not learnt from.
        answers: What was told of these.
    """

    pictures: Images
    genres: Int[np.ndarray, " pictures"]
    asked: Int[np.ndarray, " asked"]
    answers: Int[np.ndarray, " asked"]

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float(np.mean(self.genres[self.asked] == self.answers))

    @property
    def confusion(self) -> Int[np.ndarray, "genres genres"]:
        """How often a genre, by rows, was told to be another, by columns."""
        counts = np.zeros((len(GENRES), len(GENRES)), np.int64)
        np.add.at(counts, (self.genres[self.asked], self.answers), 1)
        return counts


def imagine(generator: np.random.Generator, genre: str) -> Hearing:
    """Returns a hearing of some song of a genre."""
    others = [name for name in GENRES if name != genre]
    sure = generator.uniform(0.45, 0.95)
    shares = (1.0 - sure) * generator.dirichlet(np.full(len(others), 0.5))
    labels = {genre: sure, **dict(zip(others, map(float, shares), strict=True))}
    mode = generator.choice(("major", "minor"))
    traits = Traits(
        tempo_bpm=float(generator.uniform(70, 170)),
        key=f"{generator.choice(_TONICS)} {mode}",
        loudness_db=float(generator.uniform(-28, -9)),
        brightness_hz=float(generator.uniform(1200, 3400)),
        dynamics_db=float(generator.uniform(4, 18)),
    )
    ranked = dict(sorted(labels.items(), key=lambda item: -item[1]))
    return Hearing(
        labels={"genre": ranked}, traits=traits, excerpts=(), listener="imagined"
    )


def tell(judge: Judge, each: int) -> Told:
    """Paints `each` hearings of every genre, and asks for the genre of half."""
    generator = np.random.default_rng(0)
    words = judge.painter.model.words
    genres = np.repeat(np.arange(len(GENRES)), each)
    orders = []
    for number, genre in enumerate(genres):
        hearing = imagine(generator, GENRES[genre])
        (brief,) = composing.compose(hearing, vocabulary=words)
        orders.append(
            Order(
                prompt=brief.prompt,
                negative_prompt=brief.negative_prompt,
                seed=number,
            )
        )
    pictures = judge.paint(orders)
    features, _ = judge.recogniser.look(pictures)
    learnt = np.arange(len(genres)) % 2 == 0
    answers = _classify(features[learnt], genres[learnt], features[~learnt])
    return Told(pictures, genres, np.flatnonzero(~learnt), answers)


def _classify(
    known: Float[np.ndarray, "known features"],
    genres: Int[np.ndarray, " known"],
    asked: Float[np.ndarray, "asked features"],
) -> Int[np.ndarray, " asked"]:
    """Ridge regression onto one number a genre; the largest wins."""
    mean, std = known.mean(0), known.std(0) + 1e-3
    inputs = np.pad((known - mean) / std, ((0, 0), (0, 1)), constant_values=1.0)
    wanted = np.eye(len(GENRES))[genres]
    gram = inputs.T @ inputs + _RIDGE * len(inputs) * np.eye(inputs.shape[1])
    weights = np.linalg.solve(gram, inputs.T @ wanted)
    there = np.pad((asked - mean) / std, ((0, 0), (0, 1)), constant_values=1.0)
    return (there @ weights).argmax(1)
