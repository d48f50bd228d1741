"""Writes pieces: one seed, one piece."""

import numpy as np

from train.studio import forms, grooves, theory
from train.studio.playing import WAYS, Bar
from train.studio.score import BEATS_PER_BAR, Note, Part, Piece, Section
from train.studio.styles import STYLES
from train.studio.styles.style import Role, Style

_PHRASE_BARS = 4
"""A line repeats itself with the chords, every so many bars."""


def compose(style_name: str, seed: int) -> Piece:
    """Returns a piece of a style.

    Raises:
        KeyError: There is no such style.
    """
    style = STYLES[style_name]
    generator = np.random.default_rng((seed, sorted(STYLES).index(style_name)))
    scale = str(generator.choice(style.scales))
    tonic = int(generator.integers(12))
    chosen = style.progressions[generator.integers(len(style.progressions))]
    harmony = [
        theory.chord(symbol, scale)
        for symbol in chosen
        for _ in range(style.bars_per_chord)
    ]
    sections = forms.plan(generator, style.form)
    parts = [
        _line(generator, role, sections, harmony, tonic, scale)
        for role in style.roles
        if generator.random() < role.chance
    ]
    if style.grooves:
        parts.append(_drums(generator, style, sections))
    return Piece(
        style=style_name,
        tempo_bpm=round(float(generator.uniform(*style.tempo_bpm)), 1),
        tonic=tonic,
        mode=theory.MODES[scale],
        swing=float(generator.uniform(*style.swing)),
        swing_beats=style.swing_beats,
        sections=sections,
        parts=tuple(part for part in parts if part.notes),
    )


def _line(
    generator: np.random.Generator,
    role: Role,
    sections: tuple[Section, ...],
    harmony: list[tuple[int, ...]],
    tonic: int,
    scale: str,
) -> Part:
    """Returns what one role plays: the same phrase wherever it plays it."""
    instrument, voice = role.voices[generator.integers(len(role.voices))]
    rhythms = [str(generator.choice(role.rhythms)) for _ in range(_PHRASE_BARS)]
    if role.plays != "melody":
        rhythms = rhythms[:1]
    seed = int(generator.integers(2**31))
    notes: list[Note] = []
    for section in sections:
        if not _plays(role, section):
            continue
        for number in range(section.bars):
            # Of the phrase's bar: what comes back is the same music.
            within = number % max(_PHRASE_BARS, len(harmony))
            bar = Bar(
                first_beat=BEATS_PER_BAR * (section.first_bar + number),
                chord=harmony[number % len(harmony)],
                tonic=tonic,
                scale=scale,
                octave=role.octave,
            )
            rhythm = rhythms[within % len(rhythms)]
            notes += WAYS[role.plays](
                np.random.default_rng((seed, within)), bar, rhythm
            )
    return Part(instrument, voice, tuple(notes))


def _plays(role: Role, section: Section) -> bool:
    """Returns whether a role sounds in a section; a break keeps what does not drive."""
    if section.kind == "fake drop":
        return False
    if section.kind == "build" and role.plays in ("bass", "walking"):
        return False
    if section.kind == "break" and role.plays in ("melody", "held"):
        return True
    return section.energy >= role.enters


def _drums(
    generator: np.random.Generator, style: Style, sections: tuple[Section, ...]
) -> Part:
    """Returns the drums: grooves, fills before what follows, rolls through builds."""
    name = str(generator.choice(style.grooves))
    kinds = grooves.GROOVES[name]
    main, other = (kinds[i] for i in generator.permutation(len(kinds))[:2])
    notes: list[Note] = []
    for section in sections:
        first_beat = BEATS_PER_BAR * section.first_bar
        if section.kind == "build":
            notes += grooves.roll(first_beat, section.bars)
        if section.kind in ("build", "break", "fake drop") or section.energy < 0.3:
            continue
        if section.energy > 0.7:
            notes.append(grooves.stroke(grooves.CRASH, first_beat, 0.8))
        groove = other if section.energy > 0.8 else main
        for number in range(section.bars):
            beat = first_beat + BEATS_PER_BAR * number
            bar = grooves.bar(generator, groove, beat)
            if number == section.bars - 1 and generator.random() < 0.7:
                bar = [note for note in bar if note.start_beats < beat + 2]
                bar += grooves.fill(generator, beat)
            notes += bar
    return Part(*style.kit, tuple(sorted(notes, key=lambda note: note.start_beats)))
