"""Parts played by sampled instruments: FluidSynth with any General MIDI soundfont."""

import io
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mido
import soundfile

from jaxsoundart.errors import SoundArtError
from train.studio.score import Part, Piece
from train.studio.synthesis import Sound
from train.studio.voices import VOICES, Source

_DRUMS = 9
_CHANNELS = [channel for channel in range(16) if channel != _DRUMS]
_TICKS = 960  # a second: times are exact to a millisecond, whatever the tempo
_TIMEOUT_S = 300


def render(piece: Piece, parts: Sequence[Part], font: Path, rate_hz: int) -> Sound:
    """Returns the parts of a piece as a soundfont sounds.

    Raises:
        SoundArtError: FluidSynth or the soundfont is missing, or it fails.
    """
    return play(as_midi(piece, parts), font, rate_hz, name=piece.style)


def play(score: mido.MidiFile, font: Path, rate_hz: int, *, name: str) -> Sound:
    """Returns what is written as a soundfont sounds.

    Args:
        score: What is played.
        font: A General MIDI soundfont.
        rate_hz: Samples a second.
        name: What messages call it.

    Raises:
        SoundArtError: FluidSynth or the soundfont is missing, or it fails.
    """
    if not shutil.which("fluidsynth"):
        raise SoundArtError("fluidsynth is not on the PATH; install it")
    if not font.is_file():
        raise SoundArtError(f"{font}: no such soundfont; name a General MIDI .sf2 file")
    with tempfile.TemporaryDirectory() as folder:
        midi, sound = Path(folder) / "score.mid", Path(folder) / "sound.wav"
        score.save(midi)
        command = ["fluidsynth", "-ni", "-q", "-g", "0.6", "-r", str(rate_hz)]
        command += ["-T", "wav", "-O", "float", "-F", str(sound), str(font), str(midi)]
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S)
        if done.returncode or not sound.is_file():
            said = " ".join(done.stderr.decode(errors="replace").split())[-200:]
            raise SoundArtError(f"fluidsynth could not render {name}: {said}")
        samples, _ = soundfile.read(io.BytesIO(sound.read_bytes()), dtype="float32")
    return samples.mean(axis=1) if samples.ndim == 2 else samples


def as_midi(piece: Piece, parts: Sequence[Part]) -> mido.MidiFile:
    """Returns a MIDI file in which every part has a channel, times in real seconds."""
    file = mido.MidiFile(type=0, ticks_per_beat=_TICKS)
    events: list[tuple[float, int, mido.Message]] = []
    channels = iter(_CHANNELS)
    for part in parts:
        voice = VOICES[part.voice]
        channel = _DRUMS if voice.source is Source.KIT else next(channels)
        # General MIDI's volume is a level of 40·log10.
        level = round(100 * 10 ** (voice.level_db / 40))
        room = round(127 * voice.reverb)
        settings = (
            mido.Message("program_change", channel=channel, program=voice.program),
            mido.Message("control_change", channel=channel, control=7, value=level),
            mido.Message("control_change", channel=channel, control=91, value=room),
        )
        events += [(0.0, 0, message) for message in settings]
        for note in part.notes:
            begins = piece.seconds(note.start_beats)
            ends = piece.seconds(note.start_beats + note.length_beats)
            told: dict[str, Any] = {"channel": channel, "note": note.pitch}
            velocity = max(1, round(127 * note.velocity))
            on = mido.Message("note_on", velocity=velocity, **told)
            events.append((begins, 2, on))
            events.append((ends, 1, mido.Message("note_off", **told)))
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000_000)])
    last = 0
    # What ends comes before what begins at the same time.
    for time_s, _, message in sorted(events, key=lambda event: event[:2]):
        tick = round(time_s * _TICKS)
        track.append(message.copy(time=tick - last))
        last = tick
    file.tracks.append(track)
    return file
