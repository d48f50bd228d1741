"""Samplers against their laws and against the papers' update formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.paint.config import ScheduleConfig
from jaxsoundart.paint.samplers import (
    SAMPLERS,
    finalize,
    initialize,
    plan,
    update,
)
from jaxsoundart.paint.schedule import Schedule, to_clean_and_noise

SD15 = ScheduleConfig(steps_offset=1, set_alpha_to_one=False)
GALLERY = ScheduleConfig(
    prediction_type="v_prediction",
    timestep_spacing="trailing",
    rescale_betas_zero_snr=True,
)
LINSPACE = ScheduleConfig(timestep_spacing="linspace")


def run(steps, noise, denoise):
    """Walks all rows; `denoise(latents, row)` gives the clean latents."""
    state = initialize(noise)
    steps = jax.tree.map(jnp.asarray, steps)
    for index in range(len(steps.timestep)):
        row = jax.tree.map(lambda values, index=index: values[index], steps)
        state = update(state, denoise(state.latents, row), row)
    return finalize(state)


@pytest.fixture
def noise(key):
    return jax.random.normal(key, (2, 3, 3, 4))


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("config", [GALLERY, LINSPACE], ids=["gallery", "linspace"])
@pytest.mark.parametrize("count", [1, 2, 4, 20, 50])
def test_a_perfect_denoiser_lands_on_the_clean_latents(sampler, config, count, noise):
    steps = plan(sampler, Schedule.create(config), count)
    clean = jnp.flip(noise) * 0.5
    landed = run(steps, noise, lambda latents, row: clean)
    np.testing.assert_allclose(landed, clean, atol=2e-6)


@pytest.mark.parametrize(
    ("sampler", "config"),
    # DDIM's stride is the reference implementation's, T // steps: it fits the times
    # of the first two spacings only.
    [("ddim", SD15), ("ddim", GALLERY), ("euler", SD15), ("euler", LINSPACE)],
)
def test_first_order_steps_stay_on_the_forward_process(sampler, config, noise):
    """With the clean latents known, step n holds alpha x0 + sigma eps of time n + 1."""
    schedule = Schedule.create(config)
    steps = plan(sampler, schedule, 10)
    clean = jnp.flip(noise)
    start = steps.alpha[0] * clean + steps.sigma[0] * noise
    state = initialize(start)
    steps = jax.tree.map(jnp.asarray, steps)
    for index in range(9):
        row = jax.tree.map(lambda values, index=index: values[index], steps)
        state = update(state, clean, row)
        wanted = steps.alpha[index + 1] * clean + steps.sigma[index + 1] * noise
        np.testing.assert_allclose(state.latents, wanted, atol=3e-5)


def test_ddim_is_the_papers_formula(noise):
    schedule = Schedule.create(SD15)
    steps = plan("ddim", schedule, 5)
    x, eps = np.asarray(noise, np.float64), 0.3
    for index in range(5):
        time = int(steps.timestep[index])
        now = schedule.alphas_cumprod[time]
        after = schedule.alphas_cumprod[max(time - 200, 0)]
        x0 = (x - np.sqrt(1 - now) * eps) / np.sqrt(now)
        x = np.sqrt(after) * x0 + np.sqrt(1 - after) * eps

    def denoise(latents, row):
        return (latents - row.sigma * eps) / row.alpha

    np.testing.assert_allclose(run(steps, noise, denoise), x, rtol=2e-5, atol=2e-5)


def test_the_second_order_is_more_exact_than_the_first(noise):
    """Normal data of deviation 0.5: the flow's exact solution is a known factor."""
    schedule = Schedule.create(ScheduleConfig(timestep_spacing="trailing"))
    variance = 0.25

    def spread(row):
        return row.alpha**2 * variance + row.sigma**2

    def denoise(latents, row):
        return row.alpha * variance / spread(row) * latents

    def error(sampler):
        steps = plan(sampler, schedule, 12)
        # Up to the start of the last step, which jumps to the end in any sampler.
        reached = run(jax.tree.map(lambda rows: rows[:-1], steps), noise, denoise)
        spreads = spread(steps)
        exact = noise * np.sqrt(spreads[-1] / spreads[0])
        return float(jnp.abs(reached - exact).mean())

    assert error("dpm++2m") < 0.4 * error("ddim")


def test_stable_diffusion_starts_where_it_always_has():
    times = Schedule.create(SD15).timesteps(50)
    assert times[0] == 981
    assert times[-1] == 1
    assert Schedule.create(SD15).alphas_cumprod[0] == pytest.approx(0.99915, abs=1e-6)
    assert Schedule.create(SD15).alphas_cumprod[-1] == pytest.approx(0.00466, abs=1e-5)


def test_zero_terminal_signal_starts_from_noise_alone():
    schedule = Schedule.create(GALLERY)
    assert schedule.alphas_cumprod[-1] == 0.0
    assert schedule.timesteps(8)[0] == 999
    assert schedule.alphas_cumprod[0] == pytest.approx(
        Schedule.create(SD15).alphas_cumprod[0]
    )


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_every_prediction_stands_for_the_same_clean_latents_and_noise(kind, noise):
    alpha, sigma = jnp.float32(0.6), jnp.float32(0.8)
    clean = jnp.flip(noise)
    noisy = alpha * clean + sigma * noise
    prediction = {
        "epsilon": noise,
        "v_prediction": alpha * noise - sigma * clean,
        "sample": clean,
    }[kind]
    x0, eps = to_clean_and_noise(kind, prediction, noisy, alpha, sigma)
    np.testing.assert_allclose(x0, clean, atol=3e-6)
    np.testing.assert_allclose(eps, noise, atol=3e-6)
