"""`jaxsoundart soundcloud`."""

from argparse import Namespace

from jaxsoundart.cli.progress import Progress
from jaxsoundart.soundcloud.app import App
from jaxsoundart.soundcloud.session import SoundCloud
from jaxsoundart.soundcloud.tokens import TokenFile


def run(options: Namespace, progress: Progress) -> int:
    """Does what was asked for in a session with SoundCloud; returns the exit code."""
    session = SoundCloud(App.of_environment(), TokenFile.of_user())
    match options.verb:
        case "login":
            from jaxsoundart.cli.soundcloud import login as command
        case "tracks":
            from jaxsoundart.cli.soundcloud import tracks as command
        case _:
            from jaxsoundart.cli.soundcloud import paint as command
    return command.run(session, options, progress)
