"""`jaxsoundart listen`."""

from argparse import Namespace

from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.picture.schema import plain
from jaxsoundart.studio import Studio


def run(options: Namespace, progress: Progress) -> int:
    """Says what is heard in a song; returns the exit code."""
    studio = Studio(texts.commission_of(options), listener=options.listener)
    heard = studio.hear(options.song, stage=progress.stage)
    if options.json:
        content = {"song": plain(heard.song), "hearing": plain(heard.hearing)}
        terminal.document({**content, "seconds": progress.report()})
        return 0
    terminal.say(options.song)
    for line in texts.hearing_lines(heard.hearing):
        terminal.say(line)
    return 0
