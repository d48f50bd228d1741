"""`jaxsoundart soundcloud tracks`, and which tracks are meant."""

from argparse import Namespace
from collections.abc import Sequence

from jaxsoundart.cli import terminal
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import SoundCloudError
from jaxsoundart.soundcloud.session import SoundCloud
from jaxsoundart.soundcloud.track import Track


def run(session: SoundCloud, options: Namespace, progress: Progress) -> int:
    """Lists the user's tracks; returns the exit code."""
    progress.stage("ask")
    own = [
        track
        for track in session.own_tracks()
        if not (options.without_artwork and track.has_artwork)
    ]
    if options.json:
        listed = [{**about(track), "has_artwork": track.has_artwork} for track in own]
        terminal.document({"tracks": listed, "seconds": progress.report()})
        return 0
    for track in own:
        artwork = "artwork" if track.has_artwork else "-"
        terminal.say(f"{track.urn}  {artwork:7s}  {terminal.one_line(track.title)}")
    return 0


def about(track: Track) -> dict[str, str]:
    """Returns what `--json` says of which track it is."""
    return {"track": track.urn, "title": track.title, "page": track.page}


def named(own: Sequence[Track], name: str) -> Track:
    """Returns the one of a user's tracks that is called so.

    Args:
        own: The user's tracks.
        name: Its URN, or the address of its page.

    Raises:
        SoundCloudError: The user has no such track.
    """
    page = name.partition("?")[0].rstrip("/")
    for track in own:
        if name == track.urn or (track.page and page == track.page.rstrip("/")):
            return track
    raise SoundCloudError(
        f"{name} is none of your tracks; `jaxsoundart soundcloud tracks` lists them"
    )
