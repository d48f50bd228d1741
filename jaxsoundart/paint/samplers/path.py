"""The times a sampler visits, and how much noise there is at each.

The schedulers of the reference implementation (diffusers) fall into families, which
place as many steps at other times; each sampler here goes its own family's way.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64

from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint.schedule import Schedule

Times = Float64[np.ndarray, " steps"]
Even = Literal["leading", "linspace", "trailing"]

# alpha² where a zero-signal process begins, for samplers that divide by alpha.
LEAST_SIGNAL = 2.0**-24

# The curvature of Karras et al. 2022, eq. 5.
_RHO = 7.0


@dataclass(frozen=True)
class Point:
    """A place on the way from noise to picture.

    Attributes:
        time: What the network is told there.
        alpha: Signal's share.
        sigma: Noise's share.
    """

    time: float
    alpha: float
    sigma: float

    @classmethod
    def of_signal(cls, time: float, squared: float) -> "Point":
        """The place where alpha² is `squared`."""
        return cls(time, math.sqrt(squared), math.sqrt(1.0 - squared))

    @classmethod
    def of_level(cls, time: float, level: float) -> "Point":
        """The place where sigma / alpha is `level`."""
        alpha = 1.0 / math.hypot(1.0, level)
        return cls(time, alpha, level * alpha)

    @property
    def level(self) -> float:
        """Noise in units of signal, Karras' sigma."""
        return self.sigma / self.alpha

    @property
    def log_snr(self) -> float:
        """log(alpha / sigma), the DPM-Solver papers' lambda."""
        return math.log(self.alpha / self.sigma) if self.sigma else math.inf


END = Point(time=0.0, alpha=1.0, sigma=0.0)
"""The picture."""


@dataclass(frozen=True)
class Path:
    """A sampler's way.

    Attributes:
        schedule: The process it is a way through.
        points: One a step, and where the last step ends.
        start: The deviation of the noise it begins with.
    """

    schedule: Schedule
    points: tuple[Point, ...]
    start: float = 1.0

    @property
    def steps(self) -> int:
        """How many there are."""
        return len(self.points) - 1

    @property
    def stride(self) -> int:
        """Training times that a step of DDIM or PNDM takes, evenly spaced or not."""
        return self.schedule.config.num_train_timesteps // self.steps

    def at(self, time: float, *, clean_end: bool) -> Point:
        """Returns the place at a whole time, or the end before time 0.

        Args:
            time: Of training.
            clean_end: Whether the end is without noise where the config says nothing.
        """
        asked = self.schedule.config.set_alpha_to_one
        if time < 0 and (clean_end if asked is None else asked):
            return END
        return _at(self.schedule, max(time, 0.0))


def whole(schedule: Schedule, steps: int, even: Even, karras: bool) -> Path:
    """The way of DDIM, DDPM and PNDM, through whole times."""
    times = np.round(_evenly(schedule, steps, even))
    return Path(schedule, (*(_at(schedule, time) for time in times), END))


def levels(schedule: Schedule, steps: int, even: Even, karras: bool) -> Path:
    """The way of Euler, Heun and LMS, through levels of noise between training's."""
    table = _levels(schedule)
    times = _evenly(schedule, steps, even)
    visited = np.interp(times, np.arange(len(table)), table)
    if karras:
        visited = _karras(visited[0], visited[-1], steps)
        times = _times_of(visited, table)
    points = tuple(map(Point.of_level, times.tolist(), visited.tolist()))
    # Of these, the reference implementation starts those that visit the noisiest time
    # with noise as strong as if there were no signal.
    start = 1.0 if even == "leading" else points[0].sigma
    return Path(schedule, (*points, END), start)


def solver(schedule: Schedule, steps: int, even: Even, karras: bool) -> Path:
    """The way of DPM-Solver++ and UniPC: evenly spaced, time 0 is a step's end."""
    table = _levels(schedule)
    times = np.round(_evenly(schedule, steps, even, beyond=1))
    visited = np.interp(times, np.arange(len(table)), table)
    if karras:
        visited = _karras(table[-1], table[0], steps)
        times = np.round(_times_of(visited, table))
    points = tuple(map(Point.of_level, times.tolist(), visited.tolist()))
    return Path(schedule, (*points, END))


def distilled(schedule: Schedule, steps: int, even: Even, karras: bool) -> Path:
    """The way of latent consistency models: some of the times they were distilled at.

    Raises:
        ArgumentError: There are not so many.
    """
    count = schedule.config.original_inference_steps
    if steps > count:
        raise ArgumentError(
            f"{steps} steps asked for; wanted 1 to {count}, the steps this painter was "
            "distilled from"
        )
    stride = schedule.config.num_train_timesteps // count
    taken = np.floor(np.linspace(0, count, steps, endpoint=False))
    times = (count - taken) * stride - 1
    return Path(schedule, (*(_at(schedule, time) for time in times), END))


def _at(schedule: Schedule, time: float) -> Point:
    last = len(schedule.alphas_cumprod) - 1
    return Point.of_signal(time, schedule.alphas_cumprod[min(int(time), last)])


def _evenly(schedule: Schedule, steps: int, even: Even, beyond: int = 0) -> Times:
    """Evenly spaced times, noisiest first; `beyond` more are divided for and left out.

    Source: Lin et al. 2023, table 2; diffusers `timestep_spacing`.
    """
    count, offset = schedule.config.num_train_timesteps, schedule.config.steps_offset
    all_steps = steps + beyond
    match even:
        case "linspace":
            return np.linspace(0, count - 1, all_steps)[::-1][:steps]
        case "leading":
            times = np.arange(all_steps)[::-1] * float(count // all_steps) + offset
            return times[:steps]
        case "trailing":
            return np.round(np.arange(count, 0, -count / steps))[:steps] - 1.0


def _levels(schedule: Schedule) -> Float64[np.ndarray, " times"]:
    """The level of noise at every training time, none of them infinite."""
    squared = np.maximum(schedule.alphas_cumprod, LEAST_SIGNAL)
    return np.sqrt((1.0 - squared) / squared)


def _karras(most: float, least: float, steps: int) -> Times:
    """Levels spaced by Karras et al. 2022, eq. 5."""
    roots = np.linspace(most ** (1.0 / _RHO), least ** (1.0 / _RHO), steps)
    return roots**_RHO


def _times_of(visited: Times, table: Float64[np.ndarray, " times"]) -> Times:
    return np.interp(np.log(visited), np.log(table), np.arange(len(table)))
