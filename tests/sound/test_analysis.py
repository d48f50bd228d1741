import jax
import librosa
import numpy as np
import pytest

from jaxsoundart.sound import descriptors, onsets
from jaxsoundart.sound.analysis import analyse
from jaxsoundart.sound.waveform import Waveform

RATE_HZ = 22_050


def noise(duration_s, rate_hz=RATE_HZ):
    samples = np.random.default_rng(3).standard_normal(round(duration_s * rate_hz))
    return Waveform(samples=(0.1 * samples).astype(np.float32), sample_rate_hz=rate_hz)


def test_frames_are_those_of_librosas_centred_stft():
    waveform = noise(5.0)
    analysis = analyse(waveform)
    centroid_hz = librosa.feature.spectral_centroid(y=waveform.samples, sr=RATE_HZ)
    assert analysis.frame_rate_hz == RATE_HZ / 512
    np.testing.assert_allclose(analysis.centroid_hz, centroid_hz[0], rtol=1e-3)


def test_where_blocks_meet_nothing_shows(monkeypatch):
    waveform = noise(30.0)
    whole = analyse(waveform)
    monkeypatch.setattr(descriptors, "BLOCK_FRAMES", 256)
    monkeypatch.setattr("jaxsoundart.sound.analysis.BLOCK_FRAMES", 256)
    jax.clear_caches()
    pieces = analyse(waveform)
    jax.clear_caches()
    for name in ("power", "octaves", "onsets", "centroid_hz", "pitches"):
        expected = getattr(whole, name)
        np.testing.assert_allclose(
            getattr(pieces, name), expected, rtol=1e-3, atol=1e-4 * expected.max()
        )


def test_any_length_compiles_once():
    analyse(noise(1.0))
    before = descriptors.describe._cache_size()
    for duration_s in (0.5, 3.0, 50.0, 120.0):
        analyse(noise(duration_s))
    assert descriptors.describe._cache_size() == before


def test_power_is_the_mean_square_about_each_frame():
    samples = np.repeat([0.1, 0.4], RATE_HZ) * np.sign(np.sin(np.arange(2 * RATE_HZ)))
    waveform = Waveform(samples=samples.astype(np.float32), sample_rate_hz=RATE_HZ)
    power = analyse(waveform).power
    np.testing.assert_allclose(power[5:35], 0.01, rtol=0.01)
    np.testing.assert_allclose(power[50:80], 0.16, rtol=0.01)


@pytest.mark.parametrize("gain", [0.01, 0.3])
def test_onsets_do_not_depend_on_level(gain):
    waveform = noise(5.0)
    quiet = Waveform(samples=gain * waveform.samples, sample_rate_hz=RATE_HZ)
    np.testing.assert_allclose(
        analyse(quiet).onsets, analyse(waveform).onsets, atol=1e-3
    )


def test_a_rise_is_an_onset_and_a_fall_is_none():
    loud, soft = np.full((10, 4), 1.0), np.full((10, 4), 0.1)
    strength_db = onsets.strength_db(
        np.concatenate([soft, loud, soft]).astype(np.float32)
    )
    assert strength_db[10] == pytest.approx(10.0, abs=1e-4)
    np.testing.assert_allclose(np.delete(strength_db, 10), 0.0, atol=1e-5)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
def test_any_sample_rate_is_heard_alike(build, rate_hz):
    import soxr

    song = build(120, ((4, ("pad",)), (8, ("pad", "kick", "snare", "hat"))))
    samples = soxr.resample(song.waveform.samples, RATE_HZ, rate_hz)
    analysis = analyse(Waveform(samples=samples, sample_rate_hz=rate_hz))
    assert analysis.beats.tempo_bpm == pytest.approx(120, rel=0.005)
