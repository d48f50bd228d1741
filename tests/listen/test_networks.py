"""The networks on sounds: one contract, level and padding, files, and laws of heads."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import librosa
import numpy as np
import pytest
from scipy.special import expit, softmax

from jaxsoundart.errors import ModelError
from jaxsoundart.listen import ear_file
from jaxsoundart.listen.ear_file import EarFile
from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.mel_network import MelConfig, features, masked
from jaxsoundart.listen.networks import network
from jaxsoundart.listen.wave_network import WaveConfig
from jaxsoundart.runtime.modules import run

HEADS = (
    Head(name="style", labels=("house", "jazz", "folk"), exclusive=True),
    Head(name="instruments", labels=("piano", "drums"), exclusive=False),
)
MEL = MelConfig(num_mels=32, channels=(8, 16), width=24, norm_groups=4)
WAVE = WaveConfig(filter_samples=32, hop_samples=16, channels=(8, 16, 24), width=24)
CONFIGS = pytest.mark.parametrize("config", [MEL, WAVE], ids=["mel", "wave"])


@pytest.fixture
def sounds():
    generator = np.random.default_rng(0)
    return jnp.asarray(0.1 * generator.standard_normal((3, 22_050)), jnp.float32)


def made(config, samples):
    net = network(config, HEADS)
    params = net.init(jax.random.key(0), samples)["params"]
    return net, params


@CONFIGS
def test_every_network_keeps_the_contract(config, sounds):
    net, params = made(config, sounds)
    heard = run(net, params, sounds)
    assert {n: x.shape for n, x in heard.logits.items()} == {
        "style": (3, 3),
        "instruments": (3, 2),
    }
    assert heard.embedding.shape == (3, 24)
    style = params["answers"]["style"]
    answer = jax.nn.gelu(heard.embedding) @ style["kernel"] + style["bias"][None]
    np.testing.assert_allclose(heard.logits["style"], answer, atol=1e-5)


@CONFIGS
def test_level_and_neighbours_in_the_batch_make_no_difference(config, sounds):
    net, params = made(config, sounds)
    heard = run(net, params, sounds)
    quiet = run(net, params, 0.05 * sounds[1:2])
    np.testing.assert_allclose(quiet.embedding[0], heard.embedding[1], atol=2e-4)


@CONFIGS
def test_any_length_from_the_least_on_is_heard(config, sounds):
    net, params = made(config, sounds)
    for samples in (config.least_samples, 30_000):
        heard = run(net, params, jnp.ones((1, samples)))
        assert np.isfinite(heard.embedding).all()


@CONFIGS
def test_silence_is_finite(config, sounds):
    net, params = made(config, sounds)
    assert np.isfinite(run(net, params, jnp.zeros((1, 22_050))).embedding).all()


@CONFIGS
def test_learning_drops_out_and_is_a_function_of_its_keys(config, sounds):
    net, params = made(config, sounds)

    def learnt(seed):
        keys = {"masks": jax.random.key(seed), "dropout": jax.random.key(seed + 1)}
        return net.apply({"params": params}, sounds, learning=True, rngs=keys).logits

    same, again, other = learnt(0)["style"], learnt(0)["style"], learnt(5)["style"]
    np.testing.assert_array_equal(same, again)
    assert np.abs(same - other).max() > 1e-3


@CONFIGS
def test_half_precision_is_near(config, sounds):
    net, params = made(config, sounds)
    half = network(dataclasses.replace(config, dtype="bfloat16"), HEADS)
    whole = run(net, params, sounds).embedding
    lean = run(half, params, sounds).embedding
    assert lean.dtype == jnp.float32
    assert np.abs(lean - whole).max() < 0.1 * np.abs(whole).max()


def test_features_are_librosas_log_mel(sounds):

    ours = np.asarray(features(MEL, sounds))[0]
    mel = librosa.feature.melspectrogram(
        y=np.asarray(sounds[0]), sr=22_050, n_fft=1024, hop_length=512, n_mels=32
    )
    wanted = librosa.power_to_db(mel, ref=np.max, top_db=80.0).T / 40.0 + 1.0
    np.testing.assert_allclose(ours, wanted, atol=1e-3)
    assert ours.max() == pytest.approx(1.0)


def test_masks_hide_stripes_of_at_most_their_share():
    spectrum = jax.random.normal(jax.random.key(1), (100, 50))
    seen = masked(jax.random.key(2), spectrum, masks=1, share=0.2)
    hidden = np.asarray(seen == spectrum.mean())
    frames, bands = hidden.all(axis=1).sum(), hidden.all(axis=0).sum()
    assert 0 < frames <= 21
    assert 0 < bands <= 11
    kept = ~(hidden.all(axis=1)[:, None] | hidden.all(axis=0)[None, :])
    np.testing.assert_array_equal(seen[kept], spectrum[kept])


@CONFIGS
def test_an_ear_is_read_as_it_was_written(config, sounds, tmp_path):
    net, params = made(config, sounds)
    ear_file.write(
        tmp_path,
        EarFile(name="tiny", config=config, heads=HEADS, window_s=1.0, params=params),
    )
    read = ear_file.read(tmp_path)
    assert (read.config, read.heads, read.window_s) == (config, HEADS, 1.0)
    assert read.name.startswith("tiny@")
    halves = jax.tree.map(lambda leaf: leaf.astype(jnp.float16), params)
    jax.tree.map(np.testing.assert_array_equal, read.params, halves)
    assert network(read.config, read.heads) == net


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda told: told["network"].update(channels=[8, 32]), "does not fit"),
        (lambda told: told["network"].update(kind="cat"), "not as an ear's config"),
        (lambda told: told.pop("heads"), "not as an ear's config"),
        (lambda told: told["heads"].pop(), "unexpected"),
    ],
)
def test_a_wrong_config_is_refused(sounds, tmp_path, change, complaint):
    _, params = made(MEL, sounds)
    ear = EarFile(name="tiny", config=MEL, heads=HEADS, window_s=1.0, params=params)
    ear_file.write(tmp_path, ear)
    path = tmp_path / "config.json"
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))
    with pytest.raises(ModelError, match=complaint):
        ear_file.read(tmp_path)


def test_probabilities_are_those_of_scaled_logits():
    logits = np.array([[3.0, -700.0, 1.0], [800.0, 0.0, -2.0]])
    one = Head(name="a", labels=("x", "y", "z"), exclusive=True, temperature=2.0)
    np.testing.assert_allclose(one.probabilities(logits), softmax(logits / 2, axis=1))
    several = dataclasses.replace(one, exclusive=False)
    np.testing.assert_allclose(several.probabilities(logits), expit(logits / 2))
