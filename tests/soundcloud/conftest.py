"""A service, its address, and a session with it."""

import socket

import pytest

from jaxsoundart.soundcloud.app import App
from jaxsoundart.soundcloud.session import SoundCloud
from jaxsoundart.soundcloud.sign_in import SignIn
from jaxsoundart.soundcloud.tokens import TokenFile
from tests.soundcloud.service import Service, serving, visited


@pytest.fixture
def app():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return App("an-app", "its-secret", f"http://127.0.0.1:{port}/back")


@pytest.fixture
def service(app):
    service = Service(app)
    yield service
    assert service.faults == []


@pytest.fixture
def address(service, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(service) as here:
        yield here


@pytest.fixture
def token_file(tmp_path_factory):
    return tmp_path_factory.mktemp("config") / "jaxsoundart" / "soundcloud.json"


@pytest.fixture
def session(app, address, token_file):
    return SoundCloud(app, TokenFile(token_file), api=address, auth=address)


@pytest.fixture
def signed_in(session):
    """The session, of a user who has signed in."""
    sign_in = SignIn()
    page = session.authorization.sign_in_address(sign_in)
    session.authorization.redeem(sign_in.code(visited(page)), sign_in)
    return session
