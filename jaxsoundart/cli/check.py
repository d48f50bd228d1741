"""`jaxsoundart check`."""

from argparse import Namespace

from jaxsoundart import output
from jaxsoundart.cli import terminal
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import ArgumentError, PictureError
from jaxsoundart.picture import pixels, png
from jaxsoundart.picture.schema import plain
from jaxsoundart.picture.stores.preview import preview
from jaxsoundart.picture.stores.rules import judge
from jaxsoundart.picture.stores.store import named


def run(options: Namespace, progress: Progress) -> int:
    """Says which rules pictures break; returns the exit code."""
    if options.preview is not None:
        if len(options.pictures) > 1:
            raise ArgumentError("--preview draws one picture; name one")
        output.check_writable(options.preview.parent)
    store = named(options.store)
    reports, code = [], 0
    for picture in options.pictures:
        try:
            verdict = judge(picture, store)
        except PictureError as error:
            terminal.complain(str(error))
            reports.append({"picture": str(picture), "error": str(error)})
            code = 1
            continue
        reports.append({"picture": str(picture), **plain(verdict)})
        code = 1 if verdict.breaches else code
        if options.json:
            continue
        for breach in verdict.breaches:
            terminal.say(f"{picture}: {breach.rule}: {breach.got}, not {breach.wanted}")
        if not verdict.breaches:
            terminal.say(f"{picture}: fit for {options.store}")
    if options.preview is not None and "error" not in reports[0]:
        image = pixels.read_whole(options.pictures[0])
        png.write_plain(options.preview, preview(image))
    if options.json:
        terminal.document({"store": options.store, "pictures": reports})
    return code
