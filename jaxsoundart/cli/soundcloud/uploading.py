"""Which picture goes to SoundCloud, and its way there."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from jaxsoundart.cli import terminal
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import SoundCloudError
from jaxsoundart.soundcloud.session import SoundCloud
from jaxsoundart.soundcloud.track import Track


def upload(
    session: SoundCloud,
    track: Track,
    files: Sequence[Path],
    options: Namespace,
    progress: Progress,
) -> Path | None:
    """Uploads the file that is chosen; returns it, or None if none is.

    Args:
        session: Of the user whose track it is.
        track: Whose artwork it is to be.
        files: One for each picture.
        options: `yes`, the number of the one, and `replace`.
        progress: Told of it.

    Raises:
        SoundCloudError: It could not be uploaded; the files are there still.
    """
    if track.has_artwork and not options.replace:
        terminal.tell(f"{track.title}: has artwork, which stays; --replace replaces it")
        return None
    nth = options.yes or _asked(track, len(files))
    if not nth:
        return None
    file = files[nth - 1]
    progress.stage("upload")
    try:
        # Painting takes a while, in which somebody may have uploaded another.
        if session.track(track.urn).has_artwork and not options.replace:
            terminal.tell(f"{track.title}: has artwork by now, which stays")
            return None
        after = session.put_artwork(track, file.read_bytes())
    except (SoundCloudError, OSError) as error:
        raise SoundCloudError(
            f"{error}; {file} is not uploaded: run this again, or upload it by hand"
        ) from error
    progress.end()
    if not after.has_artwork:
        terminal.tell(f"{track.title}: SoundCloud took it but shows no artwork yet")
    if not options.json:
        terminal.say(f"{track.urn}  uploaded  {file}")
    return file


def _asked(track: Track, count: int) -> int:
    """Returns the number of the picture that the user wants; 0 for none."""
    if not terminal.can_ask():
        terminal.tell(f"{track.title}: nothing is uploaded without a terminal or --yes")
        return 0
    choices = "1" if count == 1 else f"1 to {count}"
    while True:
        said = terminal.ask(f"{track.title}: upload picture {choices}, or none?")
        if said is None or said.casefold() in ("", "0", "n", "no", "none"):
            return 0
        if said.isdecimal() and 1 <= int(said) <= count:
            return int(said)
