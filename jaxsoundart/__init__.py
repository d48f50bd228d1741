"""Sound in, picture out: cover art that looks the way a track sounds.

The four verbs, each imported when first used:

    >>> import jaxsoundart
    >>> hearing = jaxsoundart.listen("song.ogg")            # doctest: +SKIP
    >>> (brief,) = jaxsoundart.compose(hearing)             # doctest: +SKIP
    >>> images = jaxsoundart.paint(brief)                   # doctest: +SKIP
    >>> covers = jaxsoundart.cover("song.ogg", count=4)     # doctest: +SKIP

how they paint, where that is not left to the painter, and who paints:

    >>> quick = jaxsoundart.Settings(steps=8, enlarge=2.0)  # doctest: +SKIP
    >>> other = jaxsoundart.Hand("owner/name", batch=4)     # doctest: +SKIP

The rooms behind them carry the same names (`jaxsoundart.listen.classifier`, …): a
room can be called like the verb it is named after, see `jaxsoundart.verb`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxsoundart import compose, cover, listen, paint
    from jaxsoundart.paint.hand import Hand
    from jaxsoundart.paint.order import Settings

__version__ = "0.1.0"
__all__ = ["Hand", "Settings", "compose", "cover", "listen", "paint"]

_TYPES = {"Hand": "jaxsoundart.paint.hand", "Settings": "jaxsoundart.paint.order"}


def __getattr__(name: str) -> Any:
    if name in _TYPES:
        return getattr(importlib.import_module(_TYPES[name]), name)
    if name in __all__:
        return importlib.import_module(f"jaxsoundart.{name}")
    raise AttributeError(f"module 'jaxsoundart' has no attribute {name!r}")
