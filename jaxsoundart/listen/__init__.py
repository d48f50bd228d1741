"""Hears what kind of song it is: `jaxsoundart.listen("song.ogg")`.

Nothing heavy is imported before the first call.
"""

from pathlib import Path

from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.verb import callable_module


@callable_module
def listen(
    song: str | Path,
    *,
    excerpts: str = "intro+drop",
    listener: str | Path = "bundled",
    seed: int | None = None,
) -> Hearing:
    """Returns the labels heard in a song, with calibrated probabilities.

    Args:
        song: A sound file.
        excerpts: Where to listen: "intro", "drop", "bar" and "whole", joined by "+".
        listener: "bundled", a listener's folder, or a hub repository's id.
        seed: Chooses the bar of "bar"; from the song's content unless given.

    Raises:
        ArgumentError: If `excerpts` names a part that there is not.
        SoundFileError: If the file cannot be read or is no sound.
        ModelError: If the listener cannot be loaded.

    Example:
        >>> hearing = jaxsoundart.listen("song.ogg")            # doctest: +SKIP
        >>> next(iter(hearing.labels["genre"]))                 # doctest: +SKIP
        'jazz'
    """
    from jaxsoundart.listen.opening import open_listener
    from jaxsoundart.listen.parts import parse
    from jaxsoundart.sound import analysis, files, sections, traits

    parts = parse(excerpts)
    ear = open_listener(listener)
    waveform = files.read(song)
    if seed is None:
        seed = int(files.content_hash(song)[:8], 16)
    analysed = analysis.analyse(waveform)
    return ear.hear(
        waveform,
        sections.find_excerpts(analysed, parts, seed=seed),
        traits.measure(analysed),
    )
