from dataclasses import replace

import numpy as np
import pytest

from jaxsoundart.sound.analysis import analyse
from jaxsoundart.sound.sections import find_drop_s, find_excerpts
from jaxsoundart.sound.waveform import Part, Waveform

RATE_HZ = 22_050
TEMPI = [90, 100, 118, 128, 140, 150, 160, 174]
# The grid is one of frames of 23 ms.
NEAR_S = 0.05


def excerpts(waveform, seed=0):
    found = find_excerpts(analyse(waveform), list(Part), seed=seed)
    return {excerpt.part: excerpt for excerpt in found}


@pytest.mark.parametrize("tempo_bpm", TEMPI)
def test_intro_and_drop_lie_where_the_song_was_built(club_song, tempo_bpm):
    song = club_song(tempo_bpm, lead_in_s=0.1)
    found = excerpts(song.waveform)
    groove_s, _, drop_s, outro_s, _ = song.sections_s[1:]
    intro, drop = found[Part.INTRO], found[Part.DROP]
    assert intro.start_s == 0.0
    assert intro.end_s == pytest.approx(groove_s, abs=NEAR_S)
    assert "steps up by" in intro.why
    assert drop.start_s == pytest.approx(drop_s, abs=NEAR_S)
    # To the outro, or to the last bar line within 30 s.
    bar_s = 240 / tempo_bpm + NEAR_S
    assert drop.end_s == pytest.approx(min(outro_s, drop_s + 30), abs=bar_s)
    assert 15 <= drop.end_s - drop.start_s <= 30
    assert "the low band rises by" in drop.why


def with_drops(analysis, *times_s, logit=3.0):
    """An analysis in which the network is sure of drops at some times."""
    drops = np.full(len(analysis.power), -6.0, np.float32)
    for time_s in times_s:
        drops[round(time_s * analysis.frame_rate_hz) + 1] = logit
    return replace(analysis, drops=drops)


def test_a_drop_is_claimed_where_the_network_hears_one(club_song):
    song = club_song(128, lead_in_s=0.0)
    analysis = analyse(song.waveform)
    drop_s = song.bars_s[20]
    heard = with_drops(analysis, drop_s)
    assert find_drop_s(heard) == pytest.approx(drop_s, abs=NEAR_S)
    (excerpt,) = find_excerpts(heard, (Part.DROP,), seed=0)
    assert excerpt.why == "heard as a drop, 0.95"
    assert excerpt.start_s == find_drop_s(heard)
    assert 15 <= excerpt.end_s - excerpt.start_s <= 30


def test_of_two_drops_nearly_as_sure_the_first_is_taken(club_song):
    song = club_song(128, lead_in_s=0.0)
    analysis = analyse(song.waveform)
    first_s, second_s = song.bars_s[[12, 24]]
    heard = with_drops(analysis, first_s, second_s)
    assert find_drop_s(heard) == pytest.approx(first_s, abs=NEAR_S)
    surer = replace(
        heard, drops=np.where(heard.drops > 0, heard.drops - 2, heard.drops)
    )
    surer.drops[round(second_s * analysis.frame_rate_hz)] = 6.0
    assert find_drop_s(surer) == pytest.approx(second_s, abs=NEAR_S)


def test_no_drop_is_claimed_without_one(club_song):
    song = club_song(128, lead_in_s=0.0)
    analysis = analyse(song.waveform)
    unsure = with_drops(analysis, song.bars_s[20], logit=-1.0)
    assert find_drop_s(unsure) is None
    late = with_drops(analysis, analysis.duration_s - 3.0)
    assert find_drop_s(late) is None
    short = analyse(song.waveform.cut(0.0, 8.0))
    assert find_drop_s(with_drops(short, 4.0)) is None
    hum = np.sin(2 * np.pi * 110 * np.arange(30 * RATE_HZ) / RATE_HZ)
    held = Waveform(samples=0.3 * hum.astype(np.float32), sample_rate_hz=RATE_HZ)
    assert find_drop_s(with_drops(analyse(held), 10.0)) is None


def test_of_two_equal_drops_the_first_is_taken(two_drop_song):
    song = two_drop_song(126)
    drop = excerpts(song.waveform)[Part.DROP]
    assert drop.start_s == pytest.approx(song.sections_s[2], abs=NEAR_S)


@pytest.mark.parametrize("tempo_bpm", [95, 120, 150])
def test_without_a_drop_the_fullest_passage_is_taken_and_said(steady_song, tempo_bpm):
    song = steady_song(tempo_bpm)
    full_s, thin_s = song.sections_s[1:3]
    found = excerpts(song.waveform)
    drop = found[Part.DROP]
    assert drop.why == "no drop heard: the fullest passage"
    assert drop.start_s > full_s - NEAR_S
    assert drop.end_s < thin_s + NEAR_S
    assert 15 <= drop.end_s - drop.start_s <= 30
    assert found[Part.INTRO].why.startswith("no clear step up")
    assert 5 < found[Part.INTRO].end_s <= 15


def test_busier_highs_without_a_bass_are_no_drop(treble_rise_song):
    drop = excerpts(treble_rise_song(128).waveform)[Part.DROP]
    assert drop.why == "no drop heard: the fullest passage"


def test_a_bass_without_onsets_is_no_drop():
    rng = np.random.default_rng(0)
    time_s = np.arange(60 * RATE_HZ) / RATE_HZ
    clicks = np.zeros(len(time_s))
    for beat in range(120):
        first = beat * RATE_HZ // 2
        clicks[first : first + 600] += rng.standard_normal(600) * np.exp(
            -np.arange(600) / 150
        )
    fade_in = np.clip((time_s - 30) / 4, 0, 1)
    drone = fade_in * np.sin(2 * np.pi * 60 * time_s)
    samples = (0.1 * clicks + 0.3 * drone).astype(np.float32)
    waveform = Waveform(samples=samples, sample_rate_hz=RATE_HZ)
    assert "fullest passage" in excerpts(waveform)[Part.DROP].why


def test_a_silent_lead_in_is_not_part_of_the_intro(club_song):
    song = club_song(128, lead_in_s=0.0)
    silence = np.zeros(4 * RATE_HZ, np.float32)
    samples = np.concatenate([silence, song.waveform.samples])
    found = excerpts(Waveform(samples=samples, sample_rate_hz=RATE_HZ))
    assert found[Part.INTRO].start_s == pytest.approx(4.0, abs=NEAR_S)
    assert found[Part.INTRO].end_s == pytest.approx(4 + song.sections_s[1], abs=NEAR_S)


def test_level_does_not_move_excerpts(club_song):
    waveform = club_song(128).waveform
    quiet = Waveform(samples=0.05 * waveform.samples, sample_rate_hz=RATE_HZ)
    assert excerpts(quiet) == excerpts(waveform)


def test_the_bar_is_one_of_the_songs_chosen_by_the_seed(club_song):
    song = club_song(120)
    analysis = analyse(song.waveform)
    bars = [find_excerpts(analysis, [Part.BAR], seed=s)[0] for s in range(60)]
    assert bars[7] == find_excerpts(analysis, [Part.BAR], seed=7)[0]
    starts_s = np.array([bar.start_s for bar in bars])
    assert np.abs(starts_s[:, None] - song.bars_s).min(axis=1).max() < NEAR_S
    lengths_s = [bar.end_s - bar.start_s for bar in bars]
    np.testing.assert_allclose(lengths_s, 2.0, atol=NEAR_S)
    assert len(set(starts_s)) > 25
    assert starts_s.min() < 15
    assert starts_s.max() > 70


def test_a_bar_of_pause_is_never_chosen():
    rng = np.random.default_rng(0)
    samples = 1e-5 * rng.standard_normal(40 * RATE_HZ).astype(np.float32)
    samples[20 * RATE_HZ : 30 * RATE_HZ] = 0.1 * rng.standard_normal(10 * RATE_HZ)
    analysis = analyse(Waveform(samples=samples, sample_rate_hz=RATE_HZ))
    for seed in range(20):
        bar = find_excerpts(analysis, [Part.BAR], seed=seed)[0]
        assert 20.0 <= bar.start_s < bar.end_s <= 30.0


def test_parts_come_in_the_order_asked(club_song):
    analysis = analyse(club_song(128).waveform)
    asked = [Part.DROP, Part.WHOLE, Part.INTRO, Part.DROP]
    found = find_excerpts(analysis, asked, seed=0)
    assert [excerpt.part for excerpt in found] == asked


@pytest.mark.parametrize("duration_s", [0.5, 1.0, 3.0, 8.0, 14.9])
def test_short_songs_are_taken_whole(full_song, duration_s):
    found = excerpts(full_song(128).waveform.cut(0.0, duration_s))
    for part in (Part.INTRO, Part.DROP, Part.WHOLE):
        assert (found[part].start_s, found[part].end_s) == (0.0, duration_s)
    assert 0.0 <= found[Part.BAR].start_s < found[Part.BAR].end_s <= duration_s


@pytest.mark.parametrize("duration_s", [0.7, 5.0, 33.3])
@pytest.mark.parametrize("level", [0.0, 1e-4, 0.3])
def test_noise_and_silence_have_excerpts_inside_them(duration_s, level):
    rng = np.random.default_rng(0)
    samples = level * rng.standard_normal(round(duration_s * RATE_HZ))
    found = excerpts(
        Waveform(samples=samples.astype(np.float32), sample_rate_hz=RATE_HZ)
    )
    for excerpt in found.values():
        assert 0.0 <= excerpt.start_s < excerpt.end_s <= duration_s + 1e-4
        assert "\n" not in excerpt.why
    if duration_s > 15:
        assert found[Part.DROP].why == "no beat, hence no drop: the fullest passage"


def test_forty_minutes_are_heard_to_the_end(build):
    # At 120 bpm a bar is 2 s, exactly 44,100 samples: the tiles join without a seam.
    groove = build(120, ((16, ("pad", "kick", "hat")),))
    ending = build(120, ((8, ("pad",)), (16, ("pad", "bass", "kick", "snare", "hat"))))
    opening = build(120, ((8, ("pad",)),))
    count = 73
    tiles = np.tile(groove.waveform.samples, count)
    samples = np.concatenate([opening.waveform.samples, tiles, ending.waveform.samples])
    waveform = Waveform(samples=samples, sample_rate_hz=RATE_HZ)
    assert waveform.duration_s == 2400.0
    found = excerpts(waveform)
    assert found[Part.INTRO].end_s == pytest.approx(16.0, abs=NEAR_S)
    drop_s = 16.0 + 32.0 * count + 16.0
    assert found[Part.DROP].start_s == pytest.approx(drop_s, abs=NEAR_S)
    assert found[Part.WHOLE].end_s == 2400.0


def test_a_click_at_the_very_end_leaves_an_intro():
    samples = np.zeros(20 * RATE_HZ // 512 * 512, np.float32)
    samples[-1] = 0.5
    waveform = Waveform(samples=samples, sample_rate_hz=RATE_HZ)
    intro = excerpts(waveform)[Part.INTRO]
    assert intro.start_s == 0.0
    assert intro.end_s > 5.0
