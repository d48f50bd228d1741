"""Reads "intro+drop" as the parts of a song to listen to."""

from jaxsoundart.errors import ArgumentError
from jaxsoundart.sound.waveform import Part


def parse(excerpts: str) -> tuple[Part, ...]:
    """Returns the parts that `excerpts` names, joined by "+", each once.

    Raises:
        ArgumentError: If one of them is no part.
    """
    names = [name.strip().lower() for name in excerpts.split("+")]
    known = [part.value for part in Part]
    for name in names:
        if name not in known:
            raise ArgumentError(
                f"excerpts {excerpts!r}: {name!r} is no part of a song; use"
                f" {', '.join(known)}, joined by +"
            )
    return tuple(Part(name) for name in dict.fromkeys(names))
