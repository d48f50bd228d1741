import numpy as np
import pytest

from jaxsoundart.sound import tempo
from jaxsoundart.sound.analysis import analyse
from jaxsoundart.sound.waveform import Waveform

RATE_HZ = 22_050
TEMPI = [90, 100, 118, 128, 140, 150, 160, 174]


def distances_s(times_s, grid_s):
    return np.abs(times_s[:, None] - grid_s[None, :]).min(axis=1)


@pytest.mark.parametrize("tempo_bpm", TEMPI)
def test_tempo_beats_and_bars_are_those_of_the_song(club_song, tempo_bpm):
    song = club_song(tempo_bpm, lead_in_s=0.3)
    beats = analyse(song.waveform).beats
    assert beats.tempo_bpm == pytest.approx(tempo_bpm, rel=0.005)
    inside = beats.beat_times_s > song.sections_s[1]
    inside &= beats.beat_times_s < song.sections_s[-2]
    off_s = distances_s(beats.beat_times_s[inside], song.beats_s)
    assert np.quantile(off_s, 0.95) < 0.03
    off_s = distances_s(beats.bar_times_s, song.bars_s)
    assert np.mean(off_s < 0.05) > 0.95


@pytest.mark.parametrize("tempo_bpm", [100, 128, 150])
def test_a_broken_beat_is_followed(broken_beat_song, tempo_bpm):
    song = broken_beat_song(tempo_bpm)
    beats = analyse(song.waveform).beats
    assert beats.tempo_bpm == pytest.approx(tempo_bpm, rel=0.005)


def test_related_tempi_are_those_that_someone_might_count():
    rate_hz = 43.0
    periods = tempo.related([60 * rate_hz / 128, 60 * rate_hz / 128.5], rate_hz)
    tempi_bpm = [60 * rate_hz / period for period in periods]
    assert tempi_bpm == pytest.approx([192.75, 128.5, 85.67, 64.25], rel=0.01)
    assert tempo.related([60 * rate_hz / 500], rate_hz) == pytest.approx(
        [60 * rate_hz / bpm for bpm in (500 / 3,)]
    )


def test_fast_broken_beats_may_be_counted_at_half_their_tempo(broken_beat_song):
    tempo_bpm = analyse(broken_beat_song(174).waveform).beats.tempo_bpm
    assert min(abs(tempo_bpm / 174 - 1), abs(tempo_bpm / 87 - 1)) < 0.01


def test_the_count_is_taken_up_anew_after_an_odd_bar(club_song):
    first, second = club_song(120), club_song(120, seed=1)
    beat = np.zeros(RATE_HZ // 2, np.float32)
    joined = [first.waveform.samples, beat, second.waveform.samples]
    waveform = Waveform(samples=np.concatenate(joined), sample_rate_hz=RATE_HZ)
    bars_s = analyse(waveform).beats.bar_times_s
    later_s = second.bars_s + first.waveform.duration_s + 0.5
    truth_s = np.concatenate([first.bars_s, later_s])
    assert np.mean(distances_s(bars_s, truth_s) < 0.05) > 0.9


@pytest.mark.parametrize("tempo_bpm", [110, 128, 150, 174])
def test_three_seconds_are_enough_for_a_tempo(full_song, tempo_bpm):
    three_s = full_song(tempo_bpm).waveform.cut(0.0, 3.0)
    assert analyse(three_s).beats.tempo_bpm == pytest.approx(tempo_bpm, rel=0.04)


@pytest.mark.parametrize("duration_s", [0.5, 1.0, 2.0, 3.0, 6.0, 20.0, 61.0])
def test_noise_has_no_beat_but_an_even_grid(duration_s):
    rng = np.random.default_rng(0)
    noise = 0.1 * rng.standard_normal(round(duration_s * RATE_HZ)).astype(np.float32)
    beats = analyse(Waveform(samples=noise, sample_rate_hz=RATE_HZ)).beats
    assert beats.tempo_bpm == 0.0
    np.testing.assert_allclose(beats.beat_times_s, np.arange(0, duration_s, 0.5))
    np.testing.assert_allclose(beats.bar_times_s, np.arange(0, duration_s, 2.0))


@pytest.mark.parametrize("at_s", [0, 19])
def test_one_noisy_second_in_silence_is_no_beat(at_s):
    samples = np.zeros(20 * RATE_HZ, np.float32)
    rng = np.random.default_rng(0)
    samples[at_s * RATE_HZ :][:RATE_HZ] = 0.1 * rng.standard_normal(RATE_HZ)
    beats = analyse(Waveform(samples=samples, sample_rate_hz=RATE_HZ)).beats
    assert beats.tempo_bpm == 0.0


def test_slow_swells_are_no_beat():
    time_s = np.arange(40 * RATE_HZ) / RATE_HZ
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * time_s / 7.0)
    drone = swell * (
        np.sin(2 * np.pi * 110 * time_s) + np.sin(2 * np.pi * 165 * time_s)
    )
    rng = np.random.default_rng(0)
    samples = 0.2 * drone + 0.01 * rng.standard_normal(len(drone))
    waveform = Waveform(samples=samples.astype(np.float32), sample_rate_hz=RATE_HZ)
    assert analyse(waveform).beats.tempo_bpm == 0.0
