"""Turns what was heard into words to paint: `jaxsoundart.compose(hearing)`.

The words stand in `lexicon.toml`; `prompt` chooses among them. No JAX here.
"""

from jaxsoundart.compose import prompt as prompts
from jaxsoundart.compose.brief import Brief
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.verb import callable_module


@callable_module
def compose(
    hearing: Hearing,
    *,
    count: int = 1,
    style: str = "",
    prompt: str | None = None,
    negative: str = "",
    atmosphere: str | None = None,
    vocabulary: frozenset[str] | None = None,
) -> tuple[Brief, ...]:
    """Returns the orders for `count` pictures of one song: a tuple, also for one.

    The arguments are those of `jaxsoundart.compose.prompt.compose`.

    Args:
        hearing: What was heard in the song.
        count: Number of pictures, of different atmospheres unless one is given.
        style: Added to every prompt.
        prompt: In place of all that was heard.
        negative: Added to every negative prompt, and kept out of the prompt.
        atmosphere: One for all pictures ("calm", "dark", "bright", …).
        vocabulary: The words the painter knows; None for one that knows all.

    Raises:
        ArgumentError: A wish is unknown, contradictory or unreadable.

    Example:
        >>> (brief,) = jaxsoundart.compose(hearing, style="linocut")  # doctest: +SKIP
        >>> brief.prompt                                              # doctest: +SKIP
        'smoky city skyline at night, smoky deep blue palette, …, linocut'
    """
    return prompts.compose(
        hearing,
        count=count,
        style=style,
        prompt=prompt,
        negative=negative,
        atmosphere=atmosphere,
        vocabulary=vocabulary,
    )
