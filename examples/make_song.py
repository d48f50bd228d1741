"""Composes and renders `midnight_drive.ogg`, the song the first cover is made for.

    python examples/make_song.py

Synthwave in A minor at 108 BPM, 58 seconds: pads and an arpeggio, a build, a drop on
the first beat of bar 12 (bars count from 0), an outro. Every sound is computed here
with NumPy and SciPy; there are no samples and no sound fonts. The same machine renders
the same samples each time.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import oaconvolve
from synthesizer import (
    SAMPLE_RATE_HZ,
    Sound,
    bass,
    crash,
    hat,
    kick,
    lead,
    pad,
    pluck,
    riser,
    room,
    samples,
    seconds,
    snare,
    stab,
    swell,
)

TEMPO_BPM = 108
BEAT_S = 60 / TEMPO_BPM
BAR_S = 4 * BEAT_S

# First bar of each section; one bar beyond a whole four, so that it ends in A minor.
INTRO_BAR, BUILD_BAR, DROP_BAR, OUTRO_BAR, END_BAR = 0, 8, 12, 20, 25
DROP_S = DROP_BAR * BAR_S
RING_OUT_S = 2.0
DURATION_S = END_BAR * BAR_S + RING_OUT_S

# One chord a bar, as MIDI notes: A minor with a ninth, F major 7, D minor, E 7.
CHORDS = ((57, 60, 64, 71), (53, 60, 64, 69), (53, 57, 62, 69), (56, 59, 62, 64))
BASS = (33, 29, 38, 28)
# The drop's melody: beat within eight bars, length in beats, MIDI note.
MELODY = (
    *((0, 1.5, 76), (1.5, 0.5, 74), (2, 1, 72), (3, 0.5, 74), (3.5, 0.5, 76)),
    *((4, 2, 72), (6, 1, 69), (7, 1, 72)),
    *((8, 1.5, 77), (9.5, 0.5, 76), (10, 1, 74), (11, 1, 77)),
    *((12, 2.5, 76), (14.5, 0.5, 71), (15, 0.5, 68), (15.5, 0.5, 71)),
    *((16, 1.5, 81), (17.5, 0.5, 79), (18, 1, 76), (19, 1, 79)),
    *((20, 2, 81), (22, 0.5, 79), (22.5, 0.5, 77), (23, 1, 76)),
    *((24, 1.5, 77), (25.5, 0.5, 76), (26, 1, 74), (27, 1, 77)),
    *((28, 1, 71), (29, 1, 76), (30, 2, 80)),
)
ARPEGGIO = (0, 2, 1, 3, 2, 1, 3, 2)  # notes of the chord as they are played
ACCENTS = {0: 1.3, 4: 0.75, 8: 0.9, 12: 0.75}  # gains of the sixteenths on a beat


# --- Score: what sounds when, (beat, sound, gain, share sent to the room) ---

Note = tuple[float, Sound, float, float]


def arpeggio(bar: int, bright: float, gain: float, *, every: int = 2) -> Iterator[Note]:
    """Yields a bar over its chord, on every so many sixteenths, each with its echo."""
    chord = CHORDS[bar % 4]
    for step in range(0, 16, every):
        octave = 24 if step // every % 8 == 7 else 12
        note = chord[ARPEGGIO[step // every % 8]] + octave
        accent = ACCENTS.get(step, 0.5)
        sound = pluck(note, bright)
        yield 4 * bar + step / 4, sound, gain * accent, 0.35
        # A dotted eighth later the echo answers from the other side.
        yield 4 * bar + step / 4 + 0.75, sound[:, ::-1], 0.3 * gain * accent, 0.5


def intro(bar: int) -> Iterator[Note]:
    """Yields a bar of pads; the arpeggio joins in the third."""
    through = (bar - INTRO_BAR) / (BUILD_BAR - INTRO_BAR)
    chord = CHORDS[bar % 4]
    yield 4 * bar, pad(chord, BAR_S, 0.5 * through, 0.5 * through + 0.06), 0.9, 0.5
    if bar >= INTRO_BAR + 2:
        yield from arpeggio(bar, 0.1 + 0.4 * through, 0.35 + 0.2 * through)


def build(bar: int) -> Iterator[Note]:
    """Yields a bar that opens filters and thickens a snare roll."""
    through = (bar - BUILD_BAR) / (DROP_BAR - BUILD_BAR)
    if bar == BUILD_BAR:
        yield 4 * bar, riser(15 * BEAT_S), 0.8, 0.3
    opening = 0.5 + through / 2
    yield 4 * bar, pad(CHORDS[bar % 4], BAR_S, opening, opening + 0.1), 1.0, 0.4
    last = bar == DROP_BAR - 1
    for note in arpeggio(bar, opening, 0.5):
        # The last beat before the drop holds its breath.
        if not last or note[0] < 4 * bar + 3:
            yield note
    roll_every = (4, 4, 2, 1)[bar - BUILD_BAR]
    for step in range(12 if last else 16):
        if step % roll_every == 0:
            yield 4 * bar + step / 4, snare(), 0.05 + 0.15 * (through + step / 64), 0.4
        elif step % 2 == 0:
            yield 4 * bar + step / 4, hat(0.02), 0.15, 0.1


def drop(bar: int) -> Iterator[Note]:
    """Yields a bar with everything."""
    chord, root = CHORDS[bar % 4], BASS[bar % 4]
    if bar in (DROP_BAR, DROP_BAR + 4):
        yield 4 * bar, crash(), 0.6, 0.5
    for beat in range(4):
        yield 4 * bar + beat, kick(), 1.0, 0.0
        if beat % 2 == 1:
            yield 4 * bar + beat, snare(), 0.6, 0.3
        yield 4 * bar + beat + 0.5, hat(0.06), 0.4, 0.1
    for step in range(16):
        yield 4 * bar + step / 4, hat(0.02), 0.3 if step % 4 else 0.5, 0.05
        octave = 12 if step % 4 == 3 else 0
        yield 4 * bar + step / 4, bass(root + octave, BEAT_S / 4), 0.48, 0.0
    for beat, length in ((0, 1.5), (1.5, 1.5), (3, 1)):
        yield 4 * bar + beat, stab(chord, length * BEAT_S), 1.0, 0.25
    yield 4 * bar, pad(chord, BAR_S, 1.0, 1.0), 0.45, 0.3
    yield from arpeggio(bar, 0.8, 0.4, every=1)
    for beat, length, note in MELODY:
        if 0 <= beat - 4 * (bar - DROP_BAR) < 4:
            sound = lead(note, length * BEAT_S)
            yield 4 * DROP_BAR + beat, sound, 1.0, 0.35
            yield 4 * DROP_BAR + beat + 0.75, sound[:, ::-1], 0.25, 0.5


def outro(bar: int) -> Iterator[Note]:
    """Yields a bar of what the intro had, fading."""
    through = (bar - OUTRO_BAR) / (END_BAR - OUTRO_BAR)
    chord = CHORDS[bar % 4]
    yield 4 * bar, pad(chord, BAR_S, 0.8 * (1 - through), 0.7 * (1 - through)), 1.0, 0.5
    yield 4 * bar, bass(BASS[bar % 4], BAR_S), 0.3, 0.0
    if bar == OUTRO_BAR:
        yield 4 * bar, crash(), 0.4, 0.6
        yield 4 * bar, lead(76, BAR_S), 0.4, 0.6
    if bar < END_BAR - 1:
        yield from arpeggio(bar, 0.6 * (1 - through), 0.5 * (1 - through))


SECTIONS = (
    (range(INTRO_BAR, BUILD_BAR), intro),
    (range(BUILD_BAR, DROP_BAR), build),
    (range(DROP_BAR, OUTRO_BAR), drop),
    (range(OUTRO_BAR, END_BAR), outro),
)


# --- Mixing ---


def ducking(length: int, kicks_s: list[float]) -> Sound:
    """Returns the gain of everything but the drums: it makes way for each kick."""
    gain = np.ones(length)
    t = seconds(samples(BEAT_S))
    # As a compressor's attack, the first milliseconds let what strikes with it pass.
    dip = 1 - 0.7 * np.exp(-((t / 0.14) ** 2)) * np.clip(t / 0.03, 0, 1)
    for at_s in kicks_s:
        part = gain[samples(at_s) : samples(at_s) + len(dip)]
        np.minimum(part, dip[: len(part)], out=part)
    return gain[:, None]


def render(first_bar: int = 0, end_bar: int = END_BAR) -> Sound:
    """Returns the song, or the notes that begin in some of its bars, in stereo.

    Args:
        first_bar: Where to begin.
        end_bar: Where to stop striking notes; they ring out after it.

    Returns:
        Samples × (left, right), between -1 and 1.
    """
    length = samples((end_bar - first_bar) * BAR_S + RING_OUT_S)
    drums, music, sent = np.zeros((3, length, 2))
    kicks_s = []
    for bars, section in SECTIONS:
        for bar in range(max(first_bar, bars.start), min(end_bar, bars.stop)):
            for beat, sound, gain, share in section(bar):
                start_s = beat * BEAT_S - first_bar * BAR_S
                start, is_kick = samples(start_s), sound is kick()
                sound = sound[: length - start] * gain
                part = slice(start, start + len(sound))
                (drums if is_kick else music)[part] += sound
                sent[part] += share * sound
                if is_kick:
                    kicks_s.append(start_s)
    wet = oaconvolve(sent, room(), axes=0)[:length]
    mix = drums + (music + 0.5 * wet) * ducking(length, kicks_s)
    mix *= swell(length, 0.01, RING_OUT_S)
    # Saturates instead of clipping; 0.76 leaves Vorbis room to overshoot.
    return 0.76 * np.tanh(1.2 * mix)


def write_ogg(path: Path, sound: Sound) -> None:
    """Writes Ogg Vorbis of about 130 kbit/s."""
    with soundfile.SoundFile(
        path,
        "w",
        SAMPLE_RATE_HZ,
        channels=2,
        format="OGG",
        subtype="VORBIS",
        compression_level=0.55,
    ) as file:
        file.title = "Midnight Drive"
        file.artist = "jaxsoundart"
        file.license = "Apache-2.0"
        # libsndfile overflows its stack when it is given a whole song at once.
        for start in range(0, len(sound), SAMPLE_RATE_HZ):
            file.write(sound[start : start + SAMPLE_RATE_HZ])


def main() -> None:
    """Parses the arguments, renders, writes."""
    parser = argparse.ArgumentParser(
        description="Composes and renders the example song."
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path(__file__).with_name("midnight_drive.ogg"),
    )
    path = parser.parse_args().output
    write_ogg(path, render())
    print(f"{path}: {DURATION_S:.1f} s, drop at {DROP_S:.2f} s")


if __name__ == "__main__":
    main()
