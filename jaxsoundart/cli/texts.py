"""What was heard and composed, in lines for people and in JSON for programs."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from jaxsoundart.commission import Commission
from jaxsoundart.compose.brief import Brief
from jaxsoundart.draft import Draft
from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.paint.hand import Hand
from jaxsoundart.paint.order import Settings
from jaxsoundart.picture.lettering.lettering import Lettering
from jaxsoundart.picture.record import Song
from jaxsoundart.picture.schema import plain
from jaxsoundart.picture.stores.export import Export
from jaxsoundart.studio import Studio

_FEW = 3
AUTO = "auto"
"""The title that stands for that of the song's tags."""


def commission_of(options: Namespace) -> Commission:
    """Returns what the arguments ask for; what they leave out is left to defaults.

    Raises:
        ArgumentError: They ask for what cannot be.
    """
    given = dict(vars(options))
    if "size" in given:
        given["width_px"], given["height_px"] = given["size"]

    def among(kind: type) -> dict[str, Any]:
        names = [field.name for field in fields(kind)]
        return {name: given[name] for name in names if name in given}

    return Commission(**among(Commission), settings=Settings(**among(Settings)))


def hand_of(options: Namespace) -> Hand:
    """Returns which painter the arguments ask for.

    Raises:
        ArgumentError: They ask for what cannot be.
    """
    given = {**vars(options), "loras": tuple(options.loras)}
    return Hand(**{field.name: given[field.name] for field in fields(Hand)})


def studio_of(options: Namespace) -> Studio:
    """Returns a studio for what the arguments ask for; nothing is loaded.

    Raises:
        ArgumentError: They ask for what cannot be.
    """
    ears = {"listener": options.listener} if "listener" in options else {}
    return Studio(commission_of(options), painter=hand_of(options), **ears)


def export_of(options: Namespace, song: Song | None) -> Export:
    """Returns what is to be made of the pictures of a song.

    Raises:
        ArgumentError: There are no words to be lettered with.
    """
    title, artist = options.title, options.artist or ""
    if title is None:
        for name in ("artist", "font"):
            if getattr(options, name) is not None:
                raise ArgumentError(f"--{name} needs --title, or --title auto")
        return Export(stores=options.stores)
    if title == AUTO:
        if song is None:
            raise ArgumentError("--title auto needs a cover of a song; give the title")
        title = song.title
        artist = song.artist if options.artist is None else options.artist
    lettering = Lettering(title=title, artist=artist, font=options.font)
    return Export(stores=options.stores, lettering=lettering)


def hearing_lines(hearing: Hearing) -> Iterator[str]:
    """Yields what was heard."""
    for head, labels in hearing.labels.items():
        few = list(labels.items())[:_FEW]
        said = ", ".join(f"{label} {p:.2f}" for label, p in few)
        yield _row(head, f"unsure ({said})" if head in hearing.unsure else said)
    traits = hearing.traits
    tempo = f"{traits.tempo_bpm:.0f} bpm" if traits.tempo_bpm else "no beat"
    yield _row("tempo", tempo)
    yield _row("key", traits.key)
    yield _row("loudness", f"{traits.loudness_db:.1f} dB")
    yield _row("brightness", f"{traits.brightness_hz:.0f} Hz")
    yield _row("dynamics", f"{traits.dynamics_db:.1f} dB")
    for excerpt in hearing.excerpts:
        span = f"{excerpt.start_s:.1f} to {excerpt.end_s:.1f} s"
        yield _row(excerpt.part, f"{span} ({excerpt.why})")
    yield _row("listener", hearing.listener)


def brief_lines(brief: Brief, nth: int, *, explain: bool) -> Iterator[str]:
    """Yields one order, and with `explain` the reason for every phrase."""
    yield f"picture {nth}, {brief.atmosphere}"
    yield _row("prompt", brief.prompt)
    yield _row("negative", brief.negative_prompt or "-")
    if explain:
        for reason in brief.reasons:
            sign = "+" if reason.side == "prompt" else "-"
            yield f"    {sign} {reason.phrase}: {reason.evidence}"


def draft_lines(draft: Draft, *, explain: bool) -> Iterator[str]:
    """Yields all orders of a draft, as `brief_lines` does."""
    for nth, brief in enumerate(draft.briefs, 1):
        yield from brief_lines(brief, nth, explain=explain)


def draft_json(draft: Draft) -> dict:
    """Returns song, hearing and orders, each with its seed, as JSON values."""
    return {
        "song": plain(draft.song),
        "hearing": plain(draft.hearing),
        "briefs": [
            {**plain(brief), "seed": seed}
            for brief, seed in zip(draft.briefs, draft.seeds, strict=True)
        ],
    }


def _row(name: str, value: str) -> str:
    return f"  {name:10s} {value}"
