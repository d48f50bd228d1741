"""What the studio renders sounds as it is written."""

import dataclasses
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from jaxsoundart.errors import SoundArtError
from train.studio import __main__ as studio
from train.studio import augment, grooves, mixing, soundfont, synthesis
from train.studio.compose import compose
from train.studio.machine import Machine
from train.studio.render import render
from train.studio.score import Note, Part
from train.studio.styles import STYLES
from train.studio.voices import VOICES, Source

RATE_HZ = 22_050
NO_FONT = Path("none.sf2")
FONT = os.environ.get("JAXSOUNDART_SOUNDFONT", "")


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def cut(piece, sections):
    """The beginning of a piece, of what is synthesised alone."""
    sections = piece.sections[:sections]
    last = 4 * (sections[-1].first_bar + sections[-1].bars)
    parts = tuple(
        dataclasses.replace(
            part, notes=tuple(note for note in part.notes if note.start_beats < last)
        )
        for part in piece.parts
        if VOICES[part.voice].source in (Source.SYNTH, Source.MACHINE)
    )
    return dataclasses.replace(piece, parts=parts, sections=sections)


@pytest.fixture(scope="module")
def piece():
    """An intro with drums, a build, a drop."""
    wanted = ["intro", "build", "drop"]
    for seed in range(20):
        whole = compose("techno", seed)
        begins = whole.sections[:3]
        if [s.kind for s in begins] == wanted and begins[0].energy > 0.3:
            return cut(whole, 3)
    raise AssertionError("no such piece")


@pytest.fixture(scope="module")
def sound(piece):
    return render(piece, NO_FONT, seed=3)


def test_every_voice_that_styles_name_exists():
    named = {style.kit[1] for style in STYLES.values() if style.grooves}
    for style in STYLES.values():
        named |= {voice for role in style.roles for _, voice in role.voices}
    assert named == {*VOICES}


def test_a_rendering_is_as_long_as_the_piece_and_does_not_clip(piece, sound):
    assert sound.duration_s == pytest.approx(piece.seconds(4 * piece.bars) + 1.5, abs=1)
    assert np.isfinite(sound.samples).all()
    assert 0.3 < np.abs(sound.samples).max() <= 1.0


def test_one_seed_one_sound(piece, sound):
    short = cut(piece, 1)
    again = render(short, NO_FONT, seed=4)
    np.testing.assert_array_equal(render(short, NO_FONT, seed=4).samples, again.samples)
    assert not np.array_equal(render(short, NO_FONT, seed=5).samples, again.samples)


def test_a_drop_is_louder_than_the_beat_before_it(piece, sound):
    (drop_s,) = piece.drops_s
    beat_s = 60.0 / piece.tempo_bpm
    before = np.square(sound.cut(drop_s - beat_s, drop_s).samples).mean()
    after = np.square(sound.cut(drop_s, drop_s + beat_s).samples).mean()
    assert after > 2 * before


@pytest.mark.parametrize("name", synthesis._MAKERS)
def test_a_note_has_its_pitch(name, generator):
    patch = synthesis.patch(name, generator, 120.0)
    steady = dataclasses.replace(patch, sway_hz=0.0, vibrato=0.0)
    made = synthesis.note(steady, 57, 1.0, 0.8, RATE_HZ)
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
    hz = np.fft.rfftfreq(len(made), 1 / RATE_HZ)
    here = spectrum[(hz > 205) & (hz < 235)].max()
    assert here > 0.9 * spectrum[hz < 205].max()
    assert here > 3 * np.median(spectrum)


def test_partials_do_not_alias():
    bright = synthesis.Patch(cutoff_hz=20_000.0)
    made = synthesis.note(bright, 100, 0.5, 0.8, RATE_HZ)
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
    hz = np.fft.rfftfreq(len(made), 1 / RATE_HZ)
    base_hz = 440 * 2 ** ((100 - 69) / 12)
    between = np.abs(hz / base_hz - np.round(hz / base_hz)) > 0.1
    assert spectrum[between].max() < 0.01 * spectrum.max()


def test_a_note_begins_and_ends_in_silence():
    made = synthesis.note(synthesis.Patch(), 60, 0.3, 1.0, RATE_HZ)
    assert abs(made[0]) < 0.02
    assert np.abs(made[-20:]).max() < 0.02


def test_the_machine_has_every_drum_of_the_grooves(generator):
    machine = Machine.create(generator, RATE_HZ)
    used = {
        drum for kinds in grooves.GROOVES.values() for kind in kinds for drum in kind
    }
    used |= {grooves.CRASH, grooves.HIGH_TOM, grooves.MID_TOM, grooves.LOW_TOM}
    bright = {}
    for drum in used:
        made = machine.stroke(drum, 0.8)
        assert np.isfinite(made).all()
        assert 0.1 < np.abs(made).max() < 2.0
        power = np.square(np.abs(np.fft.rfft(made)))
        hz = np.fft.rfftfreq(len(made), 1 / RATE_HZ)
        bright[drum] = (hz * power).sum() / power.sum()
    assert bright[grooves.KICK] < bright[grooves.SNARE] < bright[grooves.HAT]


def test_ducking_follows_the_kick(piece):
    samples = round(piece.seconds(4 * piece.bars) * RATE_HZ)
    level = mixing.ducking(piece, samples, 0.5, RATE_HZ)
    kicks = [
        round(piece.seconds(note.start_beats) * RATE_HZ)
        for part in piece.parts
        for note in part.notes
        if part.instrument == "drum machine" and note.pitch == grooves.KICK
    ]
    inside = [kick for kick in kicks if kick < len(level)]
    assert inside
    assert level[inside].max() < 0.55
    assert level.max() == 1.0


def test_risers_rise_through_builds_only(piece, generator):
    samples = round(piece.seconds(4 * piece.bars) * RATE_HZ)
    rising = mixing.risers(generator, piece, samples, RATE_HZ)
    build = piece.sections[1]
    first = round(piece.seconds(4 * build.first_bar) * RATE_HZ)
    last = round(piece.seconds(4 * (build.first_bar + build.bars)) * RATE_HZ)
    assert not rising[:first].any()
    assert not rising[last:].any()
    halves = np.array_split(np.square(rising[first:last]), 2)
    assert halves[1].mean() > 5 * halves[0].mean()


def test_midi_says_when_notes_sound_whatever_the_tempo():
    piece = dataclasses.replace(compose("jazz", 0), tempo_bpm=97.3, swing=0.3)
    notes = (Note(0.0, 1.0, 60, 0.5), Note(1.5, 0.5, 64, 1.0))
    drums = Part("drums", "brush kit", (Note(2.0, 0.25, 38, 0.9),))
    parts = (Part("piano", "grand piano", notes), drums)
    file = soundfont.as_midi(piece, parts)
    time_s, struck = 0.0, {}
    for message in file:
        time_s += message.time
        if message.type == "note_on":
            struck[message.note] = (time_s, message.channel, message.velocity)
    assert struck[60][0] == pytest.approx(0.0)
    assert struck[64] == (pytest.approx(piece.seconds(1.5), abs=2e-3), 0, 127)
    assert struck[38][:2] == (pytest.approx(piece.seconds(2.0), abs=2e-3), 9)


def test_a_missing_soundfont_is_told(piece, monkeypatch):
    part = (Part("piano", "grand piano", (Note(0.0, 1.0, 60, 0.5),)),)
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/true")
    with pytest.raises(SoundArtError, match=r"none\.sf2: no such soundfont"):
        soundfont.render(piece, part, NO_FONT, RATE_HZ)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SoundArtError, match="fluidsynth is not on the PATH"):
        soundfont.render(piece, part, NO_FONT, RATE_HZ)


@pytest.mark.skipif(
    not FONT or not shutil.which("fluidsynth"),
    reason="JAXSOUNDART_SOUNDFONT is not set, or FluidSynth is not there",
)
def test_a_soundfont_plays_what_is_written():
    piece = dataclasses.replace(compose("classical", 0), tempo_bpm=60.0, swing=0.0)
    part = Part("flute", "flute", (Note(1.0, 2.0, 81, 0.9),))
    made = soundfont.render(piece, (part,), Path(FONT), RATE_HZ)
    spectrum = np.abs(np.fft.rfft(made[RATE_HZ : 3 * RATE_HZ]))
    assert np.abs(made[: RATE_HZ - 100]).max() < 0.01
    assert np.argmax(spectrum) / 2 == pytest.approx(880, abs=12)


@pytest.mark.parametrize("change", [augment.level, augment.noise])
def test_what_happens_on_the_way_leaves_the_music(change, generator, sound):
    part = sound.cut(2.0, 6.0)
    after = change(generator, part)
    assert after.samples.shape == part.samples.shape
    assert after.samples.dtype == np.float32
    assert not np.array_equal(after.samples, part.samples)
    assert np.corrcoef(after.samples, part.samples)[0, 1] > 0.8


def test_a_small_speaker_has_no_bass(sound):
    part = sound.cut(2.0, 6.0)
    after = augment.band(np.random.default_rng(2), part)
    hz = np.fft.rfftfreq(len(part.samples), 1 / RATE_HZ)
    kept = np.abs(np.fft.rfft(after.samples)) / np.abs(np.fft.rfft(part.samples))
    assert np.median(kept[hz < 25]) < 0.3
    assert np.median(kept[hz > 10_500]) < 0.5
    assert np.median(kept[(hz > 500) & (hz < 3000)]) == pytest.approx(1.0, abs=0.1)


def test_codecs_keep_length_and_music(sound):
    part = sound.cut(2.0, 6.0)
    for seed in range(4):
        after = augment.codec(np.random.default_rng(seed), part)
        assert after.samples.shape == part.samples.shape
        assert np.corrcoef(after.samples, part.samples)[0, 1] > 0.8
        assert not np.array_equal(after.samples, part.samples)


def test_the_same_generator_changes_a_sound_alike(sound):
    part = sound.cut(2.0, 4.0)
    one, two = (augment.anything(np.random.default_rng(7), part) for _ in range(2))
    np.testing.assert_array_equal(one.samples, two.samples)


def test_pieces_are_written_with_what_is_known_of_them(tmp_path, monkeypatch, capsys):
    given = ["studio", str(tmp_path), "--font", "none.sf2", "--style", "techno"]
    monkeypatch.setattr("sys.argv", given)
    assert studio.main() == 0
    sound, rate_hz = soundfile.read(tmp_path / "techno-0.flac")
    told = json.loads((tmp_path / "techno-0.json").read_text())
    assert len(sound) / rate_hz > told["beats_s"][-1]
    assert len(told["instruments"]) == sum(s["bars"] for s in told["sections"])
    starts = [s["start_s"] for s in told["sections"] if s["kind"] == "drop"]
    assert told["drops_s"] == starts
    monkeypatch.setattr("sys.argv", [*given[:-1], "jazz"])
    assert studio.main() == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("train.studio: ")
