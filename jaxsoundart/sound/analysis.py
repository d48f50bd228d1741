"""One pass over a song: everything the sections and the traits are worked out from.

The song is described in blocks of some 48 seconds, so that the memory needed does not
grow with its length. Every number kept is small: 43 frames a second of a handful of
values.
"""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Float32

from jaxsoundart.arrays import Samples
from jaxsoundart.sound import arrangement, beat_model, beats, onsets
from jaxsoundart.sound.beat_network import EVENTS
from jaxsoundart.sound.beats import Beats
from jaxsoundart.sound.descriptors import (
    BLOCK_FRAMES,
    HOPS_PER_WINDOW,
    PITCH_WINDOW_FACTOR,
    describe,
    mel_centres_hz,
)
from jaxsoundart.sound.waveform import Waveform

_WINDOW_S = 0.093  # 2048 samples at 22,050 Hz


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What one pass over a song gathers.

    Frame t is centred on second `t / frame_rate_hz`. All levels but `power` are those
    of the song brought to unit RMS, so that a quieter copy has the same.

    Attributes:
        duration_s: Length of the song.
        frame_rate_hz: Frames per second.
        power: Mean square of the samples about each frame; 1 is 0 dB full scale.
        octaves: Power in each band of `arrangement.OCTAVE_EDGES_HZ`.
        onsets: How much the spectrum grows from the frame before, see
            `onsets.strength_db`.
        centroid_hz: Centre of the magnitude spectrum.
        pitches: How much each tenth of a semitone was heard, octaves folded, from C;
            sums to 1, or to 0 where there was no pitch.
        drops: Logit of a drop that begins here.
        beats: The grid of beats and bars.
    """

    duration_s: float
    frame_rate_hz: float
    power: Float32[np.ndarray, " frames"]
    octaves: Float32[np.ndarray, "frames octaves"]
    onsets: Float32[np.ndarray, " frames"]
    centroid_hz: Float32[np.ndarray, " frames"]
    pitches: Float32[np.ndarray, " steps"]
    drops: Float32[np.ndarray, " frames"]
    beats: Beats


def analyse(waveform: Waveform) -> Analysis:
    """Listens to a song once, from beginning to end.

    Args:
        waveform: At any sample rate; 22,050 Hz is what the figures are tuned for.
    """
    heard = _describe(waveform)
    onset_db = onsets.strength_db(heard.mels)
    octaves = arrangement.octaves(heard.mels, heard.mel_hz)
    events = beat_model.bundled().events(heard.mels)
    return Analysis(
        duration_s=waveform.duration_s,
        frame_rate_hz=heard.frame_rate_hz,
        power=heard.power,
        octaves=octaves,
        onsets=onset_db,
        centroid_hz=heard.centroid_hz,
        pitches=heard.pitches / max(float(heard.pitches.sum()), 1e-9),
        drops=events[:, EVENTS.index("drop")],
        beats=beats.track(
            events,
            onset_db,
            onsets.strength_db(octaves[:, :1]),
            octaves,
            frame_rate_hz=heard.frame_rate_hz,
            duration_s=waveform.duration_s,
        ),
    )


def mel_power(
    waveform: Waveform,
) -> tuple[Float32[np.ndarray, "frames mels"], float]:
    """Returns the power in mel bands of a song at unit RMS, and frames per second."""
    heard = _describe(waveform)
    return heard.mels, heard.frame_rate_hz


@dataclass(frozen=True, kw_only=True)
class _Described:
    """The blocks of a song, joined; fields as in `Analysis`."""

    frame_rate_hz: float
    power: Float32[np.ndarray, " frames"]
    mels: Float32[np.ndarray, "frames mels"]
    mel_hz: Float[np.ndarray, " mels"]
    centroid_hz: Float32[np.ndarray, " frames"]
    pitches: Float32[np.ndarray, " steps"]


def _describe(waveform: Waveform) -> _Described:
    samples, rate_hz = waveform.samples, waveform.sample_rate_hz
    fft_samples = 2 ** round(np.log2(_WINDOW_S * rate_hz))
    hop_samples = fft_samples // HOPS_PER_WINDOW
    num_frames = 1 + len(samples) // hop_samples
    mean_square = _mean_square(samples)
    gain = np.float32(1.0 / np.sqrt(mean_square) if mean_square > 0 else 0.0)
    blocks = [
        describe(
            jnp.asarray(
                gain * _block_samples(samples, first, fft_samples, hop_samples)
            ),
            sample_rate_hz=rate_hz,
            fft_samples=fft_samples,
        )
        for first in range(0, num_frames, BLOCK_FRAMES)
    ]
    power, mels, centroid_hz = (
        np.concatenate([np.asarray(block[field]) for block in blocks])[:num_frames]
        for field in range(3)
    )
    return _Described(
        frame_rate_hz=rate_hz / hop_samples,
        power=power * np.float32(mean_square),
        mels=mels,
        mel_hz=mel_centres_hz(sample_rate_hz=rate_hz, fft_samples=fft_samples),
        centroid_hz=centroid_hz,
        pitches=np.sum([np.asarray(block.pitches) for block in blocks], axis=0),
    )


def _mean_square(samples: Samples) -> float:
    step = 1 << 20  # summed in float64 piece by piece: a float32 sum of hours drifts
    pieces = (samples[i : i + step] for i in range(0, len(samples), step))
    return sum(float(np.dot(p, p)) for p in pieces) / max(len(samples), 1)


def _block_samples(
    samples: Samples, first_frame: int, fft_samples: int, hop_samples: int
) -> Float32[np.ndarray, " block"]:
    """Returns the samples that one block's windows reach, zeros beyond the song."""
    reach = PITCH_WINDOW_FACTOR * fft_samples // 2
    start = first_frame * hop_samples - reach
    end = start + BLOCK_FRAMES * hop_samples + 2 * reach
    block = np.zeros(end - start, np.float32)
    inside = samples[max(start, 0) : end]
    left = max(-start, 0)
    block[left : left + len(inside)] = inside
    return block
