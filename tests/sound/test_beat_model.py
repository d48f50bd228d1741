"""The bundled network of beats, bars and drops: shipped whole, and it hears."""

from pathlib import Path

import numpy as np
import pytest

import jaxsoundart
from jaxsoundart.sound import beat_model, beat_network
from jaxsoundart.sound.analysis import mel_power
from jaxsoundart.sound.beats import largest_near

FOLDER = Path(jaxsoundart.__file__).parent / "models" / "beats"


def test_it_is_small_and_has_a_card():
    assert (FOLDER / "model.safetensors").stat().st_size < 200_000
    card = (FOLDER / "README.md").read_text()
    for word in ("Data", "FluidR3", "Limits", "docs/beats.md"):
        assert word in card
    assert (FOLDER.parents[2] / "docs" / "beats.md").exists()


@pytest.mark.parametrize("tempo_bpm", [100, 128])
def test_beats_are_heard_where_they_are(full_song, tempo_bpm):
    song = full_song(tempo_bpm)
    mels, rate_hz = mel_power(song.waveform)
    logits = beat_model.bundled().events(mels)
    assert logits.shape == (len(mels), len(beat_network.EVENTS))
    beat = largest_near(logits[:, 0], 1)
    on = np.round(song.beats_s * rate_hz).astype(int)
    between = np.round((song.beats_s[:-1] + song.beats_s[1:]) / 2 * rate_hz).astype(int)
    assert np.median(beat[on]) > np.median(beat[between]) + 2.0


def test_level_and_silence_are_no_beats():
    mels = np.full((500, 40), 1e-3)
    np.testing.assert_allclose(beat_network.features(mels), 1.0)
    np.testing.assert_allclose(
        beat_network.features(mels), beat_network.features(100 * mels)
    )
    silence = beat_network.features(np.zeros((500, 40)))
    assert silence.max() == 0.0
    assert (beat_model.bundled().events(np.zeros((500, 40)))[100:-100] < 0).all()


@pytest.mark.parametrize("frames", [1, 2048, 2049])
def test_songs_of_any_length(frames):
    mels = np.abs(np.random.default_rng(0).normal(size=(frames, 40)))
    assert beat_model.bundled().events(mels).shape == (frames, 3)
