"""Functions compiled ahead of their calls, and the time that took."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


class Program:
    """A jitted function that knows when it is compiled, and how long that took.

    The time of a compilation is not that of a call; what is timed around a call would
    mix the two.

    Attributes:
        compile_s: Seconds spent on compiling so far.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        places: Callable[[Sequence[Any]], list[Any]],
        donated: Sequence[int] = (),
    ):
        """Compiles nothing yet.

        Args:
            function: From trees of arrays to a tree of arrays.
            places: From arguments to where each of their leaves is to lie, a sharding.
            donated: Numbers of the arguments whose memory the result may take.
        """
        self._function = function
        self._places = places
        self._donated = tuple(donated)
        self._compiled: dict[Any, Any] = {}
        self.compile_s = 0.0

    def compiled(self, *args: Any, **fixed: Any) -> Any:
        """Returns the executable, over the arguments' leaves, for such arguments.

        Args:
            args: Arrays or `jax.ShapeDtypeStruct`s, as a call would have.
            fixed: What is no array, and compiled in.
        """
        return self._ready(args, fixed)[0]

    def _ready(self, args: Sequence[Any], fixed: Any) -> tuple[Any, list[Any]]:
        """Returns the executable, and where each leaf is to lie."""
        leaves, tree = jax.tree.flatten(args)
        shapes = [(leaf.shape, jnp.result_type(leaf)) for leaf in leaves]
        key = (tree, *shapes, *sorted(fixed.items()))
        if key not in self._compiled:
            begun_s = time.perf_counter()
            places = self._places(args)
            program = self._compile(args, fixed, places)
            self._compiled[key] = program, places
            self.compile_s += time.perf_counter() - begun_s
        return self._compiled[key]

    def _compile(self, args: Sequence[Any], fixed: Any, places: list[Any]) -> Any:
        leaves, tree = jax.tree.flatten(args)

        # Over leaves: on its way through `lower` a tree holds what are no arrays, which
        # types that check their fields would refuse.
        def flat(*leaves: Any) -> Any:
            return self._function(*jax.tree.unflatten(tree, leaves), **fixed)

        ends, end = [], 0
        for arg in args:
            end += len(jax.tree.leaves(arg))
            ends.append(end)
        donated = [
            leaf
            for number in self._donated
            for leaf in range(ends[number - 1] if number else 0, ends[number])
        ]
        shapes = [jax.ShapeDtypeStruct(x.shape, jnp.result_type(x)) for x in leaves]
        program = jax.jit(flat, donate_argnums=donated, in_shardings=tuple(places))
        return program.lower(*shapes).compile()

    def __call__(self, *args: Any, **fixed: Any) -> Any:
        """Returns what the function makes of the arguments."""
        program, places = self._ready(args, fixed)
        return program(*map(_placed, jax.tree.leaves(args), places))


def _placed(leaf: Any, place: Any) -> Any:
    if isinstance(leaf, jax.Array):
        fits = leaf.sharding.is_equivalent_to(place, leaf.ndim)
        return leaf if fits else jax.device_put(leaf, place)
    return put(np.asarray(leaf, jnp.result_type(leaf)), place)


def put(array: Any, place: Any) -> jax.Array:
    """Returns an array on devices, also on those of other processes.

    Args:
        array: The same in every process; each writes what its own devices hold.
        place: A sharding.
    """
    if place.is_fully_addressable:
        return jax.device_put(array, place)
    # `device_put` would send all of it round to see that it is the same everywhere.
    return jax.make_array_from_callback(array.shape, place, lambda index: array[index])
