"""`jaxsoundart paint`."""

import hashlib
import re
from argparse import Namespace

from jaxsoundart import output
from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import ArgumentError
from jaxsoundart.picture import pixels
from jaxsoundart.picture.schema import plain

_NAME_CHARACTERS = 48


def run(options: Namespace, progress: Progress) -> int:
    """Paints pictures of words; returns the exit code."""
    studio = texts.studio_of(options)
    if "strength" in options and options.over is None:
        raise ArgumentError("--strength needs --over, the picture to paint over")
    if options.mask is not None and options.over is None:
        raise ArgumentError("--mask needs --over, the picture to paint over")
    output.check_writable(options.output)
    draft = studio.draft_words()
    progress.stage("load")
    studio.load_painter()
    size = studio.painter.size_px(studio.commission.settings)
    over = None if options.over is None else pixels.read(options.over, *size)
    mask = None if options.mask is None else pixels.read_mask(options.mask, *size)
    with progress.painting(studio):
        (covers,) = studio.paint([draft], over=over, mask=mask, watch=progress.watch)
    progress.stage("write")
    brief = draft.briefs[0]
    words = re.sub(r"\W+", "-", brief.prompt)[:_NAME_CHARACTERS].strip("-")
    said = (brief.prompt, brief.negative_prompt)
    base = output.base_name(
        options.output,
        words or "painting",
        hashlib.sha256("\n".join(said).encode()).hexdigest(),
        lambda record: (
            (record.brief.prompt, record.brief.negative_prompt) == said
            and record.song is None
        ),
    )
    paths = output.write(options.output, covers, base=base)
    if options.json:
        pictures = [
            {"file": str(path), "record": plain(cover.record)}
            for path, cover in zip(paths, covers, strict=False)
        ]
        sheet = str(paths[-1]) if len(covers) > 1 else None
        terminal.document(
            {"pictures": pictures, "sheet": sheet, "seconds": progress.report()}
        )
    else:
        for path in paths:
            terminal.say(str(path))
    return 0
