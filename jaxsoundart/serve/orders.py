"""Reads what clients write: the order beside a song, and words of their own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jaxsoundart.compose import wishes
from jaxsoundart.compose.brief import Brief, Reason
from jaxsoundart.compose.prompt import AS_ASKED
from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint.order import Settings
from jaxsoundart.picture.schema import plain, strict
from jaxsoundart.serve.job import Wish
from jaxsoundart.serve.problems import Problem

ASKED = "your words"
"""The evidence for phrases that a client wrote."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words for one picture, as a client sends them."""

    prompt: str
    negative_prompt: str = ""


def wish(text: str | bytes, settings: Settings, *, most: int) -> Wish:
    """Reads an order.

    Args:
        text: JSON; an empty text asks for what is usual.
        settings: How the server paints.
        most: The most pictures.

    Raises:
        Problem: The order is none, or asks for what cannot be.
    """
    given = _parsed(text, "order") if text.strip() else {}
    if not isinstance(given, dict):
        raise Problem(422, "the order is no JSON object; send one, or leave it out")
    try:
        asked = strict(Wish, {**plain(Wish()), **given}, "order")
        if not 1 <= asked.count <= most:
            raise ArgumentError(
                f"count is {asked.count}; use a number from 1 to {most}"
            )
        asked.commission(settings)
    except (ValueError, ArgumentError) as error:
        raise Problem(422, str(error)) from None
    return asked


def words(text: bytes, *, most: int) -> tuple[Words, ...]:
    """Reads the words for some pictures.

    Raises:
        Problem: They are none, too many, or not to be painted.
    """
    given = _parsed(text, "body")
    usual = {"negative_prompt": ""}
    try:
        if not isinstance(given, dict) or list(given) != ["briefs"]:
            raise ValueError('the body is not {"briefs": […]}; send that')
        briefs = given["briefs"]
        if not isinstance(briefs, list) or not 1 <= len(briefs) <= most:
            raise ValueError(f"briefs is not a list of 1 to {most} pictures' words")
        said = tuple(
            strict(Words, {**usual, **one} if isinstance(one, dict) else one, place)
            for place, one in ((f"briefs[{i}]", one) for i, one in enumerate(briefs))
        )
        for one in said:
            wishes.read(prompt=one.prompt, style="", negative=one.negative_prompt)
    except (ValueError, ArgumentError) as error:
        raise Problem(422, str(error)) from None
    return said


def briefs(said: Sequence[Words], before: Sequence[Brief]) -> tuple[Brief, ...]:
    """Returns orders for pictures of a client's words.

    Phrases that were there before keep the reason they had.

    Args:
        said: One for each picture; checked.
        before: The orders that there were.
    """
    return tuple(
        _brief(one, before[nth] if nth < len(before) else None)
        for nth, one in enumerate(said)
    )


def _brief(said: Words, before: Brief | None) -> Brief:
    read = wishes.read(prompt=said.prompt, style="", negative=said.negative_prompt)
    known = {
        (reason.side, reason.phrase): reason
        for reason in (before.reasons if before else ())
    }
    wanted = [
        Reason(phrase=p, side="prompt", evidence=ASKED) for p in read.prompt or ()
    ]
    unwanted = [
        Reason(phrase=p, side="negative prompt", evidence=ASKED) for p in read.negative
    ]
    reasons = tuple(
        known.get((reason.side, reason.phrase), reason) for reason in wanted + unwanted
    )
    return Brief(
        prompt=", ".join(read.prompt or ()),
        negative_prompt=", ".join(read.negative),
        reasons=reasons,
        atmosphere=before.atmosphere if before else AS_ASKED,
    )


def _parsed(text: str | bytes, name: str) -> Any:
    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no number")

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Problem(422, f"the {name} is no JSON: {error}; send a JSON object") from (
            None
        )
