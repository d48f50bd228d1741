"""Samplers that fit a polynomial through the noise predicted at several places."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from jaxsoundart.paint.samplers.path import LEAST_SIGNAL, Path, Point
from jaxsoundart.paint.samplers.symbols import CLEAN, KEPT, Call, Vector, X, noise_of

# Adams and Bashforth's weights, latest first.
_ADAMS_BASHFORTH = (
    np.array([1.0]),
    np.array([3.0, -1.0]) / 2.0,
    np.array([23.0, -16.0, 5.0]) / 12.0,
    np.array([55.0, -59.0, 37.0, -9.0]) / 24.0,
)

_LMS_ORDER = 4

# Gauss and Legendre's places and weights; two of them integrate a cubic exactly.
_GAUSS = tuple(zip(*np.polynomial.legendre.leggauss(2), strict=True))


def pndm(path: Path, begin: int) -> Iterator[Call]:
    """Pseudo linear multistep (PLMS): PNDM that begins with Heun, not Runge-Kutta.

    The second time is visited twice, first with a plain step's latents. Out of pure
    noise, from where a slope says nothing, the plain step stands.

    Painting over a picture leaves out *calls*, as the reference implementation does,
    so a later beginning misses the second visit: its third call is told a time further
    on than the latents are.

    Source: Liu et al. 2022, eq. 9, 12 and 13; diffusers `PNDMScheduler` with
    `skip_prk_steps`.
    """
    calls = list(path.points[:-1])
    twice = path.steps > 1 and calls[0].alpha > 0.0
    if twice:
        calls.insert(1, calls[1])
    velocity = path.schedule.config.prediction_type == "v_prediction"

    def said(at: Point) -> Vector:
        # The polynomial goes through what the network says, be it noise or velocity.
        return (at.alpha * X - CLEAN) / at.sigma if velocity else noise_of(at)

    def moved(x: Vector, output: Vector, now: Point, after: Point) -> Vector:
        noise = now.alpha * output + now.sigma * x if velocity else output
        clean = (x - now.sigma * noise) / now.alpha
        return after.alpha * clean + after.sigma * noise

    for n, now in enumerate(calls[begin:]):
        after = path.at(now.time - path.stride, clean_end=False)
        if n == 0:
            x = after.alpha * CLEAN + after.sigma * noise_of(now)
            yield Call(now, x, (said(now), X))
        elif n == 1 and twice:
            before = path.at(now.time + path.stride, clean_end=False)
            first, start = KEPT[:2]
            x = moved(start, (said(now) + first) / 2.0, before, now)
            yield Call(now, x, (first,))
        else:
            outputs = (said(now), *KEPT[: n - twice])
            weights = _ADAMS_BASHFORTH[len(outputs) - 1]
            x = moved(X, weights @ np.stack(outputs), now, after)
            yield Call(now, x, outputs[: len(KEPT)])


def lms(path: Path, begin: int) -> Iterator[Call]:
    """Linear multistep (Adams-Bashforth of unequal strides) in x / alpha.

    Painting over a picture, the order counts from the noisiest time all the same and
    slopes not yet seen are zero, as in the reference implementation.

    Source: Katherine Crowson's k-diffusion; diffusers `LMSDiscreteScheduler`.
    """
    points = path.points
    for n in range(begin, path.steps):
        now, after = points[n : n + 2]
        slopes = (noise_of(now), *KEPT)[: min(n + 1, _LMS_ORDER)]
        known = [points[n - k].level for k in range(len(slopes))]
        half = (after.level - now.level) / 2.0
        x = X / now.alpha
        for place, weight in _GAUSS:
            level = now.level + half * (1.0 + place)
            x = x + half * weight * _interpolated(level, known, slopes)
        yield Call(now, after.alpha * x, slopes[: len(KEPT)])


def _interpolated(
    level: float, known: list[float], slopes: tuple[Vector, ...]
) -> Vector:
    """Lagrange's polynomial through `slopes` at the levels `known`."""
    total = np.zeros_like(slopes[0])
    for k, slope in enumerate(slopes):
        others = np.array(known[:k] + known[k + 1 :])
        total += np.prod((level - others) / (known[k] - others)) * slope
    return total


def heun(path: Path, begin: int) -> Iterator[Call]:
    """Heun's method in x / alpha: each step but the last calls the network twice.

    Out of pure noise, from where a slope says nothing, a plain step stands.

    Source: Karras et al. 2022, algorithm 1; diffusers `HeunDiscreteScheduler`.
    """
    for now, after in pairwise(path.points[begin:]):
        stride = after.level - now.level
        slope = noise_of(now)
        yield Call(now, after.alpha * (X / now.alpha + stride * slope), (X, slope))
        if after.sigma > 0.0 and now.alpha**2 > 2.0 * LEAST_SIGNAL:
            start, slope = KEPT[:2]
            mean = (slope + noise_of(after)) / 2.0
            yield Call(after, after.alpha * (start / now.alpha + stride * mean))
