"""What the compose room hands on: words to paint, words to avoid, and why."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a phrase stands in a brief.

    Attributes:
        phrase: The words, as they stand in the prompt or the negative prompt.
        side: Which of the two.
        evidence: What was heard or asked ("genre jazz 0.71", "brightness 1450 Hz",
            "atmosphere dark", "--style").
    """

    phrase: str
    side: Literal["prompt", "negative prompt"]
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Brief:
    """The order for one picture.

    Attributes:
        prompt: What to paint, phrases joined by ", ".
        negative_prompt: What to keep out.
        reasons: One for every phrase of both.
        atmosphere: The shift that makes this picture differ from the song's others.
    """

    prompt: str
    negative_prompt: str
    reasons: tuple[Reason, ...] = ()
    atmosphere: str = "as heard"
