"""The reverse process: from noise to latents, one call of the network at a time.

Each sampler is three pure functions around the network, the same for all:

    initialize: noise ─▶ State
    update:     State, network's prediction, noise, row ─▶ State   (inside `lax.scan`)
    finalize:   State ─▶ latents

What makes one sampler another is computed beforehand on the host, in float64, as one
row of `Steps` a call; rows are traced, so another sampler of as many calls recompiles
nothing. State is float32 whatever the network computes in, and what the network sees is
always *variance preserving*, xt = alpha x0 + sigma eps, also in samplers whose papers
write x / alpha.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from jaxsoundart.errors import ArgumentError, ModelError
from jaxsoundart.paint.samplers import exponential, first_order, higher_order
from jaxsoundart.paint.samplers.path import (
    Even,
    Path,
    distilled,
    levels,
    solver,
    whole,
)
from jaxsoundart.paint.samplers.state import (
    SLOTS,
    Latents,
    State,
    Steps,
    finalize,
    initialize,
    update,
)
from jaxsoundart.paint.samplers.symbols import Call, to_steps
from jaxsoundart.paint.schedule import Schedule

__all__ = [
    "SAMPLERS",
    "SLOTS",
    "SPACINGS",
    "Latents",
    "Plan",
    "Sampler",
    "State",
    "Steps",
    "finalize",
    "initialize",
    "plan",
    "sampler_of",
    "update",
]

EVEN: tuple[Even, ...] = ("leading", "linspace", "trailing")

SPACINGS = (*EVEN, "karras")
"""How steps can be spaced; "karras" evenly in noise to the power 1/7."""


@dataclass(frozen=True)
class Plan:
    """A sampler's work.

    Attributes:
        steps: One row a call of the network.
        start: The deviation of the noise that painting from noise begins with; 1 or,
            for samplers that take the noisiest time for pure noise, hardly less.
    """

    steps: Steps
    start: float


@dataclass(frozen=True)
class Sampler:
    """A sampler, as `SAMPLERS` lists it.

    Attributes:
        scheduler: Its class in diffusers.
        way: Where it goes: schedule, steps, spacing, whether by Karras.
        walk: What it does there, from a path and the number of steps left out.
        spacings: What the user may choose from.
        spacing: What it takes where neither user nor painter says anything.
    """

    scheduler: str
    way: Callable[[Schedule, int, Even, bool], Path]
    walk: Callable[[Path, int], Iterator[Call]]
    spacings: tuple[str, ...]
    spacing: Even

    def path(self, schedule: Schedule, steps: int, spacing: str | None) -> Path:
        """Returns the points it visits."""
        config = schedule.config
        even = config.timestep_spacing or self.spacing
        karras = config.use_karras_sigmas if spacing is None else spacing == "karras"
        if spacing in EVEN:
            even = spacing
        return self.way(schedule, steps, even, karras and "karras" in self.spacings)


def plan(
    sampler: str,
    schedule: Schedule,
    steps: int,
    *,
    spacing: str | None = None,
    begin: int = 0,
) -> Plan:
    """Returns what `steps` steps of a sampler compute.

    Args:
        sampler: A name in `SAMPLERS`.
        schedule: The forward process.
        steps: Sampler steps; PNDM calls the network once more, Heun twice a step but
            for the last.
        spacing: One of `SPACINGS`; by default the schedule's own, and if its config has
            none, what the sampler's class in diffusers defaults to.
        begin: Steps left out at the start, for painting over a picture. The first row's
            alpha and sigma say how much noise to begin with.

    Raises:
        ArgumentError: The sampler is unknown, or cannot do what is asked.
    """
    if sampler not in SAMPLERS:
        raise ArgumentError(
            f"sampler {sampler!r} is unknown; known: {', '.join(SAMPLERS)}"
        )
    most = schedule.config.num_train_timesteps
    if not 1 <= steps <= most:
        raise ArgumentError(f"{steps} steps asked for; wanted 1 to {most}")
    if not 0 <= begin < steps:
        raise ArgumentError(
            f"{begin} of {steps} steps left out; wanted 0 to {steps - 1}"
        )
    chosen = SAMPLERS[sampler]
    if spacing is not None and spacing not in chosen.spacings:
        known = ", ".join(chosen.spacings) or "none, its times are its own"
        raise ArgumentError(
            f"spacing {spacing!r} is not for sampler {sampler!r}; possible: {known}"
        )
    path = chosen.path(schedule, steps, spacing)
    _check(path, sampler)
    return Plan(to_steps(chosen.walk(path, begin)), path.start)


def _check(path: Path, sampler: str) -> None:
    """Refuses paths that are no way from noise to picture."""
    ratios = [(point.alpha, -point.sigma) for point in path.points]
    if any(after <= now for now, after in pairwise(ratios)):
        raise ArgumentError(
            f"{path.steps} steps are too many for sampler {sampler!r} with this "
            "spacing: two fall on the same time; choose fewer"
        )
    if path.points[0].alpha == 0.0 and (
        path.schedule.config.prediction_type == "epsilon"
    ):
        raise ArgumentError(
            f"sampler {sampler!r} would begin where there is nothing but noise, and "
            "this painter predicts noise; choose spacing 'leading'"
        )


def sampler_of(scheduler_class: str, algorithm_type: str = "dpmsolver++") -> str:
    """Returns the sampler that a checkpoint's scheduler is.

    Args:
        scheduler_class: Its `_class_name`, as in "PNDMScheduler".
        algorithm_type: The config's key of this name; tells the DPM-Solvers apart.

    Raises:
        ModelError: There is none like it.
    """
    for name, sampler in SAMPLERS.items():
        if sampler.scheduler == scheduler_class:
            stochastic = algorithm_type == "sde-dpmsolver++" and name == "dpm++2m"
            return "dpm++2m-sde" if stochastic else name
    known = dict.fromkeys(sampler.scheduler for sampler in SAMPLERS.values())
    raise ModelError(
        f"the scheduler {scheduler_class!r} is unknown; known: {', '.join(known)}"
    )


_DPM = "DPMSolverMultistepScheduler"

SAMPLERS: dict[str, Sampler] = {
    "ddim": Sampler("DDIMScheduler", whole, first_order.ddim, EVEN, "leading"),
    "ddpm": Sampler("DDPMScheduler", whole, first_order.ddpm, EVEN, "leading"),
    "pndm": Sampler("PNDMScheduler", whole, higher_order.pndm, EVEN, "leading"),
    "lms": Sampler(
        "LMSDiscreteScheduler", levels, higher_order.lms, SPACINGS, "linspace"
    ),
    "euler": Sampler(
        "EulerDiscreteScheduler", levels, first_order.euler, SPACINGS, "linspace"
    ),
    "euler-a": Sampler(
        "EulerAncestralDiscreteScheduler",
        levels,
        first_order.euler_ancestral,
        EVEN,
        "linspace",
    ),
    "heun": Sampler(
        "HeunDiscreteScheduler", levels, higher_order.heun, SPACINGS, "linspace"
    ),
    "dpm++2m": Sampler(_DPM, solver, exponential.dpm_solver, SPACINGS, "linspace"),
    "dpm++2m-sde": Sampler(
        _DPM, solver, exponential.sde_dpm_solver, SPACINGS, "linspace"
    ),
    "unipc": Sampler(
        "UniPCMultistepScheduler", solver, exponential.unipc, SPACINGS, "linspace"
    ),
    "lcm": Sampler("LCMScheduler", distilled, first_order.lcm, (), "leading"),
}
"""The samplers by the names users give."""
