"""Where compiled programs are kept."""

import tempfile
from pathlib import Path

import jax
import pytest

from jaxsoundart.runtime import compilation
from jaxsoundart.runtime.compilation import cache_folder


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)


def test_the_users_own_folder_comes_first(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_folder() == tmp_path / ".cache" / "jaxsoundart" / "xla"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "jaxsoundart" / "xla"
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_a_user_without_a_home_keeps_them_in_the_temporary_folder(monkeypatch):
    def home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", home)
    assert cache_folder().is_relative_to(tempfile.gettempdir())


def test_a_folder_that_cannot_be_made_leaves_the_cache_off(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "file" / "inside"))
    before = jax.config.jax_compilation_cache_dir
    compilation.keep_compiled_programs()
    assert jax.config.jax_compilation_cache_dir == before
