"""Turns what was heard into words to paint: `jaxsoundart.compose(hearing)`.

The words stand in `lexicon.toml`; `prompt` chooses among them. No JAX here.
"""

from typing import Any

from jaxsoundart.compose import prompt
from jaxsoundart.compose.brief import Brief
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.verb import callable_module


@callable_module
def compose(hearing: Hearing, **wishes: Any) -> tuple[Brief, ...]:
    """Returns one order for each picture of a song.

    The wishes (`count`, `style`, `prompt`, `negative`, `atmosphere`, `vocabulary`) are
    those of `jaxsoundart.compose.prompt.compose`. It is a tuple also for one picture.
    """
    return prompt.compose(hearing, **wishes)
