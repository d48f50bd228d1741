"""What runs on the device: one step for all samplers.

A sampler's new latents are sums of what it carries, of the clean latents predicted now,
and of fresh noise. So a step is a small matrix; which one is decided on the host.
"""

import jax.numpy as jnp
import numpy as np
from flax import struct
from jaxtyping import Array, Float, Float32

SLOTS = 4
"""Latents a sampler carries: those the network sees, and three kept from before."""

Latents = Float[Array, "batch latent_height latent_width channels"]
State = Float32[Array, "slots batch latent_height latent_width channels"]


class Steps(struct.PyTreeNode):
    """One row a call of the network.

    Attributes:
        timestep: The time the network is told; may be fractional.
        alpha: Signal's share of what the network sees.
        sigma: Noise's share; alpha² + sigma² = 1.
        matrix: From slots, clean latents and noise to the new slots.
    """

    timestep: Float32[Array | np.ndarray, "*rows"]
    alpha: Float32[Array | np.ndarray, "*rows"]
    sigma: Float32[Array | np.ndarray, "*rows"]
    matrix: Float32[Array | np.ndarray, "*rows slots slots+2"]


def initialize(latents: Latents) -> State:
    """Returns the state that begins with these noisy latents and has kept nothing."""
    latents = jnp.asarray(latents, jnp.float32)
    return jnp.stack([latents] + [jnp.zeros_like(latents)] * (SLOTS - 1))


def update(state: State, clean: Latents, noise: Latents, row: Steps) -> State:
    """Returns the state after one call of the network.

    Args:
        state: Before it.
        clean: The clean latents predicted in it.
        noise: Of unit variance, not used before.
        row: A single row.
    """
    parts = jnp.concatenate([state, clean[None], noise[None]])
    weights = jnp.asarray(row.matrix)[..., None, None, None, None]
    # Multiplied and added, not a dot: TPUs would round its factors to bfloat16.
    return (weights * parts[None]).sum(1, dtype=jnp.float32)


def finalize(state: State) -> Latents:
    """Returns the painted latents."""
    return state[0]
