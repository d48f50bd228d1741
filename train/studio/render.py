"""Renders a piece: every part by its voice, mixed and mastered."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from jaxsoundart.sound.waveform import Waveform
from train.studio import mixing, soundfont, synthesis
from train.studio.machine import Machine
from train.studio.score import BEATS_PER_BAR, Note, Part, Piece
from train.studio.styles import STYLES
from train.studio.synthesis import Sound
from train.studio.voices import VOICES, Source

_TAIL_S = 1.5

# So that a soundfont's parts and synthesised ones are about equally loud.
_SAMPLED_GAIN, _SYNTH_GAIN = 2.0, 0.25

_DRIVE_DB = {"club": (-15.0, -9.0), "drift": (-26.0, -16.0), "piece": (-24.0, -15.0)}
_USUAL_DRIVE_DB = (-19.0, -11.0)


def render(piece: Piece, font: Path, *, seed: int, rate_hz: int = 22_050) -> Waveform:
    """Returns the sound of a piece.

    Args:
        piece: What is played.
        font: A General MIDI soundfont.
        seed: Of the sound: patches, room, levels.
        rate_hz: Samples a second.

    Raises:
        SoundArtError: FluidSynth or the soundfont is missing.
    """
    generator = np.random.default_rng(seed)
    end_s = piece.seconds(piece.bars * BEATS_PER_BAR) + _TAIL_S
    samples = round(end_s * rate_hz)
    played = [p for p in piece.parts if _source(p) in (Source.SOUNDFONT, Source.KIT)]
    mix = np.zeros(samples)
    if played:
        sampled = soundfont.render(piece, played, font, rate_hz)[:samples]
        mix[: len(sampled)] += _SAMPLED_GAIN * sampled
    depth = generator.uniform(0.3, 0.8) if STYLES[piece.style].form == "club" else 0.0
    for part in piece.parts:
        if part in played:
            continue
        voice = VOICES[part.voice]
        made = _made(piece, part, generator, samples, rate_hz)
        if depth and voice.source is Source.SYNTH:
            made = made * mixing.ducking(piece, samples, depth, rate_hz)
        level_db = voice.level_db + generator.uniform(-2.0, 2.0)
        made = mixing.room(generator, made, voice.reverb, rate_hz)
        mix += _SYNTH_GAIN * 10 ** (level_db / 20) * made
    mix += mixing.risers(generator, piece, samples, rate_hz)
    drive_db = _DRIVE_DB.get(STYLES[piece.style].form, _USUAL_DRIVE_DB)
    mastered = mixing.master(generator, mix, drive_db)
    return Waveform(samples=mastered.astype(np.float32), sample_rate_hz=rate_hz)


def _source(part: Part) -> Source:
    return VOICES[part.voice].source


def _made(
    piece: Piece,
    part: Part,
    generator: np.random.Generator,
    samples: int,
    rate_hz: int,
) -> Sound:
    """Returns a synthesised part."""
    sound = np.zeros(samples)
    if _source(part) is Source.MACHINE:
        machine = Machine.create(generator, rate_hz)
        stroke = lru_cache(lambda drum: machine.stroke(drum, 1.0))
        for note in part.notes:
            made = note.velocity * stroke(note.pitch)
            _add(sound, made, _start(piece, note, rate_hz))
        return sound
    given = synthesis.patch(part.voice, generator, piece.tempo_bpm)
    # What comes back sounds the same: most notes of a piece are few notes often.
    one = lru_cache(
        lambda pitch, length_s: synthesis.note(given, pitch, length_s, 1.0, rate_hz)
    )
    for note in part.notes:
        begins = piece.seconds(note.start_beats)
        ends = piece.seconds(note.start_beats + note.length_beats)
        made = one(note.pitch, round(ends - begins, 3))
        _add(sound, note.velocity * made, _start(piece, note, rate_hz))
    return sound


def _start(piece: Piece, note: Note, rate_hz: int) -> int:
    return round(piece.seconds(note.start_beats) * rate_hz)


def _add(sound: Sound, made: Sound, start: int) -> None:
    end = min(len(sound), start + len(made))
    sound[start:end] += made[: end - start]
