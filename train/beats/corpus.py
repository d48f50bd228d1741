"""What beats are learnt from: pieces of the studio as the network is given them."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from jaxsoundart.sound import beat_network
from jaxsoundart.sound.analysis import mel_power
from train.progress import Progress
from train.studio import augment
from train.studio.compose import compose
from train.studio.render import render
from train.studio.score import BEATS_PER_BAR
from train.studio.styles import STYLES

# Others than those of the ear's pieces and of the benchmark's.
FIRST_SEED = {"train": 4_000_000, "valid": 5_000_000}


@dataclass(frozen=True)
class Known:
    """A piece, heard, and where everything begins in it.

    Attributes:
        levels: What the network is given.
        events_s: For each of `beat_network.EVENTS`, its times in seconds.
        frame_rate_hz: Frames per second.
    """

    levels: Float32[np.ndarray, "frames mels"]
    events_s: tuple[np.ndarray, ...]
    frame_rate_hz: float

    def save(self, path: Path) -> None:
        """Writes it whole or not at all."""
        unfinished = path.with_suffix(".part")
        named = dict(zip(beat_network.EVENTS, self.events_s, strict=True))
        levels = self.levels.astype(np.float16)
        with unfinished.open("wb") as file:
            np.savez(file, levels=levels, rate_hz=self.frame_rate_hz, **named)
        unfinished.rename(path)

    @classmethod
    def load(cls, path: Path) -> "Known":
        """Reads what `save` wrote."""
        with np.load(path) as kept:
            events_s = tuple(kept[name] for name in beat_network.EVENTS)
            levels = kept["levels"].astype(np.float32)
            return cls(levels, events_s, float(kept["rate_hz"]))


def make(task: tuple[str, int], *, fonts: Sequence[Path], folder: Path) -> None:
    """Composes, renders, wears and hears one piece, and keeps it."""
    style, seed = task
    piece = compose(style, seed)
    font = fonts[seed % len(fonts)]
    sound = augment.anything(
        np.random.default_rng((seed, len(style))), render(piece, font, seed=seed)
    )
    mels, frame_rate_hz = mel_power(sound)
    beats_s = np.asarray(piece.beats_s)
    Known(
        levels=beat_network.features(mels),
        events_s=(beats_s, beats_s[::BEATS_PER_BAR], np.asarray(piece.drops_s)),
        frame_rate_hz=frame_rate_hz,
    ).save(folder / _name(task))


def collect(
    part: str, count: int, fonts: Sequence[Path], folder: Path, *, workers: int
) -> list[Known]:
    """Returns the pieces of a part, those that are not there yet made anew.

    Args:
        part: "train" or "valid".
        count: Pieces of each style.
        fonts: Soundfonts, in turn.
        folder: Where they are kept.
        workers: Processes.

    Raises:
        SoundArtError: FluidSynth or a soundfont is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    seeds = range(FIRST_SEED[part], FIRST_SEED[part] + count)
    tasks = [(style, seed) for seed in seeds for style in STYLES]
    missing = [task for task in tasks if not (folder / _name(task)).exists()]
    _make_all(part, missing, partial(make, fonts=fonts, folder=folder), workers)
    return [Known.load(folder / _name(task)) for task in tasks]


def _make_all(
    part: str, tasks: list[tuple[str, int]], work: partial[None], workers: int
) -> None:
    if not tasks:
        return
    progress = Progress(f"pieces for {part}", 0, len(tasks))
    # Not forked: a process with JAX in it does not survive being copied.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        made: Iterable[None] = pool.map(work, tasks)
        for number, _ in enumerate(made, 1):
            if number % len(STYLES) == 0 or number == len(tasks):
                progress.say(number, "rendered")


def _name(task: tuple[str, int]) -> str:
    return f"{task[0].replace(' ', '_')}_{task[1]}.npz"
