"""Colour: fifteen curated ramps from dark to light, mixed in OKLab.

Source: B. Ottosson, "A perceptual color space for image processing" (2020).
"""

import flax.struct
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from train.gallery import vocabulary
from train.gallery.fields import Field, Scalar

Colour = Float[Array, "*shape 3"]

# Five colours from dark to light, then the accent.
SWATCHES = {
    "deep blue": "020614 071c46 0c3f94 2f7fd6 b3dcff 4ff0ff",
    "neon": "0a0216 3a0a6e a214d8 ff2a9d ffb9ea 1fe9ff",
    "sunset": "1d0b30 641a58 c8365a ff7d3c ffd68a fff0c8",
    "teal and orange": "03161b 0a3f48 1d7c7e ea8b3a ffdba6 ff5a1f",
    "monochrome": "050505 262626 5c5c5c a6a6a6 f4f4f4 ffffff",
    "crimson": "0b0203 3f0710 930d1f e42f3c ffb2a4 ffe8d4",
    "emerald": "02120b 06382b 0d7150 35bb7d d6f8ca ffd86a",
    "gold and black": "060403 1c140a 6f4f14 d8a230 ffeaa6 fff6d8",
    "pastel": "4b3f6b 9a8cc9 efabd0 fbd8c2 fffaea 86dcd4",
    "ice": "1d3747 4c7d92 8dbccc c9e7ef fbffff 5fd8f0",
    "earth": "23130c 5c3420 a1633c cfa47c f3e6d0 8a9a55",
    "rose": "1c0712 5a1c3c b04a72 e99ab4 ffe9ec ffc46b",
    "red gold and green": "0c0904 56120f bd2a1d e9b32c f8eec6 1f9a4c",
    "acid green": "050a02 1b3307 58930f b4ea2c f5ffcc ff4fd8",
    "violet": "0b0620 2d1660 6b3fc0 ab8cf4 ede6ff ffbe8c",
}

_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


FROM_LAB, FROM_CONE = np.linalg.inv(_TO_LAB), np.linalg.inv(_TO_CONE)


def _oklab(hexadecimal: str) -> np.ndarray:
    srgb = np.array([int(hexadecimal[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return _TO_LAB @ np.cbrt(_TO_CONE @ linear)


# Axes: palette, colour (five steps and the accent), OKLab channel.
STOPS = np.array(
    [[_oklab(c) for c in SWATCHES[name].split()] for name in vocabulary.PALETTES],
    np.float32,
)


@flax.struct.dataclass
class Palette:
    """The colours of one picture, in OKLab.

    Attributes:
        steps: Five colours, dark to light.
        accent: The one colour that stands out.
    """

    steps: Float[Array, "5 3"]
    accent: Float[Array, " 3"]


def choose(
    draws: Float[Array, " 2"], index: Array, saturation: Scalar | float
) -> Palette:
    """Returns palette `index`, its hue and strength a little changed.

    Args:
        draws: Random numbers in 0..1: hue, strength.
        index: Place in `vocabulary.PALETTES`.
        saturation: Gain of the colours' strength.
    """
    hue, strength = 2 * draws - 1
    angle = 0.09 * hue
    chroma = saturation * (1 + 0.07 * strength)
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    stops = jnp.asarray(STOPS)[index]
    lightness, a, b = stops[:, 0], stops[:, 1], stops[:, 2]
    turned = (lightness, chroma * (cos * a - sin * b), chroma * (sin * a + cos * b))
    stops = jnp.stack(turned, -1)
    return Palette(steps=stops[:5], accent=stops[5])


def colour(palette: Palette, tone: Field, accent: Field) -> Colour:
    """Paints tones (0 dark to 1 light) in linear RGB; `accent` 1 is the accent colour.

    The accent keeps some of the tone's lightness, so that shading shows through.
    """
    lab = jnp.broadcast_to(palette.steps[0], (*tone.shape, 3))
    for step in range(4):
        rise = jnp.clip(4 * tone - step, 0, 1)[..., None]
        lab += rise * (palette.steps[step + 1] - palette.steps[step])[None, None]
    shading = 0.35 + 0.65 * jnp.clip(1.3 * tone, 0, 1)
    lit = shading[..., None] * palette.accent[None, None]
    lab += accent[..., None] * (lit - lab)
    cone = (lab @ jnp.asarray(FROM_LAB.T, jnp.float32)) ** 3
    return cone @ jnp.asarray(FROM_CONE.T, jnp.float32)


def to_srgb(linear: Colour) -> Colour:
    """Encodes linear RGB as sRGB, clipped to 0..1."""
    linear = jnp.clip(linear, 0, 1)
    curve = 1.055 * jnp.maximum(linear, 1e-4) ** (1 / 2.4) - 0.055
    return jnp.where(linear <= 0.0031308, 12.92 * linear, curve)
