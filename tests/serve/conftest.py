"""One server for all tests of it, with the tiny painter."""

import pytest

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
