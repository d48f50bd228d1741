import numpy as np
import pytest

from jaxsoundart.sound.analysis import analyse
from jaxsoundart.sound.traits import chroma, measure
from jaxsoundart.sound.waveform import Waveform

RATE_HZ = 22_050
NOTES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def waveform(samples, rate_hz=RATE_HZ):
    return Waveform(samples=np.asarray(samples, np.float32), sample_rate_hz=rate_hz)


def traits(samples, rate_hz=RATE_HZ):
    return measure(analyse(waveform(samples, rate_hz)))


def sine(hz, duration_s=4.0, rate_hz=RATE_HZ):
    return np.sin(2 * np.pi * hz * np.arange(round(duration_s * rate_hz)) / rate_hz)


def cadence(tonic, minor, tuning_cents=0.0):
    """Tonic, subdominant, dominant and tonic triads, three harmonics a note."""
    third = 3 if minor else 4
    chords = ((0, third, 7), (5, 5 + third, 12), (7, 11, 14), (0, third, 7))
    sound = []
    for chord in chords:
        semitones = [tonic + note + tuning_cents / 100 - 9 for note in chord]
        tones = [
            sine(440 * 2 ** (s / 12) * h / 2, 1.0) / h
            for s in semitones
            for h in (1, 2, 3)
        ]
        sound.append(0.1 * sum(tones))
    return np.concatenate(sound)


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("minor", [False, True])
def test_the_key_of_a_cadence_is_found(tonic, minor):
    key = traits(cadence(tonic, minor)).key
    usual = {"Db": "C#", "Ab": "G#"} if minor else {}
    name = usual.get(NOTES[tonic], NOTES[tonic])
    assert key == f"{name} {'minor' if minor else 'major'}"


@pytest.mark.parametrize("tuning_cents", [-40, -20, 20, 40])
def test_a_record_out_of_tune_keeps_its_key(tuning_cents):
    assert traits(cadence(2, False, tuning_cents)).key == "D major"


def test_chroma_holds_only_the_notes_that_sound():
    pitches = analyse(waveform(0.1 * (sine(220) + sine(329.63)))).pitches
    heard = chroma(pitches)
    assert heard.sum() == pytest.approx(1.0, abs=1e-5)
    assert heard[9] + heard[4] > 0.95


@pytest.mark.parametrize("rms_db", [-6.0, -20.0, -60.0])
@pytest.mark.parametrize("hz", [50.0, 1000.0, 8000.0])
def test_loudness_is_the_rms_level(rms_db, hz):
    samples = np.sqrt(2) * 10 ** (rms_db / 20) * sine(hz, 10.0)
    assert traits(samples).loudness_db == pytest.approx(rms_db, abs=0.05)


def test_silence_has_traits():
    silent = traits(np.zeros(3 * RATE_HZ))
    assert silent.loudness_db == -100.0
    assert silent.tempo_bpm == silent.brightness_hz == silent.dynamics_db == 0.0


@pytest.mark.parametrize("hz", [200.0, 1000.0, 5000.0])
@pytest.mark.parametrize("rate_hz", [22_050, 44_100])
def test_a_tone_is_as_bright_as_its_frequency(hz, rate_hz):
    heard = traits(0.3 * sine(hz, rate_hz=rate_hz), rate_hz).brightness_hz
    assert heard == pytest.approx(hz, rel=0.05)


def test_noise_is_as_bright_as_the_middle_of_its_band():
    noise = 0.1 * np.random.default_rng(0).standard_normal(8 * RATE_HZ)
    assert traits(noise).brightness_hz == pytest.approx(RATE_HZ / 4, rel=0.01)


def test_pauses_do_not_change_brightness():
    tone = 0.3 * sine(2000.0)
    pause = 1e-5 * np.random.default_rng(0).standard_normal(len(tone))
    whole = traits(np.concatenate([tone, pause])).brightness_hz
    assert whole == pytest.approx(traits(tone).brightness_hz, rel=0.05)


@pytest.mark.parametrize("step_db", [0.0, 6.0, 20.0])
def test_dynamics_is_the_distance_of_loud_and_soft(step_db):
    soft = 0.3 * 10 ** (-step_db / 20) * sine(500.0, 10.0)
    heard = traits(np.concatenate([soft, 0.3 * sine(500.0, 10.0)])).dynamics_db
    assert heard == pytest.approx(step_db, abs=0.1)


def test_a_quieter_copy_differs_in_loudness_alone(club_song):
    song = club_song(128).waveform
    loud, quiet = traits(song.samples), traits(song.samples / 4)
    assert loud.loudness_db - quiet.loudness_db == pytest.approx(12.04, abs=0.01)
    assert loud.key == quiet.key
    for name in ("tempo_bpm", "brightness_hz", "dynamics_db"):
        assert getattr(loud, name) == pytest.approx(getattr(quiet, name), rel=1e-3)
