"""The whole chain in one call: `jaxsoundart.cover("song.ogg", count=4)`.

What is asked for (`Commission`) and what comes back (`Cover`) are here; the work is
done in `studio`. Nothing heavy is imported before the first call.
"""

from dataclasses import dataclass
from pathlib import Path

from jaxsoundart.arrays import Image
from jaxsoundart.compose import lexicon, wishes
from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen import parts
from jaxsoundart.paint import seeds
from jaxsoundart.picture.record import Record
from jaxsoundart.verb import callable_module


@dataclass(frozen=True, kw_only=True)
class Cover:
    """A picture of a song, or of words alone.

    Attributes:
        image: The pixels.
        record: What the picture remembers; enough to paint it again.
    """

    image: Image
    record: Record


@dataclass(frozen=True, kw_only=True)
class Commission:
    """What is asked for beside the song. `None` leaves a choice to song or painter.

    Attributes:
        count: Pictures of each song, of different atmospheres unless one is given.
        seed: Of the first picture, 0 to 2³² - 1, and of the bar of "bar"; the first 32
            bits of the song's SHA-256 unless given. Picture n has seed + n - 1, modulo
            2³², so that the same song always gets the same covers.
        style: Phrases added to every prompt.
        prompt: In place of all that was heard.
        negative: Phrases added to every negative prompt.
        atmosphere: One for all pictures ("calm", "dark", …).
        excerpts: Where to listen: "intro", "drop", "bar" and "whole", joined by "+".
        sampler: "ddim", "euler" or "dpm++2m".
        steps: Calls of the denoiser for each picture.
        guidance: How strongly the words pull.
        decode_passes: How often latents become pixels.

    Raises:
        ArgumentError: A text, a number or a name cannot be what was meant.
    """

    count: int = 4
    seed: int | None = None
    style: str = ""
    prompt: str | None = None
    negative: str = ""
    atmosphere: str | None = None
    excerpts: str = "intro+drop"
    sampler: str | None = None
    steps: int | None = None
    guidance: float | None = None
    decode_passes: int | None = None

    def __post_init__(self):
        wishes.check_count(self.count)
        wishes.read(prompt=self.prompt, style=self.style, negative=self.negative)
        parts.parse(self.excerpts)
        seeds(self.seed or 0, self.count)
        known = (lexicon.AS_HEARD, *lexicon.load().atmospheres)
        asked = self.atmosphere
        if asked is not None and " ".join(asked.split()).casefold() not in known:
            raise ArgumentError(
                f"atmosphere {asked!r} is unknown; use one of: {', '.join(known)}"
            )


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
    sampler: str | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    decode_passes: int | None = None,
    listener: str | Path = "bundled",
    painter: str | Path = "bundled",
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
        sampler: How the denoiser is stepped.
        steps: Denoising steps.
        guidance: How strongly the words pull.
        decode_passes: How often latents become pixels.
        listener: "bundled", a folder, or a hub repository's id.
        painter: The same.

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
        sampler=sampler,
        steps=steps,
        guidance=guidance,
        decode_passes=decode_passes,
    )
    studio = Studio(commission, listener=listener, painter=painter)
    studio.load()
    (covers,) = studio.paint([studio.draft(song)])
    return covers
