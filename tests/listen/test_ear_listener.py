"""An ear as a listener: every head, windows, other rates, what it is not sure of."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.errors import ArgumentError, ModelError
from jaxsoundart.listen import ear_file
from jaxsoundart.listen.ear_file import EarFile
from jaxsoundart.listen.ear_listener import EarListener
from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.mel_network import MelConfig
from jaxsoundart.listen.networks import network
from jaxsoundart.listen.opening import open_listener
from jaxsoundart.sound.resampling import resample
from jaxsoundart.sound.waveform import Excerpt, Part

HEADS = (
    Head(name="style", labels=("house", "jazz", "folk"), exclusive=True, sure=0.0),
    Head(name="instruments", labels=("piano", "drums"), exclusive=False, sure=1.0),
)
EXCERPTS = (
    Excerpt(part=Part.INTRO, start_s=0.0, end_s=12.0, why="fixed"),
    Excerpt(part=Part.DROP, start_s=40.0, end_s=60.0, why="fixed"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    config = MelConfig(num_mels=16, channels=(8, 16), width=24, norm_groups=4)
    params = network(config, HEADS).init(jax.random.key(3), jnp.zeros((1, 22_050)))
    folder = tmp_path_factory.mktemp("ear")
    ear_file.write(
        folder,
        EarFile(
            name="tiny",
            config=config,
            heads=HEADS,
            window_s=2.0,
            params=params["params"],
        ),
    )
    return folder


@pytest.fixture(scope="module")
def ear(folder):
    return EarListener.load(folder)


def test_a_folder_is_opened_by_what_its_config_says(folder, ear):
    opened = open_listener(folder)
    assert isinstance(opened, EarListener)
    assert opened.id == ear.id
    assert opened.id.startswith("tiny@")


def test_a_song_is_heard_with_every_head(ear, song, traits):
    heard = ear.hear(song, EXCERPTS, traits)
    assert set(heard.labels) == {"style", "instruments"}
    assert set(heard.labels["style"]) == {"house", "jazz", "folk"}
    assert sum(heard.labels["style"].values()) == pytest.approx(1.0)
    for labels in heard.labels.values():
        assert list(labels.values()) == sorted(labels.values(), reverse=True)
        assert all(0.0 <= p <= 1.0 for p in labels.values())
    assert (heard.traits, heard.excerpts, heard.listener) == (traits, EXCERPTS, ear.id)
    # The thresholds above: the first is always passed, the second never.
    assert heard.unsure == ("instruments",)


def test_the_order_of_the_excerpts_makes_no_difference(ear, song, traits):
    there = ear.hear(song, EXCERPTS, traits).labels
    back = ear.hear(song, EXCERPTS[::-1], traits).labels
    assert there == back


def test_a_clip_is_heard_alike_among_others(ear, song):
    clips = [song.cut(float(n), n + 2.0) for n in range(0, 33, 3)]
    together = ear.probabilities(clips)
    for name, answers in together.items():
        assert len(answers) == 11
        alone = ear.probabilities(clips[7:8])[name][0]
        np.testing.assert_allclose(alone, answers[7], atol=1e-5)


def test_another_sample_rate_says_nearly_the_same(ear, song):
    clip = song.cut(10.0, 12.0)
    fast = resample(clip, 44_100)
    here, there = (ear.probabilities([one])["style"][0] for one in (clip, fast))
    np.testing.assert_allclose(here, there, atol=0.02)


def test_similar_sounds_lie_close(ear, song):
    clip, later = song.cut(10.0, 12.0), song.cut(30.0, 32.0)
    quieter = dataclasses.replace(clip, samples=0.3 * clip.samples)
    one, same, other = ear.embed([clip, quieter, later])
    assert np.linalg.norm(one - same) < 0.05 * np.linalg.norm(one - other)


def test_a_song_shorter_than_a_window_is_heard(ear, song, traits):
    short = song.cut(0.0, 0.7)
    excerpt = Excerpt(part=Part.WHOLE, start_s=0.0, end_s=0.7, why="all")
    heard = ear.hear(short, [excerpt], traits)
    assert np.isfinite(list(heard.labels["style"].values())).all()


def test_without_an_excerpt_there_is_nothing_to_hear(ear, song, traits):
    with pytest.raises(ArgumentError, match="no excerpt"):
        ear.hear(song, [], traits)


def test_an_incomplete_folder_is_refused(folder, tmp_path):
    for file in folder.iterdir():
        if file.name != "model.safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(ModelError, match="no such file"):
        open_listener(tmp_path)
