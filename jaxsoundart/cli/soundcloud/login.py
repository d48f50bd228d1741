"""`jaxsoundart soundcloud login`."""

import os
import select
import sys
import webbrowser
from argparse import Namespace

from jaxsoundart.cli import terminal
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import SoundCloudError
from jaxsoundart.soundcloud.redirect import Listener, listening
from jaxsoundart.soundcloud.session import SoundCloud
from jaxsoundart.soundcloud.sign_in import SignIn

_PATIENCE_S = 600.0


def run(session: SoundCloud, options: Namespace, progress: Progress) -> int:
    """Signs a user in; returns the exit code."""
    sign_in = SignIn()
    address = session.authorization.sign_in_address(sign_in)
    with listening(session.app.redirect, sign_in) as listener:
        terminal.tell(f"sign in at {address}")
        if not options.no_browser:
            webbrowser.open(address)
        code = _pasted(sign_in) if listener is None else _heard(listener, sign_in)
    session.authorization.redeem(code, sign_in)
    terminal.say("signed in")
    return 0


def _pasted(sign_in: SignIn) -> str:
    question = "and give the address that you are sent to:"
    return sign_in.code(terminal.ask(question) or "")


def _heard(listener: Listener, sign_in: SignIn) -> str:
    """Returns the code that comes first: from the browser, or pasted."""
    sources: list = [listener]
    # On another machine's browser, the address leads nowhere; Windows selects no files.
    if terminal.can_ask() and os.name != "nt":
        sources.append(sys.stdin)
        terminal.tell("or give the address that you are sent to, if it leads nowhere:")
    while True:
        ready, _, _ = select.select(sources, (), (), _PATIENCE_S)
        if not ready:
            raise SoundCloudError("nobody has signed in for ten minutes; begin again")
        if sys.stdin in ready:
            return sign_in.code(sys.stdin.readline().strip())
        if code := listener.take():
            return code
