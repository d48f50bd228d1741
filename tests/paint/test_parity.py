"""Equality with PyTorch diffusers and transformers, part by part, on random weights.

Their models write the folder, ours read it: names, layouts and mathematics at once.
"""

import warnings

import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.paint.checkpoint import find_weights, load_params, read_config
from jaxsoundart.paint.config import (
    ScheduleConfig,
    TextConfig,
    UNetConfig,
    VAEConfig,
    parse,
)
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.samplers import plan
from jaxsoundart.paint.schedule import Schedule, to_clean_and_noise
from jaxsoundart.paint.text import TextEncoder
from jaxsoundart.paint.unet import UNet
from jaxsoundart.paint.vae import VAE
from tests.paint.test_samplers import run

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    diffusers = pytest.importorskip("diffusers")
    transformers = pytest.importorskip("transformers")

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]

TOLERANCE = 1e-4

TEXT = {
    "vocab_size": 99,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 20,
}
UNET = {
    "sample_size": 8,
    "in_channels": 4,
    "out_channels": 4,
    "block_out_channels": (32, 64),
    "layers_per_block": 2,
    "cross_attention_dim": 32,
    "attention_head_dim": 4,
    "norm_num_groups": 16,
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
}
VAE_SETTINGS = {
    "block_out_channels": (16, 32, 32),
    "latent_channels": 4,
    "layers_per_block": 2,
    "norm_num_groups": 8,
}


def relative_error(ours, theirs):
    theirs = theirs.detach().numpy()
    return np.abs(np.asarray(ours) - theirs).max() / np.abs(theirs).max()


def nhwc(tensor):
    return jnp.asarray(tensor.numpy().transpose(0, 2, 3, 1))


def nchw(array):
    return np.asarray(array).transpose(0, 3, 1, 2)


@pytest.fixture(scope="module")
def like():
    parts = TextConfig(**TEXT), UNetConfig(**UNET), VAEConfig(**VAE_SETTINGS)
    text, unet, vae = parts
    return abstract_params(TextEncoder(text), UNet(unet), VAE(vae))


def stir(module):
    """Gives every weight a value: fresh norms and biases would hide mistakes."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.add_(0.05 * noise)
    return module.eval()


def saved(module, folder, name):
    """Writes `module` and returns its config and weights as we read them."""
    stir(module).save_pretrained(folder, safe_serialization=True)
    return read_config(folder, name), find_weights(folder)


@pytest.mark.parametrize("act", ["quick_gelu", "gelu"])
def test_text_encoder(tmp_path, like, act):
    config = transformers.CLIPTextConfig(**TEXT, hidden_act=act)
    theirs = transformers.CLIPTextModel(config)
    settings, weights = saved(theirs, tmp_path, "config.json")
    ours = TextEncoder(parse(TextConfig, settings, "text_encoder"))
    params = load_params(weights, like["text_encoder"], jnp.float32)
    ids = np.random.default_rng(0).integers(0, 99, (2, 20))
    wanted = theirs(torch.tensor(ids)).last_hidden_state
    got = ours.apply({"params": params}, jnp.asarray(ids, jnp.int32))
    assert relative_error(got, wanted) < TOLERANCE


@pytest.mark.parametrize("linear", [False, True])
def test_unet(tmp_path, like, linear):
    theirs = diffusers.UNet2DConditionModel(**UNET, use_linear_projection=linear)
    settings, weights = saved(theirs, tmp_path, "config.json")
    config = parse(UNetConfig, settings, "unet")
    ours = UNet(config)
    shapes = like["unet"]
    if linear:
        text = TextEncoder(TextConfig(**TEXT))
        shapes = abstract_params(text, ours, VAE(VAEConfig(**VAE_SETTINGS)))["unet"]
    params = load_params(weights, shapes, jnp.float32)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(2, 4, 8, 8, generator=generator)
    text = torch.randn(2, 20, 32, generator=generator)
    times = torch.tensor([3.0, 801.0])
    wanted = theirs(x, times, text).sample
    got = ours.apply({"params": params}, nhwc(x), jnp.asarray(times), jnp.asarray(text))
    assert relative_error(nchw(got), wanted) < TOLERANCE


def test_vae(tmp_path, like):
    levels = len(VAE_SETTINGS["block_out_channels"])
    theirs = diffusers.AutoencoderKL(
        **VAE_SETTINGS,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
    )
    settings, weights = saved(theirs, tmp_path, "config.json")
    config = parse(VAEConfig, settings, "vae")
    ours = VAE(config)
    params = load_params(weights, like["vae"], jnp.float32)
    pixels = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    posterior = theirs.encode(pixels).latent_dist
    mean, log_variance = ours.apply(
        {"params": params}, nhwc(pixels), method=ours.moments
    )
    assert relative_error(nchw(mean), posterior.mean) < TOLERANCE
    assert relative_error(nchw(log_variance), posterior.logvar) < TOLERANCE
    wanted = theirs.decode(posterior.mean).sample
    latents = mean * config.scaling_factor
    got = ours.apply({"params": params}, latents, method=ours.decode)
    assert relative_error(nchw(got), wanted) < TOLERANCE


def network(x, time):
    """A stand-in for the U-Net: any smooth function of state and time."""
    return 0.6 * x + 0.3 * np.sin(3.0 * x + 0.004 * time)


SCHEDULERS = {
    "ddim": diffusers.DDIMScheduler,
    "euler": diffusers.EulerDiscreteScheduler,
    "dpm++2m": diffusers.DPMSolverMultistepScheduler,
}


@pytest.mark.parametrize("sampler", SCHEDULERS)
@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("count", [4, 20])
def test_trajectories(sampler, spacing, kind, count):
    config = ScheduleConfig(
        prediction_type=kind, timestep_spacing=spacing, steps_offset=1
    )
    options = {**config.to_json(), "clip_sample": False}
    options.pop("set_alpha_to_one" if sampler != "ddim" else "_", None)
    theirs = SCHEDULERS[sampler].from_config(options)
    theirs.set_timesteps(count)
    noise = np.random.default_rng(0).standard_normal((1, 2, 2, 4)).astype(np.float32)
    x = torch.tensor(noise) * theirs.init_noise_sigma
    for time in theirs.timesteps:
        seen = theirs.scale_model_input(x, time).numpy()
        predicted = torch.tensor(network(seen, float(time)))
        x = theirs.step(predicted, time, x).prev_sample

    def denoise(latents, row):
        predicted = jnp.asarray(network(np.asarray(latents), float(row.timestep)))
        clean, _ = to_clean_and_noise(kind, predicted, latents, row.alpha, row.sigma)
        return clean

    steps = plan(sampler, Schedule.create(config), count)
    # Theirs begins Euler with exactly unit variance in x/alpha, ours in x.
    start = float(theirs.init_noise_sigma) / np.sqrt(
        1.0 + float(steps.sigma[0] / steps.alpha[0]) ** 2
    )
    scale = start if sampler == "euler" else 1.0
    got = run(steps, jnp.asarray(scale * noise), denoise)
    assert relative_error(got, x) < 1e-3


def test_the_bundled_layout_loads_in_diffusers(tiny_folder, tiny):
    pipeline = diffusers.StableDiffusionPipeline.from_pretrained(
        tiny_folder, safety_checker=None, feature_extractor=None
    )
    ids = tiny.tokenizer(["dark sun"])
    theirs = pipeline.tokenizer(
        ["dark sun"], padding="max_length", max_length=12, truncation=True
    )["input_ids"]
    assert ids.tolist() == theirs
    states = pipeline.text_encoder(torch.tensor(ids)).last_hidden_state
    ours = tiny.text_encoder.apply(
        {"params": tiny.params["text_encoder"]}, jnp.asarray(ids)
    )
    assert relative_error(ours, states) < TOLERANCE
