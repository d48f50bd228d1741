"""`jaxsoundart cover` and `jaxsoundart compose`."""

from argparse import Namespace
from pathlib import Path

from jaxsoundart import output
from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.making import make
from jaxsoundart.cli.outcomes import Outcomes
from jaxsoundart.cli.progress import Progress
from jaxsoundart.sound import tags
from jaxsoundart.studio import Studio


def run(options: Namespace, progress: Progress) -> int:
    """Makes, or only drafts, the covers of all songs; returns the exit code."""
    studio = texts.studio_of(options)
    if options.command == "compose":
        return _compose(studio, options, progress)
    if options.title != texts.AUTO:
        texts.export_of(options, None)
    if options.embed:
        tags.check_writer()
    progress.stage("load")
    if options.dry_run:
        _ = studio.vocabulary
        _ = studio.listener
    else:
        output.check_writable(options.output)
        studio.load()
    reports: list[dict] = []
    outcomes = Outcomes()
    for song in _each_once(options.songs):
        progress.about(Path(song).name)
        reports.append({"file": song})
        with outcomes.of(reports[-1]):
            reports[-1].update(_cover(studio, song, options, progress))
        if outcomes.hopeless:
            break
    if options.json:
        terminal.document({"songs": reports, "seconds": progress.report()})
    return outcomes.exit_code


def _compose(studio: Studio, options: Namespace, progress: Progress) -> int:
    draft = studio.draft(options.song, stage=progress.stage)
    if options.json:
        content = texts.draft_json(draft)
        terminal.document({**content, "seconds": progress.report()})
    else:
        for line in texts.draft_lines(draft, explain=options.explain):
            terminal.say(line)
    return 0


def _cover(studio: Studio, song: str, options: Namespace, progress: Progress) -> dict:
    """Makes the covers of one song; returns what `--json` says of it."""
    draft = studio.draft(song, stage=progress.stage)
    if options.dry_run:
        if not options.json:
            terminal.say(song)
            for line in texts.draft_lines(draft, explain=options.explain):
                terminal.say(line)
        return texts.draft_json(draft)
    export = texts.export_of(options, draft.song)
    made = make(studio, draft, export, options, progress, stem=Path(song).stem)
    paths = list(made.paths())
    carrier = None
    if options.embed:
        # The song that carries a picture is called like the picture.
        carrier = made.pictures[0].with_suffix(Path(song).suffix)
        jpeg = export.for_tags(made.covers[0].image, made.covers[0].record)
        tags.copy_with_cover(Path(song), carrier, jpeg)
        paths.append(carrier)
    progress.end()
    if not options.json:
        for path in paths:
            terminal.say(str(path))
    return {**made.report(), "song": None if carrier is None else str(carrier)}


def _each_once(songs: list[str]) -> list[str]:
    """Returns the songs without those named twice."""
    once: dict[Path, str] = {}
    for song in songs:
        try:
            place = Path(song).resolve()
        except (OSError, ValueError, RuntimeError):
            place = Path(song)  # whatever is wrong with it is said when it is read
        if place in once:
            terminal.tell(f"{song} is named twice; it is painted once")
        once.setdefault(place, song)
    return list(once.values())
