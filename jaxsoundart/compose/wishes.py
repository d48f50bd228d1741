"""What the user asks for in their own words, checked and split into phrases."""

import functools
import unicodedata
from dataclasses import dataclass

from jaxsoundart.compose.brief import Reason
from jaxsoundart.errors import ArgumentError

# A text encoder reads 77 tokens, some 300 characters; more than this is a mistake.
MOST_CHARACTERS = 1000
MOST_PICTURES = 1000


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """A user's phrases, each as they wrote it.

    Attributes:
        prompt: In place of what was heard; None where the hearing decides.
        style: Beside it.
        negative: To be kept out.
    """

    prompt: tuple[str, ...] | None
    style: tuple[str, ...]
    negative: tuple[str, ...]

    @functools.cached_property
    def wanted(self) -> tuple[Reason, ...]:
        """What is to be painted, each phrase once."""
        wanted = {}
        for evidence, phrases in (
            ("--prompt", self.prompt or ()),
            ("--style", self.style),
        ):
            for phrase in phrases:
                reason = Reason(phrase=phrase, side="prompt", evidence=evidence)
                wanted.setdefault(phrase.casefold(), reason)
        return tuple(wanted.values())


def read(*, prompt: str | None, style: str, negative: str) -> Wishes:
    """Returns the wishes in three texts of phrases between commas.

    Raises:
        ArgumentError: A text is too long or has control characters, the prompt is
            given but empty, or a phrase is both wanted and unwanted.
    """
    wishes = Wishes(
        prompt=None if prompt is None else phrases(prompt, "prompt"),
        style=phrases(style, "style"),
        negative=phrases(negative, "negative"),
    )
    if wishes.prompt == ():
        raise ArgumentError(
            "prompt is given but empty; leave it out to have one composed"
        )
    unwanted = {phrase.casefold() for phrase in wishes.negative}
    for reason in wishes.wanted:
        if reason.phrase.casefold() in unwanted:
            raise ArgumentError(
                f"{reason.phrase!r} is both wanted and in negative; leave one out"
            )
    return wishes


def phrases(text: str, name: str) -> tuple[str, ...]:
    """Returns the phrases between the commas of `text`, none empty and none twice.

    White space of any kind is one space; what case a phrase is in is kept.

    Raises:
        ArgumentError: `text`, called `name`, is too long or has control characters.
    """
    if len(text) > MOST_CHARACTERS:
        raise ArgumentError(
            f"{name} is {len(text)} characters long; at most {MOST_CHARACTERS} "
            "are read, and the painter sees about the first 300"
        )
    spaced = " ".join(text.split())
    for place, character in enumerate(spaced, 1):
        # Control characters and lone surrogates: no text encoder knows them, and no
        # picture's record could carry the latter.
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise ArgumentError(
                f"{name} has the control character U+{ord(character):04X} at "
                f"character {place}; remove it"
            )
    found = {}
    for part in spaced.split(","):
        phrase = part.strip()
        if phrase:
            found.setdefault(phrase.casefold(), phrase)
    return tuple(found.values())


def check_count(count: int) -> None:
    """Raises `ArgumentError` unless `count` is a sensible number of pictures."""
    if not 1 <= count <= MOST_PICTURES:
        raise ArgumentError(f"count is {count}; use a number from 1 to {MOST_PICTURES}")
