"""The table's numbers, from sound: equal to librosa's, whatever the level."""

import librosa
import numpy as np
import pytest

from jaxsoundart.listen import features
from jaxsoundart.listen.features import COLUMNS, measure
from jaxsoundart.sound.waveform import Waveform


def librosa_row(y, sr=22_050):
    """The table's columns by librosa alone, as its makers computed them."""
    reflect = {"pad_mode": "reflect"}
    spectrum = librosa.stft(y, **reflect)
    mag = np.abs(spectrum)
    parts = [
        librosa.util.fix_length(librosa.istft(part), size=len(y))
        for part in librosa.decompose.hpss(spectrum)
    ]
    mel = librosa.feature.melspectrogram(S=mag**2, sr=sr)
    values = {
        "chroma_stft": librosa.feature.chroma_stft(S=mag**2, sr=sr),
        "rms": librosa.feature.rms(y=y, **reflect),
        "spectral_centroid": librosa.feature.spectral_centroid(S=mag, sr=sr),
        "spectral_bandwidth": librosa.feature.spectral_bandwidth(S=mag, sr=sr),
        "rolloff": librosa.feature.spectral_rolloff(S=mag, sr=sr),
        "zero_crossing_rate": librosa.feature.zero_crossing_rate(y),
        "harmony": parts[0],
        "perceptr": parts[1],
    }
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20)
    values |= {f"mfcc{i}": row for i, row in enumerate(mfcc, start=1)}
    row = {f"{name}_mean": float(np.mean(x)) for name, x in values.items()}
    return row | {f"{name}_var": float(np.var(x)) for name, x in values.items()}


def scaled(waveform, gain):
    return Waveform(
        samples=waveform.samples * np.float32(gain),
        sample_rate_hz=waveform.sample_rate_hz,
    )


def test_the_row_of_a_clip_at_standard_level_is_librosas(music):
    clip = Waveform(
        samples=features.to_standard_level(music.samples), sample_rate_hz=22_050
    )
    wanted = librosa_row(clip.samples)
    np.testing.assert_allclose(
        measure(clip), [wanted[column] for column in COLUMNS], rtol=1e-4
    )


def test_a_tables_row_brought_to_standard_level_is_the_row_measured(music):
    wanted = features.table_row_to_standard_level(librosa_row(music.samples))
    np.testing.assert_allclose(
        measure(music), [wanted[column] for column in COLUMNS], rtol=1e-4
    )
    assert wanted["rms_mean"] == features.STANDARD_RMS


@pytest.mark.parametrize("gain_db", [-40.0, -12.0, 10.0])
def test_a_quieter_or_louder_copy_has_the_same_row(music, gain_db):
    copy = scaled(music, 10 ** (gain_db / 20))
    np.testing.assert_allclose(measure(copy), measure(music), rtol=1e-4)


def test_a_copy_scaled_by_a_power_of_two_has_exactly_the_same_row(music):
    np.testing.assert_array_equal(measure(scaled(music, 0.25)), measure(music))


def test_no_column_is_left_out_or_doubled(music):
    assert len(set(COLUMNS)) == len(COLUMNS) == len(measure(music)) == 53


@pytest.mark.parametrize("sound", ["silence", "tone", "click"])
def test_poor_sounds_have_finite_rows(sound):
    time_s = np.arange(22_050) / 22_050
    samples = {
        "silence": np.zeros(22_050),
        "tone": np.sin(2 * np.pi * 440 * time_s),
        "click": np.eye(1, 22_050, 11_000)[0],
    }[sound].astype(np.float32)
    row = measure(Waveform(samples=samples, sample_rate_hz=22_050))
    assert np.isfinite(row).all()
    mean, std = np.zeros(53), np.ones(53)
    assert np.isfinite(features.standardise(row, mean, std)).all()


def test_standardised_rows_have_no_mean_and_unit_variance_and_no_outliers():
    rows = np.random.default_rng(0).lognormal(0, 1, (400, len(COLUMNS)))
    spread = features.spread(rows)
    mean, std = spread.mean(axis=0), spread.std(axis=0)
    inputs = features.standardise(rows, mean, std)
    variances = [column.endswith("_var") for column in COLUMNS]
    np.testing.assert_allclose(inputs[:, variances].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(inputs[:, variances].std(axis=0), 1, atol=1e-2)
    assert features.standardise(rows * 1e9, mean, std).max() == 5.0


def test_nothing_that_numba_compiled_is_called(monkeypatch):
    from numba.np.ufunc.dufunc import DUFunc
    from numba.np.ufunc.gufunc import GUFunc

    def refuse(*_, **__):
        raise AssertionError("Numba's cache may be spoilt")

    monkeypatch.setattr(GUFunc, "__call__", refuse)
    monkeypatch.setattr(DUFunc, "__call__", refuse)
    samples = np.sin(np.arange(22_050) * 0.05).astype(np.float32)
    with pytest.raises(AssertionError):
        librosa.feature.zero_crossing_rate(samples)
    measure(Waveform(samples=samples, sample_rate_hz=22_050))
