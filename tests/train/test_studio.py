"""Pieces made for training: one seed, one piece; what is said of it is true."""

import itertools

import numpy as np
import pytest

from jaxsoundart.compose import lexicon
from train.studio import forms, grooves, theory
from train.studio.compose import compose
from train.studio.playing import WAYS, spans
from train.studio.score import BEATS_PER_BAR, Note
from train.studio.styles import STYLES

SEEDS = range(4)


@pytest.fixture(scope="module")
def pieces():
    return {name: [compose(name, seed) for seed in SEEDS] for name in STYLES}


def test_every_genre_that_has_words_has_music():
    assert {*STYLES} == {*lexicon.load().genres}


def test_one_seed_one_piece(pieces):
    for name in ("house", "jazz"):
        assert compose(name, 1) == pieces[name][1]
        assert len({piece.parts for piece in pieces[name]}) == len(SEEDS)


@pytest.mark.parametrize("name", STYLES)
def test_a_piece_is_what_its_style_says(name, pieces):
    style = STYLES[name]
    for piece in pieces[name]:
        assert style.tempo_bpm[0] <= piece.tempo_bpm <= style.tempo_bpm[1]
        assert style.swing[0] <= piece.swing <= max(style.swing)
        assert piece.mode in {theory.MODES[scale] for scale in style.scales}
        assert 30 <= piece.seconds(piece.bars * BEATS_PER_BAR) <= 240
        assert len(piece.parts) >= 2
        known = {voice for role in style.roles for voice in role.voices} | {style.kit}
        for part in piece.parts:
            assert (part.instrument, part.voice) in known
            for note in part.notes:
                assert 0 <= note.start_beats < piece.bars * BEATS_PER_BAR
                assert note.length_beats > 0
                assert 0 < note.velocity <= 1
                assert 20 <= note.pitch <= 108


@pytest.mark.parametrize("name", STYLES)
def test_what_is_in_the_table_exists(name):
    style = STYLES[name]
    assert {*style.scales} <= {*theory.SCALES}
    assert {*style.grooves} <= {*grooves.GROOVES}
    assert style.form in forms.FORMS
    for symbol, scale in itertools.product(
        itertools.chain(*style.progressions), style.scales
    ):
        assert len(theory.chord(symbol, scale)) >= 3
    for role in style.roles:
        assert role.plays in WAYS
        assert {len(rhythm) for rhythm in role.rhythms} == {16}
        assert all(spans(rhythm) for rhythm in role.rhythms)


def test_sections_follow_each_other_without_gaps(pieces):
    for piece in itertools.chain(*pieces.values()):
        bar = 0
        for section in piece.sections:
            assert section.first_bar == bar
            bar += section.bars
        assert piece.bars == bar


def test_club_music_builds_up_and_drops(pieces):
    for name, some in pieces.items():
        for piece in some:
            drops = [n for n, s in enumerate(piece.sections) if s.kind == "drop"]
            assert bool(drops) == (STYLES[name].form == "club")
            for n in drops:
                assert piece.sections[n - 1].kind == "build"
                assert loudness(piece, n) > loudness(piece, n - 1)
            assert len(piece.drops_s) == len(drops)


def loudness(piece, section):
    """Notes and how hard they are, a bar."""
    here = piece.sections[section]
    first = here.first_bar * BEATS_PER_BAR
    last = first + here.bars * BEATS_PER_BAR
    notes = itertools.chain(*(part.notes for part in piece.parts))
    heard = [n.velocity for n in notes if first <= n.start_beats < last]
    return sum(heard) / here.bars


def test_the_drums_fall_silent_before_a_drop():
    roll = grooves.roll(8.0, 4)
    assert max(note.start_beats for note in roll) < 8.0 + 15
    gaps = np.diff([note.start_beats for note in roll])
    assert list(gaps) == sorted(gaps, reverse=True)
    assert roll[-1].velocity > 2 * roll[0].velocity


def test_instruments_are_those_that_sound_in_a_bar(pieces):
    for piece in itertools.chain(*pieces.values()):
        heard = frozenset().union(*map(piece.instruments, range(piece.bars)))
        assert heard == {part.instrument for part in piece.parts}
        fake = [s for s in piece.sections if s.kind == "fake drop"]
        for section in fake:
            begun = {
                part.instrument
                for part in piece.parts
                for note in part.notes
                if section.first_bar <= note.start_beats / BEATS_PER_BAR
                and note.start_beats / BEATS_PER_BAR < section.first_bar + 1
            }
            assert not begun


def test_swing_moves_the_second_of_a_pair_only():
    piece = next(
        piece for piece in (compose("jazz", seed) for seed in SEEDS) if piece.swing
    )
    beat_s = 60.0 / piece.tempo_bpm
    assert piece.seconds(3.0) == pytest.approx(3.0 * beat_s)
    assert piece.seconds(3.5) == pytest.approx((3.5 + 0.5 * piece.swing) * beat_s)
    times = [piece.seconds(beats) for beats in np.arange(0.0, 8.0, 0.125)]
    assert times == sorted(times)
    assert len(piece.beats_s) == piece.bars * BEATS_PER_BAR


def test_notes_are_in_key():
    """Chords are of the scale; borrowed ones are the styles' own."""
    piece = compose("trance", 3)
    steps = {(piece.tonic + step) % 12 for step in theory.SCALES["minor"]}
    for part in piece.parts:
        if part.instrument not in ("drums", "drum machine", "synth bass"):
            assert {note.pitch % 12 for note in part.notes} <= steps


@pytest.mark.parametrize(
    ("symbol", "scale", "notes"),
    [
        ("I", "major", (0, 4, 7)),
        ("VI", "minor", (8, 12, 15)),
        ("II7", "major", (2, 5, 9, 12)),
        ("Vdom", "harmonic minor", (7, 11, 14, 17)),
        ("bII5", "phrygian", (0, 7, 12)),
        ("I9", "lydian", (0, 4, 7, 11, 14)),
    ],
)
def test_chords(symbol, scale, notes):
    assert theory.chord(symbol, scale) == notes


@pytest.mark.parametrize("symbol", ["", "H", "I13", "7"])
def test_what_is_no_chord_is_refused(symbol):
    with pytest.raises(ValueError, match="is no chord"):
        theory.chord(symbol, "major")


def test_a_rhythm_holds_its_notes():
    assert spans("x--.x-..........") == [(0.0, 0.75), (1.0, 0.5)]


def test_a_groove_is_played_as_it_is_written():
    generator = np.random.default_rng(0)
    notes = grooves.bar(generator, {grooves.KICK: "X...x...o......."}, 4.0)
    assert [note.start_beats for note in notes] == [4.0, 5.0, 6.0]
    assert notes[0].velocity > notes[1].velocity > notes[2].velocity
    assert all(isinstance(note, Note) for note in notes)
