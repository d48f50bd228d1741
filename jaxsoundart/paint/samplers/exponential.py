"""Samplers that solve the linear part exactly: steps in log(alpha / sigma)."""

from collections.abc import Iterator

import numpy as np

from jaxsoundart.paint.samplers.path import Path, Point
from jaxsoundart.paint.samplers.symbols import CLEAN, KEPT, NOISE, Call, Vector, X


def dpm_solver(path: Path, begin: int) -> Iterator[Call]:
    """DPM-Solver++(2M), first order in the first step and the last.

    Source: Lu et al. 2022 (DPM-Solver++), algorithm 2; diffusers
    `DPMSolverMultistepScheduler`.
    """
    for n in range(begin, path.steps):
        now, after = path.points[n : n + 2]
        h = after.log_snr - now.log_snr
        clean = _at_half(path, begin, n, KEPT[0])
        x = after.sigma / now.sigma * X - after.alpha * np.expm1(-h) * clean
        yield Call(now, x, (CLEAN,))


def sde_dpm_solver(path: Path, begin: int) -> Iterator[Call]:
    """SDE-DPM-Solver++(2M): the same along the reverse stochastic equation.

    Source: Lu et al. 2022 (DPM-Solver++), SDE-DPM-Solver++(2M); diffusers
    `DPMSolverMultistepScheduler` with `algorithm_type` "sde-dpmsolver++".
    """
    for n in range(begin, path.steps):
        now, after = path.points[n : n + 2]
        h = after.log_snr - now.log_snr
        renewed = -np.expm1(-2.0 * h)
        x = (
            after.sigma / now.sigma * np.exp(-h) * X
            + after.alpha * renewed * _at_half(path, begin, n, KEPT[0])
            + after.sigma * np.sqrt(renewed) * NOISE
        )
        yield Call(now, x, (CLEAN,))


def _at_half(path: Path, begin: int, n: int, previous: Vector) -> Vector:
    """The clean latents half a step on, by a line through these and the previous."""
    if n == begin or n == path.steps - 1:
        return CLEAN
    before, now, after = (point.log_snr for point in path.points[n - 1 : n + 2])
    return CLEAN + 0.5 * (after - now) / (now - before) * (CLEAN - previous)


def unipc(path: Path, begin: int) -> Iterator[Call]:
    """UniPC-2 (B2(h), predicting clean latents): every prediction also corrects.

    The prediction at a time corrects the step that led there, without another call.

    Source: Zhao et al. 2023, UniP and UniC for data prediction; diffusers
    `UniPCMultistepScheduler`.
    """
    start, latest, earlier = KEPT
    order = 1
    for n in range(begin, path.steps):
        points = path.points[: n + 2]
        x = X
        if n > begin:
            x = _corrected(points[:-1], start, latest, earlier, order)
        order = min(2, n - begin + 1, path.steps - n)
        now, after = points[-2:]
        h = after.log_snr - now.log_snr
        clean = _at_half(path, begin, n, latest)
        predicted = after.sigma / now.sigma * x - after.alpha * np.expm1(-h) * clean
        yield Call(now, predicted, (x, CLEAN, latest))


def _corrected(
    points: tuple[Point, ...],
    start: Vector,
    latest: Vector,
    earlier: Vector,
    order: int,
) -> Vector:
    """UniC: the step to the last point again, now that its prediction is known.

    Args:
        points: Up to where the network has just been called.
        start: The latents before the step.
        latest: The clean latents predicted there.
        earlier: Those predicted another step before; used at order 2.
        order: Of the step.
    """
    before, now = points[-2:]
    h = now.log_snr - before.log_snr
    phi = np.expm1(-h)
    differences = [CLEAN - latest]
    weights = np.array([0.5])
    if order == 2:
        # Exact for clean latents on a line or a parabola in log(alpha / sigma).
        ratio = (points[-3].log_snr - before.log_snr) / h
        differences.append((earlier - latest) / ratio)
        second = (phi / -h - 1.0) / phi
        third = 2.0 * ((phi / -h - 1.0) / -h - 0.5) / phi
        weights = np.linalg.solve([[1.0, 1.0], [1.0, ratio]], [second, third])
    slope = weights @ np.stack(differences)
    moved = now.sigma / before.sigma * start - now.alpha * phi * latest
    return moved - now.alpha * phi * slope
