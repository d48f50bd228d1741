"""What is asked for beside the song, and what comes back."""

from dataclasses import dataclass, field

from jaxsoundart.arrays import Image
from jaxsoundart.compose import lexicon, wishes
from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen import parts
from jaxsoundart.paint import seeds
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.picture.record import Record


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
        guidance: How strongly the words pull.
        vary: With a share above 0 to 1 all pictures begin with the first one's noise,
            turned so far towards that of their own seeds: variations of one picture.
        settings: How all are painted.

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
    guidance: float | None = None
    vary: float | None = None
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self):
        wishes.check_count(self.count)
        wishes.read(prompt=self.prompt, style=self.style, negative=self.negative)
        parts.parse(self.excerpts)
        seeds(self.seed or 0, self.count)
        Order(prompt="", guidance=self.guidance, variation=self.vary or 0.0)
        known = (lexicon.AS_HEARD, *lexicon.load().atmospheres)
        asked = self.atmosphere
        if asked is not None and " ".join(asked.split()).casefold() not in known:
            raise ArgumentError(
                f"atmosphere {asked!r} is unknown; use one of: {', '.join(known)}"
            )
