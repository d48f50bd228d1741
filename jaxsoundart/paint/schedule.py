"""The forward process: how much of a picture is left at each time.

Everything is computed once, on the host, in float64, and used in float32.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float64

from jaxsoundart.paint.settings import PartConfig

Prediction = Literal["epsilon", "v_prediction", "sample"]


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig(PartConfig):
    """The forward process and how its steps are spaced when painting.

    None stands for a missing key: each sampler then has its own default.
    """

    fixed: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "final_sigmas_type": ("zero",),
        "interpolation_type": ("linear",),
        "predict_x0": (True,),
        "skip_prk_steps": (True,),
        "solver_order": (2,),
        "solver_type": ("midpoint", "bh2"),
        "thresholding": (False,),
        "timestep_type": ("discrete",),
        "trained_betas": (None,),
        "use_beta_sigmas": (False,),
        "use_exponential_sigmas": (False,),
        "use_flow_sigmas": (False,),
        "use_lu_lambdas": (False,),
        "variance_type": ("fixed_small",),
    }

    num_train_timesteps: int = 1000
    beta_start: float = 0.00085
    beta_end: float = 0.012
    beta_schedule: Literal["scaled_linear", "linear"] = "scaled_linear"
    prediction_type: Literal["epsilon", "v_prediction", "sample"] = "epsilon"
    timestep_spacing: Literal["leading", "linspace", "trailing"] | None = None
    steps_offset: int = 0
    set_alpha_to_one: bool | None = None
    rescale_betas_zero_snr: bool = False
    use_karras_sigmas: bool = False
    algorithm_type: Literal["dpmsolver++", "sde-dpmsolver++"] = "dpmsolver++"
    original_inference_steps: int = 50
    timestep_scaling: float = 10.0

    def to_json(self) -> dict[str, Any]:
        """Returns the settings under their JSON keys, but for those not there."""
        content = super().to_json()
        return {key: value for key, value in content.items() if value is not None}


@dataclass(frozen=True)
class Schedule:
    """A variance-preserving process, xt = alpha x0 + sigma eps.

    Attributes:
        config: The settings it was made from.
        alphas_cumprod: alpha², for each training time 0 … T - 1.
    """

    config: ScheduleConfig
    alphas_cumprod: Float64[np.ndarray, " times"]

    @classmethod
    def create(cls, config: ScheduleConfig) -> "Schedule":
        """Builds the tables.

        Source: Ho et al. 2020, eq. 4; Lin et al. 2023, algorithm 1 (zero terminal
        signal-to-noise ratio).
        """
        count = config.num_train_timesteps
        if config.beta_schedule == "scaled_linear":
            roots = np.linspace(config.beta_start**0.5, config.beta_end**0.5, count)
            betas = roots**2
        else:
            betas = np.linspace(config.beta_start, config.beta_end, count)
        alphas_cumprod = np.cumprod(1.0 - betas)
        if config.rescale_betas_zero_snr:
            roots = np.sqrt(alphas_cumprod)
            roots = (roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])
            alphas_cumprod = roots**2
        return cls(config, alphas_cumprod)


def to_clean_and_noise(
    prediction_type: Prediction,
    prediction: Float[Array, "*batch"],
    noisy: Float[Array, "*batch"],
    alpha: Float[Array | np.ndarray, ""],
    sigma: Float[Array | np.ndarray, ""],
) -> tuple[Float[Array, "*batch"], Float[Array, "*batch"]]:
    """Returns the clean latents x0 and the noise eps a prediction stands for.

    Args:
        prediction_type: What the network was trained to predict.
        prediction: The network's output.
        noisy: alpha x0 + sigma eps.
        alpha: Signal's share.
        sigma: Noise's share; alpha² + sigma² = 1.

    Source: Salimans & Ho 2022, appendix D: v = alpha eps - sigma x0.
    """
    alpha, sigma = jnp.asarray(alpha), jnp.asarray(sigma)
    if prediction_type == "epsilon":
        return (noisy - sigma * prediction) / alpha, prediction
    if prediction_type == "v_prediction":
        clean = alpha * noisy - sigma * prediction
        return clean, alpha * prediction + sigma * noisy
    return prediction, (noisy - alpha * prediction) / sigma
