"""Walks of our samplers against those of the schedulers in diffusers.

Both walk with the same made-up network from the same noise, and the stochastic ones are
given the same fresh noise at every call. What their classes cannot do (predictions of
clean latents in PNDM and Euler ancestral, no signal at the last time in PNDM, LMS and
Heun) has nothing to be compared with.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.parity import WALK, Case, relative_error
from jaxsoundart.paint import samplers
from jaxsoundart.paint.samplers import SAMPLERS, plan
from jaxsoundart.paint.schedule import Schedule, ScheduleConfig, to_clean_and_noise
from jaxsoundart.paint.settings import parse

SHAPE = (1, 2, 2, 4)
STEPS = (4, 20, 50)

SAMPLES_NOT = ("pndm", "euler-a")
"""Samplers whose classes there do not take predictions of clean latents."""

SIGNAL_ONLY = ("pndm", "lms", "heun")
"""Samplers whose classes there do not know `rescale_betas_zero_snr`."""

STABLE_DIFFUSION: dict[str, Any] = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "trained_betas": None,
    "clip_sample": False,
    "skip_prk_steps": True,
}

PUBLISHED: dict[str, dict[str, Any]] = {
    "SD 1.5": {
        "_class_name": "PNDMScheduler",
        **STABLE_DIFFUSION,
        "set_alpha_to_one": False,
        "steps_offset": 1,
    },
    "SD 2.1": {
        "_class_name": "DDIMScheduler",
        **STABLE_DIFFUSION,
        "prediction_type": "v_prediction",
        "set_alpha_to_one": False,
        "steps_offset": 1,
    },
    "SDXL": {
        "_class_name": "EulerDiscreteScheduler",
        **STABLE_DIFFUSION,
        "interpolation_type": "linear",
        "prediction_type": "epsilon",
        "sample_max_value": 1.0,
        "set_alpha_to_one": False,
        "steps_offset": 1,
        "timestep_spacing": "leading",
        "use_karras_sigmas": False,
    },
    "SDXL Turbo": {
        "_class_name": "EulerAncestralDiscreteScheduler",
        **STABLE_DIFFUSION,
        "interpolation_type": "linear",
        "prediction_type": "epsilon",
        "sample_max_value": 1.0,
        "set_alpha_to_one": False,
        "steps_offset": 1,
        "timestep_spacing": "trailing",
        "use_karras_sigmas": False,
    },
    "LCM": {
        "_class_name": "LCMScheduler",
        **STABLE_DIFFUSION,
        "clip_sample_range": 1.0,
        "dynamic_thresholding_ratio": 0.995,
        "original_inference_steps": 50,
        "prediction_type": "epsilon",
        "rescale_betas_zero_snr": False,
        "sample_max_value": 1.0,
        "set_alpha_to_one": True,
        "steps_offset": 1,
        "thresholding": False,
        "timestep_scaling": 10.0,
        "timestep_spacing": "leading",
    },
}
"""Scheduler configs as they stand in published checkpoints, each with its own class."""


@dataclass(frozen=True)
class Walk:
    """One walk, ours or theirs.

    Attributes:
        sampler: Which.
        config: Content of the checkpoint's scheduler_config.json.
        steps: How many.
        spacing: What the user asks for; None leaves it to the config.
        begin: Steps left out, painting over a picture.
    """

    sampler: str
    config: Mapping[str, Any]
    steps: int
    spacing: str | None = None
    begin: int = 0

    def inputs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns a picture to begin over, noise to begin with, noise for each call."""
        generator = np.random.default_rng(self.steps)
        picture, *noise = generator.standard_normal((2 * self.steps + 3, *SHAPE))
        first, *fresh = np.asarray(noise, np.float32)
        return np.float32(0.5) * picture.astype(np.float32), first, np.stack(fresh)

    def ours(self) -> np.ndarray:
        """Returns the latents we paint."""
        config = parse(ScheduleConfig, self.config, "scheduler_config.json")
        schedule = Schedule.create(config)
        ours = plan(
            self.sampler, schedule, self.steps, spacing=self.spacing, begin=self.begin
        )
        picture, first, fresh = self.inputs()
        rows = [
            jax.tree.map(lambda values, n=n: values[n, ...], ours.steps)
            for n in range(len(ours.steps.timestep))
        ]
        start = ours.start * first
        if self.begin:
            start = rows[0].alpha * picture + rows[0].sigma * first
        state = samplers.initialize(jnp.asarray(start, jnp.float32))
        for row, noise in zip(rows, fresh, strict=False):
            said = network(np.asarray(state[0]), float(row.timestep))
            state = _update(config.prediction_type, state, said, noise, row)
        return np.asarray(samplers.finalize(state))

    def theirs(self) -> np.ndarray:
        """Returns the latents diffusers paints."""
        import torch

        scheduler = self._scheduler()
        scheduler.set_timesteps(self.steps)
        picture, first, fresh = map(torch.tensor, self.inputs())
        times = scheduler.timesteps[self.begin * scheduler.order :]
        x = first * scheduler.init_noise_sigma
        if self.begin:
            if hasattr(scheduler, "set_begin_index"):
                scheduler.set_begin_index(self.begin * scheduler.order)
            x = scheduler.add_noise(picture, first, times[:1])
        for time, noise in zip(times, fresh, strict=False):
            seen = scheduler.scale_model_input(x, time).numpy()
            said = torch.tensor(network(seen, float(time)))
            with _noise(scheduler, noise):
                x = scheduler.step(said, time, x).prev_sample
        return x.numpy()

    def error(self) -> float:
        """Returns the relative difference."""
        return relative_error(self.ours(), self.theirs())

    def _scheduler(self) -> Any:
        """Their scheduler, made from the config's own class as a pipeline makes it."""
        import diffusers

        named = self.config.get("_class_name", SAMPLERS[self.sampler].scheduler)
        changes: dict[str, Any] = {}
        if self.spacing == "karras":
            changes["use_karras_sigmas"] = True
        elif self.spacing is not None:
            changes["timestep_spacing"] = self.spacing
        if self.sampler == "dpm++2m-sde":
            changes["algorithm_type"] = "sde-dpmsolver++"
        published = getattr(diffusers, named).from_config(dict(self.config))
        wanted = getattr(diffusers, SAMPLERS[self.sampler].scheduler)
        return wanted.from_config(published.config, **changes)


def network(x: np.ndarray, time: float) -> np.ndarray:
    """A stand-in for the U-Net: any smooth function of latents and time."""
    return (0.6 * x + 0.3 * np.sin(x + 0.004 * time)).astype(np.float32)


@partial(jax.jit, static_argnums=0)
def _update(kind: Any, state: Any, said: Any, noise: Any, row: Any) -> Any:
    clean, _ = to_clean_and_noise(kind, said, state[0], row.alpha, row.sigma)
    return samplers.update(state, clean, noise, row)


def _noise(scheduler: Any, noise: Any) -> Any:
    """A context in which their random numbers are these."""
    module = sys.modules[type(scheduler).__module__]
    give = mock.Mock(return_value=noise)
    return mock.patch.object(module, "randn_tensor", give, create=True)


def walks() -> Iterator[tuple[str, Walk]]:
    """Yields all that is compared, by name."""
    plain = {**STABLE_DIFFUSION, "steps_offset": 1}
    for name, sampler in SAMPLERS.items():
        for kind in ("epsilon", "v_prediction", "sample"):
            if kind == "sample" and name in SAMPLES_NOT:
                continue
            config = {**plain, "prediction_type": kind}
            for spacing in sampler.spacings or (None,):
                for steps in STEPS:
                    told = f"{name}, {kind}, {spacing or 'own'} spacing, {steps} steps"
                    yield told, Walk(name, config, steps, spacing)
        for begin in (1, 3, 9):
            told = f"{name}, 10 steps but the first {begin}"
            yield told, Walk(name, plain, 10, begin=begin)
        yield f"{name}, 1 step", Walk(name, plain, 1)
        if name not in SIGNAL_ONLY:
            dark = {
                **plain,
                "prediction_type": "v_prediction",
                "rescale_betas_zero_snr": True,
            }
            for spacing in sampler.spacings or (None,):
                told = f"{name}, no signal at first, {spacing or 'own'} spacing"
                yield told, Walk(name, dark, 20, spacing)
        for model, content in PUBLISHED.items():
            yield f"{name} for {model}", Walk(name, content, 20)
            if "karras" in sampler.spacings:
                karras = {**content, "use_karras_sigmas": True}
                yield f"{name} for {model}, Karras", Walk(name, karras, 20)


def cases() -> Iterator[Case]:
    """Yields the comparisons; needs torch and diffusers to run them."""
    for name, walk in walks():
        yield Case(name, walk.error, WALK)
