"""Functions compiled ahead of their calls, and the time that took."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import jax


class Program:
    """A jitted function that knows when it is compiled, and how long that took.

    The time of a compilation is not that of a call; what is timed around a call would
    mix the two.

    Attributes:
        compile_s: Seconds spent on compiling so far.
    """

    def __init__(self, function: Callable[..., Any], *, donated: Sequence[int] = ()):
        """Compiles nothing yet.

        Args:
            function: From arrays to a tree of arrays.
            donated: Numbers of the arguments whose memory the result may take.
        """
        self._jitted = jax.jit(function, donate_argnums=tuple(donated))
        self._compiled: dict[Any, Any] = {}
        self.compile_s = 0.0

    def compiled(self, *args: Any) -> Any:
        """Returns the executable for arguments such as these, arrays or shapes."""
        leaves, tree = jax.tree.flatten(args)
        key = (tree, *((leaf.shape, jax.numpy.result_type(leaf)) for leaf in leaves))
        if key not in self._compiled:
            begun_s = time.perf_counter()
            self._compiled[key] = self._jitted.lower(*args).compile()
            self.compile_s += time.perf_counter() - begun_s
        return self._compiled[key]

    def __call__(self, *args: Any) -> Any:
        """Returns what the function makes of the arguments."""
        return self.compiled(*args)(*args)
