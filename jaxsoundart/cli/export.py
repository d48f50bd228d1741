"""`jaxsoundart export`."""

from argparse import Namespace

from jaxsoundart import output
from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import ArgumentError, PictureError
from jaxsoundart.picture import pixels, png


def run(options: Namespace, progress: Progress) -> int:
    """Makes files for stores of some pictures; returns the exit code."""
    if options.title != texts.AUTO:
        texts.export_of(options, None)
    if not options.stores and options.title is None:
        raise ArgumentError("nothing to make; name a --store, a --title, or both")
    folders = {options.output or picture.parent for picture in options.pictures}
    for folder in folders:
        output.check_writable(folder)
    made = []
    for picture in options.pictures:
        progress.about(picture.name)
        progress.stage("write")
        try:
            image, record = png.read(picture)
        except PictureError:
            # Somebody else's picture, or one that forgot: it is still a picture.
            image, record = pixels.read_whole(picture), None
        export = texts.export_of(options, None if record is None else record.song)
        folder = options.output or picture.parent
        folder.mkdir(parents=True, exist_ok=True)
        files = output.export(folder / picture.name, image, record, export)
        made.append({"picture": str(picture), "exports": list(map(str, files))})
        if not options.json:
            for file in files:
                terminal.say(str(file))
    if options.json:
        terminal.document({"pictures": made, "seconds": progress.report()})
    return 0
