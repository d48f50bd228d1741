"""Log-mel features as Kaldi makes them: what speech and audio transformers are fed."""

from functools import lru_cache

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxsoundart.sound.spectrum import frame

SAMPLE_RATE_HZ = 16_000
FRAME_SAMPLES, HOP_SAMPLES, FFT_SAMPLES = 400, 160, 512

_LOWEST_HZ = 20.0
_PREEMPHASIS = 0.97
_FLOOR = float(np.finfo(np.float32).eps)


def _mel(hz: Float[np.ndarray, "..."] | float) -> Float[np.ndarray, "..."]:
    return np.asarray(1127.0 * np.log1p(np.asarray(hz) / 700.0))


@lru_cache
def mel_filters(mels: int) -> Float[np.ndarray, "bins mels"]:
    """Returns triangles on the mel scale, from 20 Hz to half the sample rate.

    At low frequencies some are narrower than a bin and are empty, as in Kaldi.
    """
    edges = np.linspace(_mel(_LOWEST_HZ), _mel(SAMPLE_RATE_HZ / 2), mels + 2)
    bins = _mel(np.arange(FFT_SAMPLES // 2 + 1) * SAMPLE_RATE_HZ / FFT_SAMPLES)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


def log_mel(
    samples: Float[Array, "*batch samples"], *, mels: int = 128
) -> Float[Array, "*batch frames mels"]:
    """Returns the natural logarithm of the power in each mel band, frame by frame.

    Frames of 25 ms every 10 ms that lie wholly inside; each loses its mean, is
    differenced (0.97 of the sample before) and weighed by a symmetric Hann window.

    Args:
        samples: At 16,000 Hz, nominal -1 to 1; at least 400.
        mels: Number of bands.

    Raises:
        ValueError: If the signal is shorter than one frame.

    Source: Kaldi's `compute-fbank-feats`; once standardised, agreeing with
        transformers' `ASTFeatureExtractor` to 1e-4.
    """
    frames = frame(samples, frame_samples=FRAME_SAMPLES, hop_samples=HOP_SAMPLES)
    frames -= frames.mean(-1, keepdims=True)
    before = jnp.concatenate([frames[..., :1], frames[..., :-1]], axis=-1)
    window = np.hanning(FRAME_SAMPLES).reshape((1,) * (frames.ndim - 1) + (-1,))
    weighed = window.astype(np.float32) * (frames - _PREEMPHASIS * before)
    power = jnp.square(jnp.abs(jnp.fft.rfft(weighed, FFT_SAMPLES)))
    return jnp.log(jnp.maximum(power @ mel_filters(mels), _FLOOR))
