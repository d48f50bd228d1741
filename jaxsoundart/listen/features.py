"""A clip of sound as one row of numbers: the columns of the GTZAN feature table.

Means and variances over a clip of the usual short-time descriptors, by the definitions
(and the quirks) of the librosa that made the table in 2020, so that a network trained
on the table can hear a new song. Two things are ours:

* The clip is first brought to one level, the table's own average, so that a quieter
  copy of a song gives the same row.
* Columns that say nothing else are left out: `rms_mean`, constant then; the means of
  the harmonic and percussive waveform, rounding noise about zero; `tempo`, which flips
  between a beat and its half or double on short clips.
"""

import numpy as np
from jaxtyping import Complex64, Float, Float32

from jaxsoundart.arrays import Samples
from jaxsoundart.sound.waveform import Waveform

SAMPLE_RATE_HZ = 22_050
WINDOW_S = 30.0
"""Length of the table's clips: what `measure` is best given."""

STANDARD_RMS = 0.13
"""Mean over the table of `rms_mean`: the level every clip is brought to."""

NUM_MFCC = 20
NUM_MELS = 128
COLUMNS = (
    "chroma_stft_mean",
    "chroma_stft_var",
    "rms_var",
    "spectral_centroid_mean",
    "spectral_centroid_var",
    "spectral_bandwidth_mean",
    "spectral_bandwidth_var",
    "rolloff_mean",
    "rolloff_var",
    "zero_crossing_rate_mean",
    "zero_crossing_rate_var",
    "harmony_var",
    "perceptr_var",
    *(f"mfcc{i}_{what}" for i in range(1, NUM_MFCC + 1) for what in ("mean", "var")),
)
"""What `measure` returns, in its order, by the table's names."""

_FFT_SAMPLES = 2048
_HOP_SAMPLES = 512
# What librosa takes for a peak when it looks for the tuning: so high against the
# frame's highest, within these frequencies.
_PEAK = 0.1
_LOWEST_PEAK_HZ, _HIGHEST_PEAK_HZ = 150.0, 4000.0
# And for silence, of which no sample is above or below zero.
_ZERO = 1e-10
_HPSS_BINS = 31

FeatureRow = Float[np.ndarray, " features"]
Features = Float[np.ndarray, "*clips features"]
Magnitudes = Float32[np.ndarray, "bins frames"]


def measure(clip: Waveform) -> FeatureRow:
    """Returns the row of one clip, one number for each of `COLUMNS`.

    Args:
        clip: At 22,050 Hz, best 30 s long; at least one window of 2048 samples.

    Source: the definitions of librosa 0.11 with `n_fft=2048, hop_length=512,
        pad_mode="reflect"`; agrees with them within 1e-4 of each value.
    """
    # Imported here: librosa takes a second, and most who import this file want COLUMNS.
    from librosa import feature, power_to_db, stft

    samples = to_standard_level(clip.samples)
    spectrum = stft(
        samples, n_fft=_FFT_SAMPLES, hop_length=_HOP_SAMPLES, pad_mode="reflect"
    )
    magnitudes = np.abs(spectrum)
    power = magnitudes**2
    harmonic, percussive = _harmonic_percussive(samples, spectrum, magnitudes)
    centroid_hz, bandwidth_hz = _centroid_and_bandwidth(magnitudes)
    mel_db = power_to_db(
        feature.melspectrogram(S=power, sr=SAMPLE_RATE_HZ, n_mels=NUM_MELS)
    )
    described = {
        "chroma_stft": _chroma(power),
        "rms": _rms(samples),
        "spectral_centroid": centroid_hz,
        "spectral_bandwidth": bandwidth_hz,
        "rolloff": feature.spectral_rolloff(
            S=magnitudes, sr=SAMPLE_RATE_HZ, roll_percent=0.85
        ),
        "zero_crossing_rate": _zero_crossing_rate(samples),
        "harmony": harmonic,
        "perceptr": percussive,
    }
    mfcc = feature.mfcc(S=mel_db, n_mfcc=NUM_MFCC)
    described |= {f"mfcc{i}": row for i, row in enumerate(mfcc, start=1)}
    statistics = {"mean": np.mean, "var": np.var}
    return np.array(
        [
            statistics[what](described[name].astype(np.float64))
            for name, what in (column.rsplit("_", 1) for column in COLUMNS)
        ]
    )


def to_standard_level(samples: Samples) -> Samples:
    """Returns `samples` scaled to `STANDARD_RMS`, the mean RMS of their frames.

    Silence stays silence.
    """
    level = float(_rms(samples).mean(dtype=np.float64))
    return samples * np.float32(STANDARD_RMS / level) if level > 0 else samples


def table_row_to_standard_level(row: dict[str, float]) -> dict[str, float]:
    """Returns the row that a table's clip would have at `STANDARD_RMS`.

    Scaling a clip by g scales its RMS by g and variances of samples by g²; it adds
    20 log10 g to every mel band in dB, which the orthonormal cosine transform gathers
    in the first coefficient times √bands. All other columns stay.
    """
    gain = STANDARD_RMS / row["rms_mean"]
    scaled = dict(row, rms_mean=STANDARD_RMS)
    for column in ("rms_var", "harmony_var", "perceptr_var"):
        scaled[column] = row[column] * gain**2
    scaled["mfcc1_mean"] += np.sqrt(NUM_MELS) * 20 * np.log10(gain)
    return scaled


def spread(rows: Features) -> Features:
    """Returns rows with each variance's logarithm, as these range over decades."""
    is_variance = np.array([column.endswith("_var") for column in COLUMNS])
    floor = 1e-12  # silence and pure tones: a variance of nothing has no logarithm
    return np.where(is_variance, np.log(np.maximum(rows, floor)), rows)


def standardise(
    rows: Features, mean: FeatureRow, std: FeatureRow
) -> Float32[np.ndarray, "*clips features"]:
    """Returns rows as the network takes them: spread, zero mean, unit variance.

    A feature far outside the table's range (a test tone, noise) counts as 5 standard
    deviations away, not as a thousand.

    Args:
        rows: From `measure`.
        mean: Of the training set's `spread` rows.
        std: Of the same.
    """
    return np.clip((spread(rows) - mean) / std, -5.0, 5.0).astype(np.float32)


# librosa's own peaks and crossings are compiled by Numba, whose cache two processes
# that run for the first time at once spoil for all later ones: these are plain NumPy.


def _chroma(power: Magnitudes) -> Float32[np.ndarray, "12 frames"]:
    from librosa import feature

    return feature.chroma_stft(S=power, sr=SAMPLE_RATE_HZ, tuning=_tuning(power))


def _tuning(power: Magnitudes) -> float:
    """Returns how far the song is tuned from A 440, in semitones, -0.5 to 0.5.

    Source: equal to `librosa.estimate_tuning(S=power)`.
    """
    from librosa import pitch_tuning

    below, here, above = power[:-2], power[1:-1], power[2:]
    bins = np.arange(1, len(power) - 1)[:, None]
    hz = bins * SAMPLE_RATE_HZ / _FFT_SAMPLES
    loud = power > _PEAK * power.max(axis=0)
    higher, lower = np.where(loud[2:], above, 0), np.where(loud[:-2], below, 0)
    peak = loud[1:-1] & (here > lower) & (here >= higher)
    peak &= (hz >= _LOWEST_PEAK_HZ) & (hz < _HIGHEST_PEAK_HZ)
    curve, slope = above + below - 2 * here, (above - below) / 2
    bent = np.abs(slope) < np.abs(curve)
    shift = np.divide(-slope, curve, out=np.zeros_like(here), where=bent)
    pitches_hz = ((bins + shift) * SAMPLE_RATE_HZ / _FFT_SAMPLES)[peak]
    heights = (here + 0.5 * slope * shift)[peak]
    if not len(heights):
        return 0.0  # silence has no tuning
    return float(pitch_tuning(pitches_hz[heights >= np.median(heights)]))


def _zero_crossing_rate(samples: Samples) -> Float[np.ndarray, "1 frames"]:
    """Returns the share of samples at which each frame changes its sign."""
    from librosa import util

    padded = np.pad(samples, _FFT_SAMPLES // 2, mode="edge")
    is_negative = np.signbit(np.where(np.abs(padded) <= _ZERO, 0, padded))
    frames = util.frame(is_negative, frame_length=_FFT_SAMPLES, hop_length=_HOP_SAMPLES)
    return np.mean(np.diff(frames, axis=0), axis=0, keepdims=True) * (
        (_FFT_SAMPLES - 1) / _FFT_SAMPLES
    )


def _rms(samples: Samples) -> Float32[np.ndarray, "1 frames"]:
    from librosa import feature

    return feature.rms(
        y=samples,
        frame_length=_FFT_SAMPLES,
        hop_length=_HOP_SAMPLES,
        pad_mode="reflect",
    )


def _centroid_and_bandwidth(
    magnitudes: Magnitudes,
) -> tuple[Float[np.ndarray, " frames"], Float[np.ndarray, " frames"]]:
    """Returns centre and spread of each frame's spectrum in Hz, 0 for silent frames."""
    hz = np.fft.rfftfreq(_FFT_SAMPLES, 1 / SAMPLE_RATE_HZ)
    moments = np.stack([np.ones_like(hz), hz, hz**2]) @ magnitudes.astype(np.float64)
    total = np.maximum(moments[0], np.finfo(np.float64).tiny)
    centroid = moments[1] / total
    return centroid, np.sqrt(np.maximum(moments[2] / total - centroid**2, 0.0))


def _harmonic_percussive(
    samples: Samples, spectrum: Complex64[np.ndarray, "bins frames"], mag: Magnitudes
) -> tuple[Samples, Samples]:
    """Splits samples into what lasts (harmonic) and what strikes (percussive).

    Each bin goes to the two by the squares of the medians along time and along
    frequency. The two masks add up to 1 and the inverse transform is linear, so the
    percussive part is what the harmonic one leaves of the samples.

    Source: Fitzgerald, "Harmonic/percussive separation using median filtering" (DAFx
        2010); equal to `librosa.decompose.hpss` and `istft` within float32 rounding.
    """
    lasting = _running_median(mag)
    striking = _running_median(mag.T).T
    loudest = np.maximum(np.maximum(lasting, striking), np.finfo(np.float32).tiny)
    lasting, striking = (lasting / loudest) ** 2, (striking / loudest) ** 2
    both = lasting + striking
    mask = np.divide(lasting, both, out=np.full_like(both, 0.5), where=both > 0)
    harmonic, percussive = np.zeros_like(samples), np.zeros_like(samples)
    wave = _inverse_stft(mask * spectrum)
    # The transform ends on a whole hop; the table's maker padded the rest with zeros.
    harmonic[: len(wave)] = wave
    percussive[: len(wave)] = samples[: len(wave)] - wave
    return harmonic, percussive


def _running_median(rows: Magnitudes) -> Magnitudes:
    """Returns the median over 31 neighbours along each row, mirrored at the ends.

    All rows are filtered as one long line, with their mirrored ends between them:
    SciPy's one-dimensional filter is ten times as fast as its two-dimensional one.
    """
    from scipy import ndimage

    reach = _HPSS_BINS // 2
    padded = np.pad(rows, ((0, 0), (reach, reach)), mode="symmetric")
    line = ndimage.median_filter(padded.ravel(), size=_HPSS_BINS)
    return line.reshape(padded.shape)[:, reach:-reach]


def _inverse_stft(spectrum: Complex64[np.ndarray, "bins frames"]) -> Samples:
    """Returns the samples whose windowed frames come nearest to `spectrum`.

    `librosa.istft` does the same and takes two seconds to compile first.
    """
    window = np.hanning(_FFT_SAMPLES + 1)[:-1].astype(np.float32)
    frames = np.fft.irfft(spectrum.T, axis=1).astype(np.float32) * window
    num_frames, per_frame = len(frames), _FFT_SAMPLES // _HOP_SAMPLES
    blocks = np.zeros((num_frames + per_frame - 1, _HOP_SAMPLES), np.float32)
    weights = np.zeros_like(blocks)
    for k in range(per_frame):
        part = slice(k * _HOP_SAMPLES, (k + 1) * _HOP_SAMPLES)
        blocks[k : k + num_frames] += frames[:, part]
        weights[k : k + num_frames] += window[part] ** 2
    summed, weight = blocks.ravel(), weights.ravel()
    centred = slice(_FFT_SAMPLES // 2, len(summed) - _FFT_SAMPLES // 2)
    return summed[centred] / np.maximum(weight[centred], np.finfo(np.float32).tiny)
