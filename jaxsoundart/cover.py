"""The whole chain in one call: `jaxsoundart.cover("song.ogg", count=4)`.

The work is done in `studio`. Nothing heavy is imported before the first call.
"""

from pathlib import Path

from jaxsoundart.commission import Commission, Cover
from jaxsoundart.paint.hand import Hand
from jaxsoundart.paint.order import Settings
from jaxsoundart.verb import callable_module


@callable_module
def cover(
    song: str | Path,
    *,
    count: int = 4,
    seed: int | None = None,
    style: str = "",
    prompt: str | None = None,
    negative: str = "",
    atmosphere: str | None = None,
    excerpts: str = "intro+drop",
    guidance: float | None = None,
    vary: float | None = None,
    settings: Settings | None = None,
    listener: str | Path = "bundled",
    painter: str | Path | Hand = "bundled",
) -> tuple[Cover, ...]:
    """Returns `count` covers of a song; writing them is `output.write`'s.

    The arguments are those of `Commission`, whose defaults make the same song give the
    same covers; for many songs, a `studio.Studio` loads its models once.

    Args:
        song: A sound file.
        count: Number of pictures.
        seed: Of the first picture.
        style: Added to every prompt.
        prompt: In place of all that was heard.
        negative: Added to every negative prompt.
        atmosphere: One for all pictures.
        excerpts: Where to listen.
        guidance: How strongly the words pull.
        vary: How far pictures differ that are all to be variations of the first.
        settings: Sampler, steps, size and so on; the painter's own where left out.
        listener: "bundled", a folder, or a hub repository's id.
        painter: The same, a `.safetensors` file, or any of these as a `Hand`.

    Raises:
        ArgumentError: A wish is impossible.
        SoundFileError: The song cannot be read or is no sound.
        ModelError: The listener or the painter cannot be loaded.

    Example:
        >>> covers = jaxsoundart.cover("song.ogg", count=2)     # doctest: +SKIP
        >>> covers[0].record.brief.prompt                       # doctest: +SKIP
        'city skyline, deep blue palette, night, film grain'
    """
    from jaxsoundart.studio import Studio

    commission = Commission(
        count=count,
        seed=seed,
        style=style,
        prompt=prompt,
        negative=negative,
        atmosphere=atmosphere,
        excerpts=excerpts,
        guidance=guidance,
        vary=vary,
        settings=settings or Settings(),
    )
    studio = Studio(commission, listener=listener, painter=painter)
    studio.load()
    (covers,) = studio.paint([studio.draft(song)])
    return covers
