"""Frame-wise descriptors of a block of sound: the jitted part of the analysis.

Every block has the same length, so that a song of any length compiles this once.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxsoundart.sound import spectrum

NUM_MELS = 40

BLOCK_FRAMES = 2048
HOPS_PER_WINDOW = 4
# Pitch needs a window four times as long, 2.7 Hz a bin, and a new one less often.
PITCH_WINDOW_FACTOR = 4
_PITCH_HOP_FRAMES = 8

# Tenths of a semitone in the octave, from C: fine enough to find the tuning.
PITCH_STEPS = 120
_PITCH_RANGE_HZ = (55.0, 1760.0)


class Descriptors(NamedTuple):
    """What a block yields: a row a frame, the pitches summed over the block.

    The fields are those of `analysis.Analysis`.
    """

    power: Float[Array, " frames"]
    mels: Float[Array, "frames mels"]
    centroid_hz: Float[Array, " frames"]
    pitches: Float[Array, " steps"]


@partial(jax.jit, static_argnames=("sample_rate_hz", "fft_samples"))
def describe(
    samples: Float[Array, " samples"], *, sample_rate_hz: int, fft_samples: int
) -> Descriptors:
    """Measures `BLOCK_FRAMES` frames of a song that was brought to unit RMS.

    Args:
        samples: From half a pitch window before the centre of the first frame to half
            a pitch window after that of the first frame of the next block.
        sample_rate_hz: Of the song.
        fft_samples: The window, `HOPS_PER_WINDOW` hops.
    """
    offset = (PITCH_WINDOW_FACTOR - 1) * fft_samples // 2
    amplitude = jnp.abs(
        spectrum.stft(
            samples[offset:],
            fft_samples=fft_samples,
            hop_samples=fft_samples // HOPS_PER_WINDOW,
            center=False,
        )[:, :BLOCK_FRAMES]
    )
    density = amplitude**2
    bins_hz = np.fft.rfftfreq(fft_samples, 1 / sample_rate_hz)
    window_energy = 0.375 * fft_samples  # of a Hann window
    per_bin = np.full(len(bins_hz), 2.0 / (window_energy * fft_samples), np.float32)
    per_bin[[0, -1]] /= 2  # these two stand for one bin each, not for a pair
    bank = spectrum.mel_filterbank(
        sample_rate_hz=sample_rate_hz, fft_samples=fft_samples, num_mels=NUM_MELS
    )
    total = amplitude.sum(axis=0)
    moment = jnp.asarray(bins_hz, jnp.float32) @ amplitude
    return Descriptors(
        power=jnp.asarray(per_bin) @ density,
        mels=(jnp.asarray(bank) @ density).T,
        centroid_hz=jnp.where(total > 0, moment / jnp.where(total > 0, total, 1), 0),
        pitches=_pitches(samples, sample_rate_hz, PITCH_WINDOW_FACTOR * fft_samples),
    )


def mel_centres_hz(
    *, sample_rate_hz: int, fft_samples: int
) -> Float[np.ndarray, " mels"]:
    """Returns the frequency at which each mel band of `describe` is most sensitive."""
    bank = spectrum.mel_filterbank(
        sample_rate_hz=sample_rate_hz, fft_samples=fft_samples, num_mels=NUM_MELS
    )
    return bank.argmax(axis=1) * (sample_rate_hz / fft_samples)


def _pitches(
    samples: Float[Array, " samples"], sample_rate_hz: int, fft_samples: int
) -> Float[Array, " steps"]:
    """Returns the histogram of spectral peaks over tenths of semitones, octaves folded.

    A peak's frequency is interpolated between bins; it counts with the square root of
    its amplitude, so that one loud bass note does not outvote the chord above it.

    Source: Gómez, Tonal Description of Music Audio Signals (2006), section 3.1.
    """
    low, high = (round(hz * fft_samples / sample_rate_hz) for hz in _PITCH_RANGE_HZ)
    amplitude = jnp.abs(
        spectrum.stft(
            samples,
            fft_samples=fft_samples,
            hop_samples=fft_samples // 2,
            center=False,
        )[low - 1 : high + 1, : BLOCK_FRAMES // _PITCH_HOP_FRAMES]
    )
    below, here, above = amplitude[:-2], amplitude[1:-1], amplitude[2:]
    # A hundredth of the frame's largest: lower peaks are the window's side lobes.
    is_peak = (here > below) & (here >= above)
    is_peak &= here > 0.01 * here.max(axis=0, keepdims=True)
    log_below, log_here, log_above = (
        jnp.log(jnp.maximum(a, 1e-9)) for a in (below, here, above)
    )
    curvature = jnp.minimum(log_below - 2 * log_here + log_above, -1e-6)
    shift = jnp.clip(0.5 * (log_below - log_above) / curvature, -0.5, 0.5)
    hz = (jnp.arange(low, high)[:, None] + shift) * (sample_rate_hz / fft_samples)
    middle_c_hz = 440.0 * 2 ** (-9 / 12)
    step = jnp.round(PITCH_STEPS * jnp.log2(hz / middle_c_hz)).astype(jnp.int32)
    weight = jnp.where(is_peak, jnp.sqrt(here), 0.0)
    return jnp.zeros(PITCH_STEPS).at[step % PITCH_STEPS].add(weight)
