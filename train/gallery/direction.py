"""Art direction: what the words of one picture mean in numbers."""

import flax.struct
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery.attributes import Attributes
from train.gallery.fields import Scalar


@flax.struct.dataclass
class Direction:
    """Numbers every family draws by. Tones run from 0 (dark) to 1 (light).

    Attributes:
        ground: Tone of the backdrop, far from any light.
        rise: How much lighter the backdrop gets towards the light.
        shadow: Tone of the nearest, darkest things.
        amount: How much there is to see: 0 minimal, 0.5 as usual, 1 dense.
        scale: Size of the subject; 1 as usual.
        unrest: Ruggedness and steepness; 1 as usual.
        haze: Share of air between the planes.
        tilt_rad: Lean of the horizon.
        contrast: Gain of tones about the middle of the picture.
        bloom: Share of light that spills around bright things.
        saturation: Gain of the colours' strength.
        exposure: Gain of the light in the end.
    """

    ground: Scalar
    rise: Scalar
    shadow: Scalar
    amount: Scalar
    scale: Scalar
    unrest: Scalar
    haze: Scalar
    tilt_rad: Scalar
    contrast: Scalar
    bloom: Scalar
    saturation: Scalar
    exposure: Scalar


def direct(draws: Float[Array, " 2"], attributes: Attributes) -> Direction:
    """Reads the attributes of one picture.

    Args:
        draws: Random numbers in 0..1, to vary the ground and the lean a little.
        attributes: Scalar indices.
    """
    light, composition, mood = (
        attributes.light,
        attributes.composition,
        attributes.mood,
    )

    def by(index: jax.Array, *values: float) -> Scalar:
        return jnp.asarray(values)[index]

    vary, lean = 2 * draws - 1
    jitter = 0.03 * vary
    tilt_rad = jnp.sign(lean) * (0.12 + 0.12 * jnp.abs(lean))
    # Values stand in the order of the vocabulary: dark, bright, soft light; none,
    # minimal, dense; none, calm, dreamy, energetic, melancholic, joyful.
    return Direction(
        ground=by(light, 0.07, 0.58, 0.31) + jitter,
        rise=by(light, 0.30, 0.22, 0.24),
        shadow=by(light, 0.02, 0.20, 0.13),
        amount=by(composition, 0.5, 0.0, 1.0),
        scale=by(composition, 1.0, 0.6, 1.1),
        unrest=by(mood, 1.0, 0.45, 0.8, 1.4, 0.7, 1.1),
        haze=by(mood, 0.2, 0.3, 0.6, 0.05, 0.5, 0.1),
        tilt_rad=by(mood, 0, 0, 0, 1, 0, 0) * tilt_rad,
        contrast=by(mood, 1.0, 0.74, 0.86, 1.2, 0.8, 1.08),
        bloom=by(mood, 0.2, 0.15, 0.8, 0.25, 0.1, 0.45) + by(light, 0, 0.1, 0.15),
        saturation=by(mood, 1.0, 0.85, 0.95, 1.22, 0.5, 1.3),
        exposure=by(light, 0.73, 1.1, 0.9) * by(mood, 1, 1, 1, 1, 0.88, 1.06),
    )
