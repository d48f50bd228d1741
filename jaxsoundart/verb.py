"""Lets a room be called like the verb it is named after.

`jaxsoundart.listen` is a folder of modules *and* what a user says:
`jaxsoundart.listen("song.ogg")`. Python binds a sub-package's name in its parent the
moment anything inside it is imported, so a function of the same name would vanish. A
module that can be called is both, whatever was imported first.
"""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


class _CallableModule(ModuleType):
    """A module whose call is its `_verb` function's."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._verb(*args, **kwargs)


def callable_module(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Makes the module that defines `verb` callable; used as a decorator, once."""
    module = sys.modules[verb.__module__]
    module.__dict__["_verb"] = verb
    module.__class__ = _CallableModule
    return verb
