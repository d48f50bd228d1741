"""The reverse process: from noise to latents, one step at a time.

Each sampler is three pure functions around the network:

    initialize: noise ─▶ State
    update:     State, network's prediction, step ─▶ State       (inside `lax.scan`)
    finalize:   State ─▶ latents

What a step needs is computed beforehand on the host, in float64, as one row of `Steps`;
rows are traced, so other schedules of the same length recompile nothing. State is
float32 whatever the network computes in, and always *variance preserving*,
xt = alpha x0 + sigma eps, also in Euler, whose papers write x/alpha.
"""

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from flax import struct
from jaxtyping import Array, Float, Float32

from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint.schedule import Schedule

Latents = Float[Array, "batch latent_height latent_width channels"]
Rows = Float32[Array, "*steps"]

# What an exact zero signal is replaced by where a sampler divides by it.
_LEAST_ALPHA_CUMPROD = 2.0**-24


class Steps(struct.PyTreeNode):
    """One row a step.

    The new state is `keep` x + `clean` x0 + `previous` x0', with x0' the clean latents
    of the step before. Every sampler here is such a sum.

    Attributes:
        timestep: The time the network is told.
        alpha: Signal's share of the state before the step.
        sigma: Noise's share.
        keep: Weight of the state.
        clean: Weight of the predicted clean latents.
        previous: Weight of the clean latents predicted in the step before.
    """

    timestep: Rows
    alpha: Rows
    sigma: Rows
    keep: Rows
    clean: Rows
    previous: Rows


class State(struct.PyTreeNode):
    """What a sampler carries.

    Attributes:
        latents: The noisy latents xt.
        clean: The clean latents predicted in the last step; zero before the first.
    """

    latents: Latents
    clean: Latents


def initialize(noise: Latents) -> State:
    """Returns the state at the noisiest time: nothing but noise of unit variance."""
    return State(latents=noise, clean=jnp.zeros_like(noise))


def update(state: State, clean: Latents, step: Steps) -> State:
    """Returns the state after one step, given the clean latents predicted in it."""
    latents = (
        step.keep * state.latents + step.clean * clean + step.previous * state.clean
    )
    return State(latents=latents, clean=clean)


def finalize(state: State) -> Latents:
    """Returns the clean latents; the last step has taken all noise away."""
    return state.latents


@dataclass(frozen=True)
class _Path:
    """Signal and noise at the start of each step, and at the end of the last."""

    timesteps: np.ndarray
    alpha: np.ndarray
    sigma: np.ndarray

    def steps(
        self, keep: np.ndarray, clean: np.ndarray, previous: np.ndarray | None = None
    ) -> Steps:
        rows = (self.timesteps, self.alpha[:-1], self.sigma[:-1], keep, clean)
        last = np.zeros_like(keep) if previous is None else previous
        return Steps(*(jnp.asarray(row, jnp.float32) for row in (*rows, last)))


def _path(schedule: Schedule, timesteps: np.ndarray, last: float) -> _Path:
    """The path through `timesteps`, ending where alpha² is `last`."""
    times = np.arange(len(schedule.alphas_cumprod))
    visited = np.interp(timesteps, times, schedule.alphas_cumprod)
    squared = np.maximum(np.append(visited, last), 0.0)
    return _Path(timesteps, np.sqrt(squared), np.sqrt(1.0 - squared))


def ddim(schedule: Schedule, steps: int) -> Steps:
    """Denoising diffusion implicit models, deterministic (eta 0).

    Source: Song et al. 2021, eq. 12; diffusers `DDIMScheduler` (agrees to 1e-5).
    """
    config = schedule.config
    timesteps = np.round(schedule.timesteps(steps))
    stride = config.num_train_timesteps // steps
    following = (timesteps - stride).astype(int)
    end = 1.0 if config.set_alpha_to_one else schedule.alphas_cumprod[0]
    after = np.where(
        following >= 0, schedule.alphas_cumprod[np.maximum(following, 0)], end
    )
    now = schedule.alphas_cumprod[timesteps.astype(int)]
    path = _Path(
        timesteps,
        np.sqrt(np.append(now, after[-1])),
        np.sqrt(1.0 - np.append(now, after[-1])),
    )
    # x0 and eps mix anew: eps = (xt - alpha x0) / sigma.
    keep = np.sqrt(1.0 - after) / path.sigma[:-1]
    return path.steps(keep, np.sqrt(after) - keep * path.alpha[:-1])


def euler(schedule: Schedule, steps: int) -> Steps:
    """Euler's method on the probability flow, in the coordinate sigma/alpha.

    Source: Karras et al. 2022, algorithm 1 without churn; diffusers
    `EulerDiscreteScheduler` (agrees to 1e-4).
    """
    path = _path(_with_some_signal(schedule), schedule.timesteps(steps), 1.0)
    level = path.sigma / path.alpha
    ratio = level[1:] / level[:-1]
    # In x/alpha a step keeps `ratio` of the state and takes the rest from x0.
    keep = ratio * path.alpha[1:] / path.alpha[:-1]
    return path.steps(keep, (1.0 - ratio) * path.alpha[1:])


def dpm_solver(schedule: Schedule, steps: int) -> Steps:
    """DPM-Solver++(2M), second order in log(alpha/sigma), first at both ends.

    Source: Lu et al. 2022 (DPM-Solver++), algorithm 2; diffusers
    `DPMSolverMultistepScheduler` with its defaults (agrees to 1e-4).
    """
    count = schedule.config.num_train_timesteps
    match schedule.config.timestep_spacing:
        case "linspace":
            timesteps = np.round(np.linspace(0, count - 1, steps + 1))[::-1][:-1]
        case "leading":
            stride = count // (steps + 1)
            timesteps = np.arange(steps + 1)[::-1][:-1] * float(stride)
            timesteps = timesteps + schedule.config.steps_offset
        case "trailing":
            timesteps = schedule.timesteps(steps)
    path = _path(_with_some_signal(schedule), timesteps, 1.0)
    with np.errstate(divide="ignore"):
        log_snr = np.log(path.alpha) - np.log(path.sigma)
    stride = np.diff(log_snr)
    keep = path.sigma[1:] / path.sigma[:-1]
    clean = path.alpha[1:] * (1.0 - np.exp(-stride))
    # The slope of x0 over half a step, from this x0 and the one before; none in the
    # first step, which has no before, nor in the last, whose stride is infinite.
    slope = np.zeros(steps)
    slope[1:-1] = 0.5 * stride[1:-1] / stride[:-2]
    return path.steps(keep, clean * (1.0 + slope), -clean * slope)


def _with_some_signal(schedule: Schedule) -> Schedule:
    """The schedule with its last time just short of pure noise."""
    squared = np.maximum(schedule.alphas_cumprod, _LEAST_ALPHA_CUMPROD)
    return Schedule(schedule.config, squared)


SAMPLERS: dict[str, Callable[[Schedule, int], Steps]] = {
    "ddim": ddim,
    "euler": euler,
    "dpm++2m": dpm_solver,
}
"""The samplers by the names users give."""


def plan(sampler: str, schedule: Schedule, steps: int) -> Steps:
    """Returns the rows of `steps` steps.

    Raises:
        ArgumentError: The sampler is unknown, or the number of steps impossible.
    """
    if sampler not in SAMPLERS:
        raise ArgumentError(
            f"sampler {sampler!r} is unknown; known: {', '.join(SAMPLERS)}"
        )
    most = schedule.config.num_train_timesteps
    if not 1 <= steps <= most:
        raise ArgumentError(f"{steps} steps asked for; wanted 1 to {most}")
    return SAMPLERS[sampler](schedule, steps)
