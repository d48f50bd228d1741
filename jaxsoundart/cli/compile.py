"""`jaxsoundart compile`."""

from argparse import Namespace

from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import ArgumentError
from jaxsoundart.runtime.compilation import cache_folder


def run(options: Namespace, progress: Progress) -> int:
    """Compiles what painting will take and keeps it; returns the exit code."""
    if options.long < 1:
        raise ArgumentError(f"--long is {options.long}; use at least 1")
    studio = texts.studio_of(options)
    progress.stage("load")
    studio.load_painter()
    progress.stage("compile")
    painter, asked = studio.painter, studio.commission
    seconds = painter.compile(
        asked.settings, guidance=asked.guidance, chunks=options.long
    )
    width_px, height_px = painter.size_px(asked.settings)
    if options.json:
        terminal.document(
            {
                "painter": painter.model.name,
                "width_px": width_px,
                "height_px": height_px,
                "compile_s": round(seconds, 3),
                "cache": str(cache_folder()),
                "seconds": progress.report(),
            }
        )
    else:
        terminal.say(
            f"{painter.model.name}, {width_px}×{height_px} px: compiled in "
            f"{seconds:.1f} s, kept in {cache_folder()}"
        )
    return 0
