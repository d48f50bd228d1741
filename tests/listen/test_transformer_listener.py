"""The Audio Spectrogram Transformer: as published, and as a listener."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from jaxsoundart.compose import lexicon
from jaxsoundart.errors import ModelError
from jaxsoundart.listen import audioset
from jaxsoundart.listen.opening import open_listener
from jaxsoundart.listen.spectrogram_transformer import (
    SpectrogramTransformer,
    TransformerConfig,
)
from jaxsoundart.listen.transformer_listener import MODEL_TYPE, TransformerListener
from jaxsoundart.runtime.layout import to_published
from jaxsoundart.sound.waveform import Excerpt, Part

SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_length": 128,
}
CLASSES = (*sorted(audioset.classes()), "Field recording")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small transformer with random weights, as a hub's repository has it."""
    folder = tmp_path_factory.mktemp("hub") / "tiny-audioset"
    folder.mkdir()
    config = TransformerConfig(labels=CLASSES, **SIZES)
    params = SpectrogramTransformer(config).init(
        jax.random.key(3), jnp.zeros((1, 128, 128))
    )["params"]
    draw = np.random.default_rng(0).standard_normal
    noisy = jax.tree.map(lambda leaf: leaf + 0.1 * draw(leaf.shape), params)
    save_file(to_published(noisy, np.dtype("f4")), folder / "model.safetensors")
    named = {str(number): name for number, name in enumerate(CLASSES)}
    content = {"model_type": MODEL_TYPE, "id2label": named, **SIZES}
    (folder / "config.json").write_text(json.dumps(content))
    features = {"sampling_rate": 16_000, "mean": -4.0, "std": 4.5}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))
    return folder


@pytest.fixture(scope="module")
def ear(folder):
    return open_listener(folder)


def excerpt(start_s, end_s):
    return Excerpt(part=Part.DROP, start_s=start_s, end_s=end_s, why="as told")


def test_a_song_is_heard_with_every_head(ear, song, traits):
    assert isinstance(ear, TransformerListener)
    assert ear.window_s == pytest.approx(1.295)
    hearing = ear.hear(song, [excerpt(10.0, 20.0), excerpt(30.0, 31.0)], traits)
    assert list(hearing.labels) == ["genre", "instruments", "vocals", "mood", "sounds"]
    assert hearing.listener.startswith("tiny-audioset@")
    for labels in hearing.labels.values():
        values = list(labels.values())
        assert values == sorted(values, reverse=True)
        assert 0.0 <= min(values) <= max(values) <= 1.0
    assert {*hearing.labels["genre"]} <= {*lexicon.load().genres}
    again = ear.hear(song, [excerpt(30.0, 31.0), excerpt(10.0, 20.0)], traits)
    assert again.labels == hearing.labels


def test_what_is_no_music_has_no_genre():
    quiet = dict.fromkeys(audioset.classes(), 0.01)
    speech = audioset.gather(quiet | {"Speech": 0.98, "Music": 0.05, "Jazz": 0.2})
    song = audioset.gather(quiet | {"Music": 0.95, "Jazz": 0.2})
    assert next(iter(speech["vocals"])) == "speech"
    assert max(speech["genre"].values()) < 0.05
    assert next(iter(song["genre"])) == "jazz"
    assert sum(song["genre"].values()) == pytest.approx(0.95)
    silence = audioset.gather(dict.fromkeys(audioset.classes(), 0.0))
    assert max(silence["genre"].values()) == 0.0


def test_a_clip_shorter_than_a_frame_is_heard(ear, song):
    assert ear.probabilities([song.cut(0.0, 0.01)]).shape == (1, len(CLASSES))


@pytest.mark.parametrize(
    ("file", "change", "complaint"),
    [
        ("config.json", {"hidden_act": "relu"}, "hidden_act is 'relu'"),
        ("config.json", {"id2label": {}}, "names no classes"),
        ("config.json", {"id2label": {"0": "Music"}}, "not hear AudioSet's classes"),
        ("config.json", {"num_hidden_layers": 1}, r"unexpected .*encoder\.layer\.1"),
        ("preprocessor_config.json", {"sampling_rate": 8000}, "wanted 16000 Hz"),
    ],
)
def test_what_does_not_fit_is_refused(folder, tmp_path, file, change, complaint):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    content = json.loads((folder / file).read_text())
    (tmp_path / file).write_text(json.dumps(content | change))
    with pytest.raises(ModelError, match=complaint) as caught:
        open_listener(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["preprocessor_config.json", "model.safetensors"])
def test_a_missing_file_is_named(folder, tmp_path, missing):
    for path in folder.iterdir():
        if path.name != missing:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ModelError, match=missing):
        open_listener(tmp_path)


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore")
def test_equals_the_published_model_of_transformers(tmp_path, music):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    named = dict(enumerate(CLASSES))
    config = transformers.ASTConfig(**SIZES, num_labels=len(named), id2label=named)
    theirs = transformers.ASTForAudioClassification(config).eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    theirs.save_pretrained(tmp_path)
    extractor = transformers.ASTFeatureExtractor(max_length=SIZES["max_length"])
    extractor.save_pretrained(tmp_path)
    ours = open_listener(tmp_path)
    assert isinstance(ours, TransformerListener)
    for length_s in (0.7, 5.0):
        clip = music.cut(0.0, length_s)
        samples = ours._samples(clip)
        given = extractor(samples, sampling_rate=16_000, return_tensors="pt")
        with torch.no_grad():
            wanted = torch.sigmoid(theirs(**given).logits).numpy()
        np.testing.assert_allclose(ours.probabilities([clip]), wanted, atol=1e-4)
