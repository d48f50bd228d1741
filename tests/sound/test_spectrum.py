import jax
import jax.numpy as jnp
import librosa
import numpy as np
import pytest

from jaxsoundart.sound import spectrum

RATE_HZ = 22_050


@pytest.fixture(scope="module")
def sound():
    rng = np.random.default_rng(7)
    time_s = np.arange(RATE_HZ) / RATE_HZ
    tones = np.sin(2 * np.pi * 330 * time_s) + 0.3 * np.sin(2 * np.pi * 5000 * time_s)
    return (0.3 * tones + 0.05 * rng.standard_normal(RATE_HZ)).astype(np.float32)


def test_frames_start_every_hop_and_drop_the_incomplete_last():
    x = jnp.arange(11.0)
    frames = spectrum.frame(x, frame_samples=4, hop_samples=2)
    np.testing.assert_array_equal(frames[:, 0], [0, 2, 4, 6])
    np.testing.assert_array_equal(frames[-1], [6, 7, 8, 9])


@pytest.mark.parametrize(("frame_samples", "hop_samples"), [(8, 4), (8, 3), (6, 6)])
def test_frames_equal_librosas(frame_samples, hop_samples):
    x = np.random.default_rng(0).standard_normal((2, 3, 41)).astype(np.float32)
    ours = spectrum.frame(
        jnp.asarray(x), frame_samples=frame_samples, hop_samples=hop_samples
    )
    theirs = librosa.util.frame(x, frame_length=frame_samples, hop_length=hop_samples)
    np.testing.assert_array_equal(ours, np.swapaxes(theirs, -1, -2))


def test_a_signal_shorter_than_a_frame_is_refused():
    with pytest.raises(ValueError, match="3 samples do not fill one frame of 4"):
        spectrum.frame(jnp.zeros(3), frame_samples=4, hop_samples=1)


@pytest.mark.parametrize("pad_mode", ["reflect", "constant"])
@pytest.mark.parametrize(
    ("fft_samples", "hop_samples", "window_samples"),
    [(2048, 512, 2048), (1024, 300, 800), (512, 128, 401), (4096, 1024, 4096)],
)
def test_stft_equals_librosas(
    sound, fft_samples, hop_samples, window_samples, pad_mode
):
    ours = spectrum.stft(
        jnp.asarray(sound),
        fft_samples=fft_samples,
        hop_samples=hop_samples,
        window_samples=window_samples,
        pad_mode=pad_mode,
    )
    theirs = librosa.stft(
        sound,
        n_fft=fft_samples,
        hop_length=hop_samples,
        win_length=window_samples,
        pad_mode=pad_mode,
    )
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-6 * np.abs(theirs).max(), rtol=0)


def test_stft_without_centring_equals_librosas(sound):
    ours = spectrum.stft(jnp.asarray(sound), center=False)
    theirs = librosa.stft(sound, center=False)
    np.testing.assert_allclose(ours, theirs, atol=1e-6 * np.abs(theirs).max(), rtol=0)


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100])
@pytest.mark.parametrize(
    ("num_mels", "min_hz", "max_hz"), [(128, 0.0, None), (40, 30.0, 3e3)]
)
def test_mel_filters_equal_librosas(rate_hz, num_mels, min_hz, max_hz):
    ours = spectrum.mel_filterbank(
        sample_rate_hz=rate_hz,
        fft_samples=2048,
        num_mels=num_mels,
        min_hz=min_hz,
        max_hz=max_hz,
    )
    theirs = librosa.filters.mel(
        sr=rate_hz, n_fft=2048, n_mels=num_mels, fmin=min_hz, fmax=max_hz
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-7 * theirs.max(), rtol=0)


@pytest.mark.parametrize("pad_mode", ["reflect", "constant"])
@pytest.mark.parametrize("power", [1.0, 2.0])
def test_mel_spectrogram_equals_librosas(sound, power, pad_mode):
    ours = spectrum.mel_spectrogram(
        jnp.asarray(sound), sample_rate_hz=RATE_HZ, power=power, pad_mode=pad_mode
    )
    theirs = librosa.feature.melspectrogram(
        y=sound, sr=RATE_HZ, power=power, pad_mode=pad_mode
    )
    np.testing.assert_allclose(ours, theirs, atol=2e-6 * theirs.max(), rtol=0)


@pytest.mark.parametrize("range_db", [80.0, 20.0, None])
@pytest.mark.parametrize("reference", [1.0, 1e-3])
def test_power_to_db_equals_librosas(reference, range_db):
    power = 10 ** np.random.default_rng(1).uniform(-14, 3, 500).astype(np.float32)
    ours = spectrum.power_to_db(
        jnp.asarray(power), reference=reference, range_db=range_db
    )
    theirs = librosa.power_to_db(power, ref=reference, top_db=range_db)
    np.testing.assert_allclose(ours, theirs, atol=1e-4, rtol=0)


def test_log_mel_equals_librosas(sound):
    ours = spectrum.log_mel(jnp.asarray(sound), sample_rate_hz=RATE_HZ)
    mel = librosa.feature.melspectrogram(y=sound, sr=RATE_HZ)
    np.testing.assert_allclose(
        ours, librosa.power_to_db(mel, ref=np.max), atol=0.01, rtol=0
    )


def test_log_mel_does_not_depend_on_level_or_company(sound):
    batch = jnp.stack([jnp.asarray(sound), 0.01 * jnp.asarray(sound)])
    alone = spectrum.log_mel(jnp.asarray(sound), sample_rate_hz=RATE_HZ)
    for one in spectrum.log_mel(batch, sample_rate_hz=RATE_HZ):
        np.testing.assert_allclose(one, alone, atol=0.01, rtol=0)


def test_silence_has_a_log_mel():
    silent = spectrum.log_mel(jnp.zeros(4096), sample_rate_hz=RATE_HZ)
    np.testing.assert_array_equal(silent, 0.0)


@pytest.mark.parametrize("hz", [100.0, 1000.0, 6000.0])
def test_a_tone_peaks_in_the_mel_band_around_it(hz):
    time_s = np.arange(RATE_HZ) / RATE_HZ
    tone = jnp.asarray(np.sin(2 * np.pi * hz * time_s), jnp.float32)
    mel = spectrum.mel_spectrogram(tone, sample_rate_hz=RATE_HZ)
    edges_hz = librosa.mel_frequencies(n_mels=130, fmin=0, fmax=RATE_HZ / 2)
    band = int(mel.mean(axis=1).argmax())
    assert edges_hz[band] < hz < edges_hz[band + 2]


def test_jitted_batched_and_plain_mels_agree(sound):
    batch = jnp.stack([jnp.asarray(sound), jnp.asarray(sound[::-1].copy())])

    def mel(x):
        return spectrum.mel_spectrogram(x, sample_rate_hz=RATE_HZ)

    one_by_one = jnp.stack([mel(x) for x in batch])
    scale = float(one_by_one.max())
    for other in (mel(batch), jax.jit(mel)(batch), jax.vmap(mel)(batch)):
        np.testing.assert_allclose(other, one_by_one, atol=2e-6 * scale, rtol=0)
