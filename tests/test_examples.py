import importlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import butter, sosfilt

from jaxsoundart.sound.analysis import analyse
from jaxsoundart.sound.files import read
from jaxsoundart.sound.sections import find_excerpts
from jaxsoundart.sound.traits import measure
from jaxsoundart.sound.waveform import Part

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def script():
    # The script imports its neighbour as programs do: from the folder it lies in.
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLES)
        yield importlib.import_module("make_song")


@pytest.fixture(scope="module")
def song():
    return soundfile.read(EXAMPLES / "midnight_drive.ogg")


def level_db(sound):
    return 10 * np.log10(np.mean(sound**2) + 1e-12)


def low(sound, rate_hz):
    edges = butter(4, 150, "lowpass", fs=rate_hz, output="sos")
    return sosfilt(edges, sound, axis=0)


def test_the_song_is_as_long_and_as_small_as_stated(script, song):
    sound, rate_hz = song
    assert (rate_hz, sound.shape[1]) == (44100, 2)
    assert len(sound) / rate_hz == pytest.approx(script.DURATION_S, abs=0.01)
    assert script.DURATION_S <= 60
    assert (EXAMPLES / "midnight_drive.ogg").stat().st_size <= 1.5e6


def test_the_song_is_loud_but_does_not_clip(script, song):
    sound, rate_hz = song
    assert np.abs(sound).max() < 1
    drop = sound[round(script.DROP_S * rate_hz) :][: round(8 * script.BAR_S * rate_hz)]
    assert -11 < level_db(drop) < -8


def test_the_intro_is_thinner_than_the_drop(script, song):
    sound, rate_hz = song
    bass = low(sound, rate_hz)
    at = round(script.DROP_S * rate_hz)
    intro, drop = bass[: round(script.BUILD_BAR * script.BAR_S * rate_hz)], bass[at:]
    drop = drop[: round(8 * script.BAR_S * rate_hz)]
    assert level_db(drop) - level_db(intro) >= 8


def test_the_drop_starts_on_the_stated_bar_line(script, song):
    sound, rate_hz = song
    assert abs(script.DROP_S * script.TEMPO_BPM / 240 - script.DROP_BAR) < 1e-9
    bass = np.mean(low(sound, rate_hz) ** 2, axis=1)
    step = rate_hz // 100
    frames = bass[: len(bass) // step * step].reshape(-1, step).mean(axis=1)
    # The first hundredth of a second whose bass comes near the loudest there is.
    first_s = np.argmax(10 * np.log10(frames + 1e-12) > level_db(frames**0.5) - 3) / 100
    assert first_s == pytest.approx(script.DROP_S, abs=0.03)


def test_rendering_is_deterministic_and_bounded(script):
    first = script.render(script.DROP_BAR, script.DROP_BAR + 1)
    again = script.render(script.DROP_BAR, script.DROP_BAR + 1)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first).max() < 0.8


def test_the_shipped_file_is_what_the_script_renders(script, song):
    sound, _ = song
    opening = script.render(0, 1)[: script.samples(script.BAR_S)]
    shipped = sound[: len(opening)]
    # Vorbis is lossy; a tenth of the amplitude is 20 dB.
    assert level_db(shipped - opening) < level_db(opening) - 20


def test_the_sawtooth_hardly_aliases(script):
    # 2500 Hz at 44.1 kHz: harmonics fold back to places where none belongs.
    tone_hz, length = 2500.0, 44100
    ours = importlib.import_module("synthesizer").saw(tone_hz, length)
    naive = 2 * (np.arange(length) * tone_hz / 44100 % 1) - 1

    def between_db(sound):
        power = np.abs(np.fft.rfft(sound * np.hanning(length))) ** 2
        bins = np.arange(len(power))
        away = np.abs((bins + 1250) % 2500 - 1250) > 20
        return 10 * np.log10(power[away & (bins < 12_000)].sum() / power.sum())

    assert between_db(ours) < -40
    assert between_db(ours) < between_db(naive) - 15


def test_intro_and_drop_are_heard_where_the_script_puts_them(script):
    analysis = analyse(read(EXAMPLES / "midnight_drive.ogg"))
    intro, drop = find_excerpts(analysis, (Part.INTRO, Part.DROP), seed=0)
    assert intro.start_s == pytest.approx(0, abs=script.BEAT_S)
    assert intro.end_s <= script.DROP_S + script.BEAT_S
    assert drop.start_s == pytest.approx(script.DROP_S, abs=script.BEAT_S)
    assert analysis.beats.tempo_bpm == pytest.approx(script.TEMPO_BPM, rel=0.01)
    assert measure(analysis).key == "A minor"
