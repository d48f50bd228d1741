"""`jaxsoundart replay`."""

from argparse import Namespace

from jaxsoundart import output
from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import PictureError
from jaxsoundart.picture import png
from jaxsoundart.replay import replay


def run(options: Namespace, progress: Progress) -> int:
    """Paints a cover again and says whether it is the same; returns the exit code."""
    if options.output is not None:
        if options.output.suffix.lower() != ".png":
            raise PictureError(f"cannot write {options.output}: the name ends in .png")
        output.check_writable(options.output.parent)
    progress.stage("paint")
    _, record = png.read(options.picture)
    options.painter = options.painter or record.painting.painter
    again = replay(
        options.picture,
        painter=texts.hand_of(options),
        over=options.over,
        mask=options.mask,
    )
    if options.output is not None:
        progress.stage("write")
        options.output.parent.mkdir(parents=True, exist_ok=True)
        png.write(options.output, again.cover.image, again.cover.record)
    total = again.cover.image.shape[0] * again.cover.image.shape[1]
    if options.json:
        terminal.document(
            {
                "picture": str(options.picture),
                "is_equal": again.is_equal,
                "differing_pixels": again.differing_pixels,
                "largest_difference": again.largest_difference,
                "hint": again.hint,
                "file": None if options.output is None else str(options.output),
                "seconds": progress.report(),
            }
        )
    elif again.is_equal:
        terminal.say(f"{options.picture}: equal bit for bit")
    if again.is_equal:
        return 0
    terminal.complain(
        f"{options.picture} is not equal: {again.differing_pixels} of {total} pixels "
        f"differ, by at most {again.largest_difference} of 255"
        + (f" ({again.hint})" if again.hint else "")
    )
    return 1
