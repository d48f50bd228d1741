"""Signing in: the proof, the state, and the place where the browser comes back."""

import socket
import threading
import urllib.error
import urllib.request

import pytest

from jaxsoundart.errors import ArgumentError, SoundCloudError
from jaxsoundart.soundcloud.redirect import listening
from jaxsoundart.soundcloud.sign_in import SignIn
from tests.soundcloud.service import visited


def test_the_challenge_is_that_of_the_standard():
    # RFC 7636, appendix B.
    sign_in = SignIn(verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert sign_in.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_every_sign_in_has_secrets_of_its_own():
    one, other = SignIn(), SignIn()
    assert one.verifier != other.verifier
    assert one.state != other.state
    assert 43 <= len(one.verifier) <= 128
    assert one.verifier not in repr(one)


def test_a_code_is_taken_from_the_answer_to_this_sign_in_alone():
    sign_in = SignIn(state="ours")
    assert sign_in.code("http://localhost/back?code=c&state=ours") == "c"
    for address in ("", "nothing", "?code=c", "?code=c&state=öther", "?state=ours"):
        with pytest.raises(ArgumentError, match="not of this sign-in"):
            sign_in.code(address)
    with pytest.raises(SoundCloudError, match="refuses the sign-in: access_denied"):
        sign_in.code("/back?error=access_denied&state=ours")
    with pytest.raises(ArgumentError):
        sign_in.code("/back?error=access_denied&state=theirs")


def test_a_code_serves_once_and_only_with_its_proof(session, service):
    sign_in = SignIn()
    authorization = session.authorization
    page = authorization.sign_in_address(sign_in)
    code = sign_in.code(visited(page))
    with pytest.raises(SoundCloudError, match="answers 400"):
        authorization.redeem(code, SignIn())
    code = sign_in.code(visited(page))
    authorization.redeem(code, sign_in)
    assert authorization.user_token().access == "access-1"
    with pytest.raises(SoundCloudError, match="answers 400"):
        authorization.redeem(code, sign_in)


def visit(address):
    """What a browser is shown, from another thread."""
    seen = []

    def go():
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                seen.append((answer.status, answer.read().decode()))
        except urllib.error.HTTPError as error:
            with error:
                seen.append((error.code, error.read().decode()))

    thread = threading.Thread(target=go)
    thread.start()
    return thread, seen


def taken(listener, address):
    thread, seen = visit(address)
    try:
        return listener.take()
    finally:
        thread.join()
        taken.status, taken.text = seen[0]


def test_the_browser_comes_back_and_others_are_sent_away(app, monkeypatch, capfd):
    monkeypatch.setenv("NO_PROXY", "*")
    sign_in = SignIn()
    with listening(app.redirect, sign_in) as listener:
        assert listener.server_address[0] == "127.0.0.1"
        icon = app.redirect.replace("/back", "/favicon.ico")
        assert taken(listener, icon) is None
        assert taken.status == 404
        assert taken(listener, f"{app.redirect}?code=forged&state=theirs") is None
        assert taken.status == 400
        assert "forged" not in taken.text
        address = f"{app.redirect}?code=a-code&state={sign_in.state}"
        assert taken(listener, address) == "a-code"
        assert taken.status == 200
        assert "Signed in" in taken.text
    assert capfd.readouterr() == ("", "")


def test_a_user_who_says_no_ends_the_waiting(app, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    sign_in = SignIn()
    with listening(app.redirect, sign_in) as listener:
        denied = f"{app.redirect}?error=access_denied&state={sign_in.state}"
        with pytest.raises(SoundCloudError, match="access_denied"):
            taken(listener, denied)


def test_who_hangs_up_is_forgotten(app, capfd):
    sign_in = SignIn()
    with listening(app.redirect, sign_in) as listener:
        place = listener.server_address
        with socket.create_connection(place):
            pass
        assert listener.take() is None
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "redirect",
    ["https://larks.example/back", "https://127.0.0.1:8765/", "http://127.0.0.1:x/"],
)
def test_elsewhere_nobody_listens(redirect):
    with listening(redirect, SignIn()) as listener:
        assert listener is None


def test_nobody_listens_where_another_does(app):
    with listening(app.redirect, SignIn()), listening(app.redirect, SignIn()) as second:
        assert second is None
