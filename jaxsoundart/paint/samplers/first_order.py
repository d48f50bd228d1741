"""Samplers that look at one prediction at a time."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from jaxsoundart.paint.samplers.path import Path
from jaxsoundart.paint.samplers.symbols import CLEAN, NOISE, Call, X, noise_of

# The deviation of pictures' latents that consistency models assume.
_DATA_DEVIATION = 0.5


def ddim(path: Path, begin: int) -> Iterator[Call]:
    """Denoising diffusion implicit models, deterministic (eta 0).

    Source: Song et al. 2021, eq. 12; diffusers `DDIMScheduler`.
    """
    for now in path.points[begin:-1]:
        after = path.at(now.time - path.stride, clean_end=True)
        yield Call(now, after.alpha * CLEAN + after.sigma * noise_of(now))


def ddpm(path: Path, begin: int) -> Iterator[Call]:
    """Ancestral sampling: the posterior's mean and (smaller) variance.

    Source: Ho et al. 2020, eq. 6 and 7; diffusers `DDPMScheduler` ("fixed_small").
    """
    for now, after in pairwise(path.points[begin:]):
        alpha = now.alpha / after.alpha
        beta = 1.0 - alpha**2
        mean = (after.alpha * beta * CLEAN + alpha * after.sigma**2 * X) / now.sigma**2
        deviation = np.sqrt(beta) * after.sigma / now.sigma
        yield Call(now, mean + deviation * NOISE)


def euler(path: Path, begin: int) -> Iterator[Call]:
    """Euler's method on the probability flow, in the coordinate x / alpha.

    Source: Karras et al. 2022, algorithm 1 without churn; diffusers
    `EulerDiscreteScheduler`.
    """
    for now, after in pairwise(path.points[begin:]):
        x = X / now.alpha + (after.level - now.level) * noise_of(now)
        yield Call(now, after.alpha * x)


def euler_ancestral(path: Path, begin: int) -> Iterator[Call]:
    """Euler's method to below the next level, and noise to come up to it.

    Through whole times this is DDPM, written in the coordinate x / alpha.

    Source: Song et al. 2021 (DDIM), eq. 16 with eta 1; diffusers
    `EulerAncestralDiscreteScheduler`.
    """
    for now, after in pairwise(path.points[begin:]):
        down = after.level**2 / now.level
        up = np.sqrt(after.level**2 - down**2)
        x = X / now.alpha + (down - now.level) * noise_of(now) + up * NOISE
        yield Call(now, after.alpha * x)


def lcm(path: Path, begin: int) -> Iterator[Call]:
    """Latent consistency models: to the picture at once, and back with fresh noise.

    Source: Luo et al. 2023, multistep latent consistency sampling; diffusers
    `LCMScheduler`.
    """
    for now, after in pairwise(path.points[begin:]):
        scaled = now.time * path.schedule.config.timestep_scaling / _DATA_DEVIATION
        skip, out = 1.0 / (scaled**2 + 1.0), scaled / np.sqrt(scaled**2 + 1.0)
        clean = skip * X + out * CLEAN
        yield Call(now, after.alpha * clean + after.sigma * NOISE)
