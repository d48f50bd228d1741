"""The walk from noise to latents: the denoiser, guidance and a sampler in one loop.

Everything here is one device's share, a pure function of arrays. Step tables, spans,
scales and seeds are traced: none of them recompiles anything.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct
from jaxtyping import Array, Float, Int32, UInt32

from jaxsoundart.paint import noise, samplers
from jaxsoundart.paint.guidance import guide
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.samplers import State, Steps
from jaxsoundart.paint.schedule import Prediction, to_clean_and_noise
from jaxsoundart.paint.words.conditioning import Conditioning
from jaxsoundart.runtime.mesh import gathered_late
from jaxsoundart.runtime.modules import run

# Tables are padded to one of these lengths, so that most of them share a program.
_FEWEST_ROWS = 64


class Kept(struct.PyTreeNode):
    """A picture of which a part is to stay as it is.

    Attributes:
        latents: The picture.
        mask: 1 where it is painted anew, 0 where it stays.
        noise: What the walk began with; the part that stays is as noisy as the rest.
    """

    latents: Float[Any, "batch latent_height latent_width channels"]
    mask: Float[Any, "batch latent_height latent_width 1"]
    noise: Float[Any, "batch latent_height latent_width channels"]


class Task(struct.PyTreeNode):
    """What each picture's walk is to do; the leading axis counts pictures.

    Attributes:
        conditioning: With a second axis: negative prompt and prompt where guidance
            takes two predictions, else the prompt alone.
        scale: Of guidance.
        rescale: Of the guided prediction's deviation.
        seeds: Of the pictures.
        kept: What is not painted anew; None for all.
        beside: What an inpainting U-Net sees beside the noisy latents; None for others.
    """

    conditioning: Conditioning
    scale: Float[Any, " batch"]
    rescale: Float[Any, " batch"]
    seeds: UInt32[Any, " batch"]
    kept: Kept | None = None
    beside: Float[Any, "batch latent_height latent_width beside"] | None = None


def padded(steps: Steps) -> Steps:
    """Returns the table with unused rows at its end, all signal and no noise."""
    count = len(steps.timestep)
    # One more than there are steps: the last one is told what follows it.
    rows = max(_FEWEST_ROWS, 1 << count.bit_length())
    filled = jax.tree.map(
        lambda values: np.concatenate(
            [values, np.zeros((rows - count, *values.shape[1:]), np.float32)]
        ),
        steps,
    )
    filled.alpha[count:] = 1.0
    return filled


def walk(
    unet: UNet,
    prediction_type: Prediction,
    params: Any,
    steps: Steps,
    span: Int32[Array, "2"],
    task: Task,
    states: Float[Array, "batch slots latent_height latent_width channels"],
) -> Float[Array, "batch slots latent_height latent_width channels"]:
    """Returns the sampler's states after the steps `span[0]` to `span[1]`.

    Args:
        unet: The denoiser.
        prediction_type: What it predicts.
        params: Its parameters.
        steps: From `padded`.
        span: First step, and the one after the last.
        task: What each picture is to be.
        states: From `samplers.initialize`, pictures first.

    Source: Rombach et al. 2022, section 3; guidance as in `paint.guidance`.
    """
    each = task.conditioning.text.shape[1]
    conditioning = jax.tree.map(
        lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), task.conditioning
    )

    def step(number: Array, state: State) -> State:
        row = jax.tree.map(lambda rows: rows[number], steps)
        noisy = state[0]
        weights, noisy = gathered_late(params, noisy)
        seen = noisy
        if task.beside is not None:
            seen = jnp.concatenate([noisy, task.beside], axis=-1)
        seen = jnp.repeat(seen, each, axis=0)
        times = jnp.full(len(seen), row.timestep)
        predictions = run(unet, weights, seen, times, conditioning)
        predictions = predictions.reshape(-1, each, *predictions.shape[1:])
        prediction = predictions[:, 0]
        if each == 2:
            prediction = guide(predictions, task.scale, task.rescale)
        clean, _ = to_clean_and_noise(
            prediction_type, prediction, noisy, row.alpha, row.sigma
        )
        fresh = noise.at_step(task.seeds, number, noisy.shape)
        state = samplers.update(state, clean, fresh, row)
        if task.kept is None:
            return state
        stays = (
            steps.alpha[number + 1] * task.kept.latents
            + steps.sigma[number + 1] * task.kept.noise
        )
        return state.at[0].set(jnp.where(task.kept.mask > 0.5, state[0], stays))

    first = jnp.moveaxis(states, 1, 0)
    return jnp.moveaxis(jax.lax.fori_loop(span[0], span[1], step, first), 0, 1)
