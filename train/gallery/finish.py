"""The darkroom: contrast, bloom, texture, colour, vignette."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery import palettes
from train.gallery.direction import Direction
from train.gallery.fields import Field, blur, mix, ramp
from train.gallery.palettes import Palette
from train.gallery.scene import Scene

GRAIN, HALFTONE = 0, 1  # places in `vocabulary.TEXTURES`
HALFTONE_DOTS = 30  # across the picture
GRAIN_STRENGTH = 0.15


def _halftone(tone: Field) -> Field:
    """Lays a leaning dot screen over the tones: light grows into larger dots."""
    size_px = tone.shape[0]
    places = (jnp.arange(size_px) + 0.5) / size_px * HALFTONE_DOTS * 2 * jnp.pi
    cos, sin = 0.866, 0.5
    u = cos * places[None, :] + sin * places[:, None]
    v = cos * places[:, None] - sin * places[None, :]
    screen = 0.5 + 0.25 * (jnp.cos(u) + jnp.cos(v))
    threshold = 1 - jnp.clip(0.15 + 0.7 * tone, 0, 1)
    dots = ramp(screen, threshold - 0.16, threshold + 0.16)
    return mix(0.68 * tone, jnp.minimum(1.05 * tone + 0.12, 1), dots)


def _grain(key: jax.Array, size_px: int) -> Float[Array, "height width 1"]:
    """Film grain in -1..1, about one pixel coarse at 128 px and two at 512 px."""
    grains = max(min(size_px, 128), size_px // 2)
    noise = jax.random.uniform(key, (2, grains, grains), minval=-1).mean(0)
    return jax.image.resize(noise, (size_px, size_px), "cubic")[..., None]


def develop(
    key: jax.Array,
    scene: Scene,
    palette: Palette,
    direction: Direction,
    texture: Array,
) -> Float[Array, "height width 3"]:
    """Turns a scene into an sRGB picture in 0..1."""
    tone = scene.tone
    middle = tone.mean()
    tone = middle + direction.contrast * (tone - middle)
    spill = blur(ramp(tone, 0.45, 1.0), 0.11)
    tone += direction.bloom * 0.6 * spill * jnp.maximum(1 - tone, 0)
    tone = jnp.clip(tone, 0, 1)
    tone = jnp.where(texture == HALFTONE, _halftone(tone), tone)
    linear = direction.exposure * palettes.colour(palette, tone, scene.accent)
    places = (jnp.arange(tone.shape[0]) + 0.5) / tone.shape[0] * 2 - 1
    radius = places[:, None] ** 2 + places[None, :] ** 2
    linear *= (1 - 0.17 * radius)[..., None]
    srgb = palettes.to_srgb(linear)
    strength = jnp.where(texture == GRAIN, GRAIN_STRENGTH, 0.0)
    return jnp.clip(srgb + strength * _grain(key, tone.shape[0]), 0, 1)
