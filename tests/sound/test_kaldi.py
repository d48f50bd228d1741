"""Kaldi's log-mel features, beside another program's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.sound import kaldi

SECOND = kaldi.SAMPLE_RATE_HZ


@pytest.fixture(scope="module")
def sound():
    generator = np.random.default_rng(5)
    time_s = np.arange(SECOND) / SECOND
    tone = 0.3 * np.sin(2 * np.pi * 440 * time_s)
    noise = 0.02 * generator.standard_normal(SECOND)
    return jnp.asarray(tone + noise, jnp.float32)


def test_a_frame_every_ten_milliseconds_that_lies_wholly_inside(sound):
    assert kaldi.log_mel(sound).shape == (98, 128)
    assert kaldi.log_mel(sound[:400], mels=40).shape == (1, 40)
    with pytest.raises(ValueError, match="399 samples do not fill one frame of 400"):
        kaldi.log_mel(sound[:399])


def test_a_tone_lies_in_its_band(sound):
    filters = kaldi.mel_filters(128)
    band = int(filters[round(440 * 512 / SECOND)].argmax())
    assert abs(int(np.asarray(kaldi.log_mel(sound)).mean(0).argmax()) - band) <= 1


def test_silence_and_a_constant_are_the_floor():
    for level in (0.0, 0.5):
        quiet = kaldi.log_mel(jnp.full(SECOND, level))
        # The mean goes before the differencing, so that a constant is silence.
        assert np.asarray(quiet).max() == pytest.approx(np.log(1.1920929e-07), rel=1e-6)


def test_batches_and_compiled_programs_give_the_same(sound):
    both = jnp.stack([sound, sound[::-1]])
    one = [np.asarray(kaldi.log_mel(some)) for some in both]
    np.testing.assert_allclose(kaldi.log_mel(both), np.stack(one), atol=2e-3)
    np.testing.assert_allclose(jax.jit(kaldi.log_mel)(both), np.stack(one), atol=2e-3)


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore:At least one mel filter")
def test_equals_the_feature_extractor_of_transformers(sound):
    transformers = pytest.importorskip("transformers")
    theirs = transformers.ASTFeatureExtractor(max_length=98)
    wanted = theirs(np.asarray(sound), sampling_rate=SECOND)["input_values"][0]
    ours = (np.asarray(kaldi.log_mel(sound)) - theirs.mean) / (2 * theirs.std)
    np.testing.assert_allclose(ours, wanted, atol=1e-4)
