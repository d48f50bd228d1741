"""Laws of the samplers, without anyone else's numbers."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.errors import ArgumentError, ModelError
from jaxsoundart.paint.samplers import (
    SAMPLERS,
    SLOTS,
    SPACINGS,
    finalize,
    initialize,
    plan,
    sampler_of,
    update,
)
from jaxsoundart.paint.schedule import Schedule, ScheduleConfig, to_clean_and_noise
from jaxsoundart.paint.settings import parse

SD15 = ScheduleConfig(steps_offset=1, set_alpha_to_one=False)
GALLERY = ScheduleConfig(
    prediction_type="v_prediction",
    timestep_spacing="trailing",
    rescale_betas_zero_snr=True,
    set_alpha_to_one=True,
)
NOISE_LEADING = ScheduleConfig(timestep_spacing="leading", set_alpha_to_one=True)
LINSPACE = ScheduleConfig(timestep_spacing="linspace", set_alpha_to_one=True)

STOCHASTIC = ("ddpm", "euler-a", "dpm++2m-sde", "lcm")
STAYING = ("ddpm", "euler", "euler-a", "dpm++2m", "dpm++2m-sde", "unipc", "heun")
"""Samplers that are exact where the clean latents are known, at every call."""


def rows_of(steps):
    return [
        jax.tree.map(lambda values, n=n: values[n, ...], steps)
        for n in range(len(steps.timestep))
    ]


def run(steps, noise, denoise, key=None):
    """Walks all rows; `denoise(latents, row)` gives the clean latents."""
    state = initialize(noise)
    for number, row in enumerate(rows_of(steps)):
        fresh = jnp.zeros_like(noise)
        if key is not None:
            fresh = jax.random.normal(jax.random.fold_in(key, number), noise.shape)
        state = jax.jit(update)(state, denoise(state[0], row), fresh, row)
    return finalize(state)


@pytest.fixture
def noise(key):
    return jax.random.normal(key, (2, 3, 3, 4))


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("config", [GALLERY, LINSPACE], ids=["gallery", "linspace"])
@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_a_perfect_denoiser_lands_on_the_clean_latents(
    sampler, config, count, noise, key
):
    if sampler == "pndm":
        # Polynomials through velocities, or strides unlike the spacing, are not exact.
        config = NOISE_LEADING
    steps = plan(sampler, Schedule.create(config), count).steps
    clean = jnp.flip(noise) * 0.5
    landed = run(steps, noise, lambda latents, row: clean, key)
    # A consistency model's last answer keeps a part in a million of what it saw.
    np.testing.assert_allclose(landed, clean, atol=1e-5)


@pytest.mark.parametrize("sampler", [*STAYING, "ddim", "lms"])
@pytest.mark.parametrize("config", [SD15, GALLERY], ids=["sd15", "gallery"])
@pytest.mark.parametrize("begin", [0, 3])
def test_with_the_clean_latents_known_samplers_stay_on_the_forward_process(
    sampler, config, begin, noise, key
):
    """What the network sees next is alpha x0 + sigma eps of the next row."""
    if sampler == "lms":
        begin = 0  # After others, slopes not yet seen count as zero, as in diffusers.
    fresh = sampler in STOCHASTIC
    leading = "leading" if config is SD15 else None
    rows = rows_of(
        plan(sampler, Schedule.create(config), 10, begin=begin, spacing=leading).steps
    )
    clean = jnp.flip(noise) * 0.5
    state = initialize(rows[0].alpha * clean + rows[0].sigma * noise)
    for number, (row, after) in enumerate(pairwise(rows)):
        eps = jax.random.normal(jax.random.fold_in(key, number), noise.shape)
        state = update(state, clean, eps * fresh, row)
        left = state[0] - after.alpha * clean
        if not fresh:
            np.testing.assert_allclose(left, after.sigma * noise, atol=3e-5)
        # Stochastic ones hold other noise, of the same variance in all.
        parts = np.asarray(row.matrix[0], np.float64)
        variance = (parts[0] * row.sigma) ** 2 + parts[-1] ** 2
        if fresh or sampler in ("ddim", "euler"):
            np.testing.assert_allclose(variance, after.sigma**2, rtol=1e-4)


def test_consistency_models_come_back_with_nothing_but_fresh_noise(noise):
    rows = rows_of(plan("lcm", Schedule.create(SD15), 4).steps)
    for row, after in pairwise(rows):
        np.testing.assert_allclose(row.matrix[0, -1], after.sigma, rtol=1e-6)
        np.testing.assert_allclose(row.matrix[0, 0], 0.0, atol=1e-6)
    assert rows[-1].matrix[0, -1] == 0.0


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_only_stochastic_samplers_take_fresh_noise(sampler):
    matrix = plan(sampler, Schedule.create(SD15), 10).steps.matrix
    assert (matrix[:-1, :, -1] != 0.0).any() == (sampler in STOCHASTIC)
    np.testing.assert_allclose(matrix[-1, :, -1], 0.0, atol=1e-6)


def test_samplers_of_as_many_calls_share_a_program():
    shapes = set()
    for sampler in SAMPLERS:
        steps = plan(sampler, Schedule.create(SD15), 6).steps
        calls = {"pndm": 7, "heun": 11}.get(sampler, 6)
        assert steps.timestep.shape == steps.alpha.shape == (calls,)
        assert steps.sigma.shape == (calls,)
        shapes.add(
            (
                steps.matrix.shape[1:],
                *(str(rows.dtype) for rows in jax.tree.leaves(steps)),
            )
        )
    assert shapes == {((SLOTS, SLOTS + 2), *["float32"] * 4)}


def test_no_step_is_a_dot():
    """Matrix units round their factors; latents must not be."""
    state = initialize(jnp.ones((1, 2, 2, 4)))
    (row, *_) = rows_of(plan("lms", Schedule.create(SD15), 6).steps)

    def step(matrix):
        return update(state, state[0], state[0], row.replace(matrix=matrix))

    assert "multiply" in str(jax.jit(step).lower(row.matrix).as_text())
    assert "dot" not in str(jax.jit(step).lower(row.matrix).as_text())


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("config", [GALLERY, SD15], ids=["gallery", "sd15"])
def test_every_number_is_sound(sampler, config):
    for count in (2, 3, 7, 30, 50):
        planned = plan(sampler, Schedule.create(config), count)
        steps = planned.steps
        assert all(np.isfinite(rows).all() for rows in jax.tree.leaves(steps))
        # Zero signal is where a first step is many times what it moves by.
        assert np.abs(steps.matrix).max() < 300.0
        np.testing.assert_allclose(steps.alpha**2 + steps.sigma**2, 1.0, atol=1e-6)
        assert (steps.timestep >= 0.0).all()
        assert (np.diff(steps.timestep) <= 0.0).all()
        assert 0.99 < planned.start <= 1.0


def gaussian(row):
    """The exact denoiser of normal data of deviation 0.5, as a factor."""
    return row.alpha * 0.25 / (row.alpha**2 * 0.25 + row.sigma**2)


def spread(row):
    return np.sqrt(row.alpha**2 * 0.25 + row.sigma**2)


@pytest.mark.parametrize("sampler", ["dpm++2m", "unipc", "heun", "lms", "pndm"])
def test_the_higher_orders_are_more_exact_than_the_first(sampler, noise):
    """The flow of normal data is a known factor."""
    schedule = Schedule.create(ScheduleConfig(timestep_spacing="trailing"))

    def error(sampler):
        rows = rows_of(plan(sampler, schedule, 20).steps)
        # Up to the start of the last step, which jumps to the end in any sampler.
        state = initialize(noise)
        for row in rows[:-1]:
            clean = gaussian(row) * state[0]
            state = update(state, clean, jnp.zeros_like(noise), row)
        exact = noise * spread(rows[-1]) / spread(rows[0])
        return float(jnp.abs(state[0] - exact).mean())

    assert error(sampler) < 0.4 * error("ddim")


@pytest.mark.parametrize("sampler", ["ddpm", "euler-a", "dpm++2m-sde"])
def test_stochastic_samplers_paint_with_the_datas_variance(sampler):
    """Slots' covariance goes through a row as matrix C matrixᵀ, no noise needed."""
    planned = plan(sampler, Schedule.create(SD15), 500, spacing="trailing")
    covariance = np.zeros((SLOTS, SLOTS))
    covariance[0, 0] = planned.start**2
    for row in rows_of(planned.steps):
        # Clean latents are a factor of slot 0; noise has a variance of its own.
        parts = np.eye(SLOTS + 2, SLOTS)
        parts[SLOTS, 0] = gaussian(row)
        both = parts @ covariance @ parts.T
        both[-1, -1] = 1.0
        covariance = row.matrix @ both @ row.matrix.T
    assert np.sqrt(covariance[0, 0]) == pytest.approx(0.5, rel=0.02)


def test_ddim_is_the_papers_formula(noise):
    schedule = Schedule.create(SD15)
    steps = plan("ddim", schedule, 5).steps
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


def test_stable_diffusion_starts_where_it_always_has():
    schedule = Schedule.create(SD15)
    times = plan("pndm", schedule, 50).steps.timestep
    assert times[:4].tolist() == [981, 961, 961, 941]
    assert times[-1] == 1
    assert schedule.alphas_cumprod[0] == pytest.approx(0.99915, abs=1e-6)
    assert schedule.alphas_cumprod[-1] == pytest.approx(0.00466, abs=1e-5)


def test_zero_terminal_signal_starts_from_noise_alone():
    schedule = Schedule.create(GALLERY)
    assert schedule.alphas_cumprod[-1] == 0.0
    assert plan("ddim", schedule, 8).steps.timestep[0] == 999
    assert schedule.alphas_cumprod[0] == pytest.approx(
        Schedule.create(SD15).alphas_cumprod[0]
    )


def test_karras_levels_are_even_in_their_seventh_root():
    steps = plan("dpm++2m", Schedule.create(SD15), 9, spacing="karras").steps
    roots = (steps.sigma / steps.alpha) ** (1.0 / 7.0)
    np.testing.assert_allclose(np.diff(roots), np.diff(roots)[0], rtol=1e-3)


def test_spacing_is_the_users_then_the_configs_then_the_samplers():
    config = ScheduleConfig(timestep_spacing="trailing", use_karras_sigmas=True)

    def times(config, spacing=None, sampler="euler"):
        schedule = Schedule.create(config)
        return plan(sampler, schedule, 4, spacing=spacing).steps.timestep.tolist()

    assert times(config, "leading") == [750, 500, 250, 0]
    assert times(config, "trailing") == [999, 749, 499, 249]
    assert times(config) == times(config, "karras")
    # This one's class knows no Karras levels, so a config cannot mean them.
    assert times(config, sampler="euler-a") == [999, 749, 499, 249]
    assert times(ScheduleConfig()) == [999, 666, 333, 0]
    assert times(ScheduleConfig(), sampler="ddim") == [750, 500, 250, 0]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_painting_over_leaves_out_the_first_steps(sampler):
    schedule = Schedule.create(SD15)
    whole = plan(sampler, schedule, 10).steps
    part = plan(sampler, schedule, 10, begin=4).steps
    count = len(part.timestep)
    assert count == {"pndm": 7, "heun": 11}.get(sampler, 6)
    np.testing.assert_array_equal(part.timestep, whole.timestep[-count:])
    # The first call asks for nothing of an earlier one.
    if sampler != "lms":
        assert not part.matrix[0, 0, 1:SLOTS].any()


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


@pytest.mark.parametrize(
    ("sampler", "steps", "options", "message"),
    [
        ("plms", 20, {}, r"sampler 'plms' is unknown; known: ddim, ddpm, pndm, .*lcm"),
        ("ddim", 0, {}, "0 steps asked for; wanted 1 to 1000"),
        ("ddim", 1001, {}, "1001 steps asked for; wanted 1 to 1000"),
        ("lcm", 51, {}, "51 steps asked for; wanted 1 to 50"),
        ("ddim", 20, {"begin": 20}, "20 of 20 steps left out; wanted 0 to 19"),
        ("ddim", 20, {"begin": -1}, "-1 of 20 steps left out"),
        ("ddim", 20, {"spacing": "karras"}, "'karras' is not for sampler 'ddim'"),
        ("euler", 20, {"spacing": "even"}, "possible: leading, .*, karras"),
        ("lcm", 4, {"spacing": "leading"}, "none, its times are its own"),
        ("dpm++2m", 1000, {}, "1000 steps are too many for sampler 'dpm"),
    ],
)
def test_the_impossible_is_refused(sampler, steps, options, message):
    with pytest.raises(ArgumentError, match=message):
        plan(sampler, Schedule.create(SD15), steps, **options)


def test_noise_cannot_be_predicted_from_noise_alone():
    config = ScheduleConfig(rescale_betas_zero_snr=True, timestep_spacing="trailing")
    with pytest.raises(ArgumentError, match="choose spacing 'leading'"):
        plan("ddim", Schedule.create(config), 20)
    plan("ddim", Schedule.create(config), 20, spacing="leading")


def test_schedulers_have_samplers():
    assert sampler_of("PNDMScheduler") == "pndm"
    assert sampler_of("DPMSolverMultistepScheduler") == "dpm++2m"
    assert sampler_of("DPMSolverMultistepScheduler", "sde-dpmsolver++") == "dpm++2m-sde"
    with pytest.raises(ModelError, match=r"'Magic' is unknown; known: DDIMScheduler"):
        sampler_of("Magic")


def test_every_spacing_can_be_had():
    assert {name for entry in SAMPLERS.values() for name in entry.spacings} == set(
        SPACINGS
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("timestep_spacing", "sideways"),
        ("algorithm_type", "dpmsolver"),
        ("solver_order", 3),
        ("final_sigmas_type", "sigma_min"),
        ("use_beta_sigmas", True),
        ("trained_betas", [0.1, 0.2]),
        ("thresholding", True),
    ],
)
def test_what_is_not_built_is_refused_by_name(key, value):
    with pytest.raises(ModelError, match=f"here: {key} is .*; supported: "):
        parse(ScheduleConfig, {key: value}, "here")


def test_a_missing_key_stays_missing():
    written = parse(ScheduleConfig, {"steps_offset": 1}, "here").to_json()
    assert "timestep_spacing" not in written
    assert "set_alpha_to_one" not in written
    assert written["steps_offset"] == 1
    assert parse(ScheduleConfig, written, "here") == ScheduleConfig(steps_offset=1)
