"""Checkpoints of a training run: whole or not at all, and refused by name when wrong.

The only file that imports Orbax. Orbax is given a flat mapping from a leaf's name
(`state.params.hidden_0.kernel`) to its array, never the tree itself: names and shapes
can then be compared here before anything is read, and a tree whose containers change
class (a new optax state, a renamed dataclass) still restores by its names.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp

from jaxsoundart.errors import ModelError

Tree = TypeVar("Tree")


class Checkpoints:
    """The checkpoints of one run, in one folder, the newest few kept.

    A leaf may be a JAX array (also a typed key, also sharded), a NumPy array, or a
    Python int, float or bool. What is restored has the kind, and for a JAX array the
    sharding, of the leaf in the tree it is restored like.

    Example:
        >>> checkpoints = Checkpoints("run/checkpoints")            # doctest: +SKIP
        >>> if (step := checkpoints.latest_step()) is not None:     # doctest: +SKIP
        ...     state = checkpoints.restore(step, state)
    """

    def __init__(self, folder: str | Path, *, keep: int = 2):
        """Opens `folder`, made if missing; leavings of an interrupted save are removed.

        Args:
            folder: Where the checkpoints lie, one sub-folder a step.
            keep: How many to keep; older ones are deleted after each save.
        """
        self.folder = Path(folder).absolute()
        # Orbax reports every save at INFO and every fallback at WARNING: the run's
        # own logbook says what matters.
        logging.getLogger("absl").setLevel(logging.ERROR)
        self._manager = ocp.CheckpointManager(
            self.folder,
            item_handlers=ocp.StandardCheckpointHandler(),
            options=ocp.CheckpointManagerOptions(
                max_to_keep=keep,
                create=True,
                cleanup_tmp_directories=True,
                enable_async_checkpointing=False,
            ),
        )

    def save(self, step: int, tree: Any) -> None:
        """Writes `tree` as the checkpoint of `step`, replacing one already there.

        Returns when it is on disk; an interruption before that leaves nothing that
        `latest_step` would report.
        """
        if step in self._manager.all_steps():
            self._manager.delete(step)
        self._manager.save(
            step, args=ocp.args.StandardSave(_named(tree, _to_array)), force=True
        )

    def latest_step(self) -> int | None:
        """Returns the newest saved step, or None where nothing was saved."""
        return self._manager.latest_step()

    def restore(self, step: int, like_tree: Tree) -> Tree:
        """Reads the checkpoint of `step`.

        Args:
            step: One that was saved.
            like_tree: A tree with the structure, shapes, dtypes and shardings wanted.
                Leaves may be `jax.ShapeDtypeStruct`.

        Raises:
            ModelError: `step` is not there or damaged, or its names, shapes or dtypes
                are others; the message lists them.
        """
        if step not in self._manager.all_steps():
            there = ", ".join(map(str, sorted(self._manager.all_steps()))) or "none"
            raise ModelError(
                f"no checkpoint of step {step} in {self.folder} (there: {there})"
            )
        wanted = _named(like_tree, _to_abstract)
        try:
            saved = dict(self._manager.item_metadata(step))
            self._compare(step, saved, wanted)
            restored = self._manager.restore(
                step, args=ocp.args.StandardRestore(wanted)
            )
        except (KeyError, OSError, ValueError) as error:
            raise ModelError(
                f"checkpoint {step} in {self.folder} is damaged; delete its folder to"
                " go on from the one before"
            ) from error
        names = list(_named(like_tree, lambda leaf: None))
        leaves, treedef = jax.tree.flatten(like_tree)
        return jax.tree.unflatten(
            treedef,
            [
                _like(leaf, restored[name])
                for name, leaf in zip(names, leaves, strict=True)
            ],
        )

    def _compare(
        self, step: int, saved: Mapping[str, Any], wanted: Mapping[str, Any]
    ) -> None:
        """Refuses a checkpoint that is not of the wanted names, shapes and dtypes.

        Orbax refuses some of these too, but with an error about handlers, and casts
        a dtype in silence.
        """
        kinds = {name: _kind(leaf) for name, leaf in saved.items()}
        asked = {name: _kind(leaf) for name, leaf in wanted.items()}
        faults = [f"missing {name}" for name in asked.keys() - kinds.keys()]
        faults += [f"unexpected {name}" for name in kinds.keys() - asked.keys()]
        faults += [
            f"{name} is {kinds[name]}, wanted {asked[name]}"
            for name in asked.keys() & kinds.keys()
            if kinds[name] != asked[name]
        ]
        if faults:
            raise ModelError(
                f"checkpoint {step} in {self.folder} is of another model or data set:"
                f" {'; '.join(sorted(faults))}"
            )


def _named(tree: Any, convert: Any) -> dict[str, Any]:
    """Returns `convert(leaf)` by the leaf's dotted name, in tree order."""
    paths_and_leaves, _ = jax.tree.flatten_with_path(tree)
    return {
        jax.tree_util.keystr(path, simple=True, separator="."): convert(leaf)
        for path, leaf in paths_and_leaves
    }


def _kind(leaf: Any) -> str:
    return f"{leaf.dtype}{list(leaf.shape)}"


def _is_key(leaf: Any) -> bool:
    dtype = getattr(leaf, "dtype", None)
    return dtype is not None and jnp.issubdtype(dtype, jax.dtypes.prng_key)


def _to_array(leaf: Any) -> jax.Array | np.ndarray:
    if _is_key(leaf):
        return jax.random.key_data(leaf)
    return leaf if isinstance(leaf, jax.Array) else np.asarray(leaf)


def _to_abstract(leaf: Any) -> jax.ShapeDtypeStruct | np.ndarray:
    if _is_key(leaf):
        leaf = jax.eval_shape(jax.random.key_data, leaf)
    if isinstance(leaf, jax.Array | jax.ShapeDtypeStruct):
        return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=leaf.sharding)
    return np.asarray(leaf)


def _like(leaf: Any, restored: Any) -> Any:
    if _is_key(leaf):
        return jax.random.wrap_key_data(restored, impl=jax.random.key_impl(leaf))
    if isinstance(leaf, jax.Array | jax.ShapeDtypeStruct | np.ndarray):
        return restored
    if isinstance(leaf, np.generic):
        return leaf.dtype.type(restored)
    return type(leaf)(restored)
