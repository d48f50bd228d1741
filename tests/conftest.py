"""Strict settings for every test: eight virtual CPU devices, ranks never guessed."""

import os

# Set before JAX is imported: flags are read once. Most of the time goes into compiling
# programs that run for milliseconds, so they are compiled without optimisation.
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = (
    os.environ.get("XLA_FLAGS", "")
    + " --xla_force_host_platform_device_count=8 --xla_backend_optimization_level=0"
)

import jax
import pytest

jax.config.update("jax_numpy_rank_promotion", "raise")


@pytest.fixture
def key():
    return jax.random.key(0)


@pytest.fixture(scope="session")
def tiny_painter(tmp_path_factory):
    """The folder of a Stable Diffusion with random weights, 16 px."""
    from tests import tiny_painter

    return tiny_painter.write(tmp_path_factory.mktemp("tiny") / "painter")


@pytest.fixture
def fast(tiny_painter):
    """Arguments that paint with it, in two steps."""
    return ("--painter", tiny_painter, "--steps", 2, "--sampler", "ddim")


@pytest.fixture(scope="session")
def song(tmp_path_factory):
    """A sound file: four seconds of drums and a chord."""
    from tests import tiny_song

    return tiny_song.write(tmp_path_factory.mktemp("songs") / "song.wav")


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    """Runs `jaxsoundart` in this process and in an empty folder."""
    from tests.command_line import Command

    # The cache of compiled programs is this process's, not the command's.
    monkeypatch.setattr(
        "jaxsoundart.runtime.compilation.keep_compiled_programs", lambda: None
    )
    monkeypatch.chdir(tmp_path)
    return Command(capsys)


def pytest_configure(config):
    """Has Numba compile librosa before workers do it at once and spoil its cache."""
    if not hasattr(config, "workerinput"):
        pass


def pytest_collection_modifyitems(config, items):
    """Leaves out `slow` tests unless `-m` asks for them."""
    if "slow" in (config.option.markexpr or ""):
        return
    skip = pytest.mark.skip(reason="slow; run with -m slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)
