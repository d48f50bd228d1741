"""The darkroom: contrast, bloom, texture, colour, vignette."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery import palettes
from train.gallery.direction import Direction
from train.gallery.fields import Field, blur, mix, ramp
from train.gallery.palettes import Palette
from train.gallery.scene import Scene

GRAIN, HALFTONE, SMOOTH, SCAN_LINES, WEAVE, GLITCH = range(6)
"""Places in `vocabulary.TEXTURES`."""

# Three waves to two latents of an autoencoder that takes 8 px together at 128 px. To
# its convolutions all pixels of a latent are alike: a screen that repeats with every
# latent cannot be decoded, one that differs from each latent to the next can.
WAVES = 24
BANDS = 16
GRAIN_STRENGTH = 0.12


def _places(size_px: int) -> tuple[Field, Field]:
    """Columns and rows, counted in waves of the screens."""
    places = (jnp.arange(size_px) + 0.5) / size_px * WAVES
    x, y = jnp.meshgrid(places, places)
    return x, y


def _halftone(tone: Field) -> Field:
    """Lays a screen of dots over the tones: light makes them larger."""
    x, y = _places(tone.shape[0])
    turn = 2 * jnp.pi
    screen = 0.5 + 0.25 * (jnp.cos(turn * x) + jnp.cos(turn * y))
    threshold = 1 - jnp.clip(0.15 + 0.7 * tone, 0, 1)
    dots = ramp(screen, threshold - 0.16, threshold + 0.16)
    return mix(0.68 * tone, jnp.minimum(1.05 * tone + 0.12, 1), dots)


def _scan_lines(tone: Field) -> Field:
    """Darkens every other line, as an old screen does; light lines spread."""
    _, y = _places(tone.shape[0])
    gap = 0.5 + 0.5 * jnp.cos(2 * jnp.pi * y)
    return tone * (1.12 - 0.5 * gap * (1 - 0.4 * tone))


def _weave(tone: Field) -> Field:
    """Shades tones by the threads of a canvas, over and under in turn."""
    x, y = _places(tone.shape[0])
    along, across = jnp.cos(2 * jnp.pi * x), jnp.cos(2 * jnp.pi * y)
    over = jnp.sin(jnp.pi * x) * jnp.sin(jnp.pi * y)
    relief = jnp.where(over > 0, along, across)
    return tone * (1 + 0.16 * relief) + 0.02 * relief


def _glitch(draws: Float[Array, "rows 2"], picture: Array) -> Array:
    """Shifts some bands of rows sideways, and red against blue everywhere."""
    size_px = picture.shape[0]
    band = jnp.arange(size_px) * BANDS // size_px
    shift = jnp.where(draws[:, 0] < 0.4, 0.36 * (draws[:, 1] - 0.5), 0.0)[band]
    columns = jnp.arange(size_px)

    def slid(channel: Field, by: Array) -> Field:
        source = columns[None, :] - jnp.round(by * size_px).astype(jnp.int32)[:, None]
        return jnp.take_along_axis(channel, source % size_px, axis=1)

    fringe = 0.022 * jnp.asarray([1.0, 0.0, -1.0])
    channels = [slid(picture[..., c], shift + fringe[c]) for c in range(3)]
    return jnp.stack(channels, -1)


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
    for place, screen in (
        (HALFTONE, _halftone),
        (SCAN_LINES, _scan_lines),
        (WEAVE, _weave),
    ):
        tone = jnp.where(texture == place, screen(tone), tone)
    linear = direction.exposure * palettes.colour(palette, tone, scene.accent)
    places = (jnp.arange(tone.shape[0]) + 0.5) / tone.shape[0] * 2 - 1
    radius = places[:, None] ** 2 + places[None, :] ** 2
    linear *= (1 - 0.17 * radius)[..., None]
    srgb = palettes.to_srgb(linear)
    band_key, grain_key = jax.random.split(key)
    bands = jax.random.uniform(band_key, (BANDS, 2))
    srgb = jnp.where(texture == GLITCH, _glitch(bands, srgb), srgb)
    strength = jnp.where(texture == GRAIN, GRAIN_STRENGTH, 0.0)
    return jnp.clip(srgb + strength * _grain(grain_key, tone.shape[0]), 0, 1)
