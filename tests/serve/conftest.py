"""One server for all tests of it, with the tiny painter."""

from contextlib import contextmanager

import pytest

from jaxsoundart.serve.limits import Limits
from tests.serve.gate import Gate, GatedStudio
from tests.serve.served import serving, studio


@pytest.fixture(scope="session")
def tiny_studio(tiny_painter):
    """A studio that paints with it, in two steps."""
    return studio(tiny_painter)


@pytest.fixture(scope="session")
def served(tiny_studio, tmp_path_factory):
    """A server."""
    with serving(tiny_studio, tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(scope="session")
def sound(song):
    """The bytes of a song."""
    return song.read_bytes()


@pytest.fixture
def gate():
    """What stops the workshop of `gated`."""
    return Gate()


@pytest.fixture
def gated_server(tiny_studio, gate, tmp_path):
    """Starts servers whose workshop can be stopped, all in one folder."""

    @contextmanager
    def start(**limits):
        free = {"jobs_per_minute": 10_000, "calls_per_minute": 100_000}
        limits = Limits(**{**free, **limits})
        studio = GatedStudio(tiny_studio, gate)
        with serving(studio, tmp_path / "served", limits=limits) as server:
            workshop = server.desk.workshop
            gate.give_up_with(lambda: workshop._is_closing)
            yield server

    return start


@pytest.fixture
def gated(gated_server):
    """A server whose workshop can be stopped."""
    with gated_server() as server:
        yield server
