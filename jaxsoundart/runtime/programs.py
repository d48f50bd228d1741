"""Functions compiled ahead of their calls, and the time that took."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp


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
            function: From trees of arrays to a tree of arrays.
            donated: Numbers of the arguments whose memory the result may take.
        """
        self._function = function
        self._donated = tuple(donated)
        self._compiled: dict[Any, Any] = {}
        self.compile_s = 0.0

    def compiled(self, *args: Any) -> Any:
        """Returns the executable, over the arguments' leaves, for such arguments.

        Args:
            args: Arrays or `jax.ShapeDtypeStruct`s, as a call would have.
        """
        leaves, tree = jax.tree.flatten(args)
        key = (tree, *((leaf.shape, jnp.result_type(leaf)) for leaf in leaves))
        if key not in self._compiled:
            begun_s = time.perf_counter()
            self._compiled[key] = self._compile(args, leaves, tree)
            self.compile_s += time.perf_counter() - begun_s
        return self._compiled[key]

    def _compile(self, args: Sequence[Any], leaves: Sequence[Any], tree: Any) -> Any:
        # Over leaves: on its way through `lower` a tree holds what are no arrays, which
        # types that check their fields would refuse.
        def flat(*leaves: Any) -> Any:
            return self._function(*jax.tree.unflatten(tree, leaves))

        ends, end = [], 0
        for arg in args:
            end += len(jax.tree.leaves(arg))
            ends.append(end)
        donated = [
            leaf
            for number in self._donated
            for leaf in range(ends[number - 1] if number else 0, ends[number])
        ]
        return jax.jit(flat, donate_argnums=donated).lower(*leaves).compile()

    def __call__(self, *args: Any) -> Any:
        """Returns what the function makes of the arguments."""
        return self.compiled(*args)(*jax.tree.leaves(args))
