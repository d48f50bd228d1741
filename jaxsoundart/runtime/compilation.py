"""Compiled programs are kept on disk: only a machine's first cover waits for XLA."""

import os
import tempfile
from pathlib import Path

import jax


def cache_folder() -> Path:
    """Returns where compiled programs are kept.

    `JAX_COMPILATION_CACHE_DIR`, else `jaxsoundart/xla` in `XDG_CACHE_HOME`, else in
    `~/.cache`, and for a user without a home directory in the temporary folder.
    """
    if given := os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        return Path(given)
    return _user_cache() / "jaxsoundart" / "xla"


def _user_cache() -> Path:
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given)
    try:
        return Path.home() / ".cache"
    except RuntimeError:  # as in a container whose user has no name
        return Path(tempfile.gettempdir())


def keep_compiled_programs() -> None:
    """Turns the persistent cache on; a folder that cannot be written leaves it off."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
