"""`jaxsoundart cover` and `jaxsoundart compose`."""

import itertools
from argparse import Namespace
from pathlib import Path

from jaxsoundart import output
from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.draft import Draft
from jaxsoundart.errors import PictureError, SoundArtError
from jaxsoundart.picture.schema import plain
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
    codes: list[int] = []
    for song in _each_once(options.songs):
        progress.about(Path(song).name)
        try:
            reports.append({"file": song, **_cover(studio, song, options, progress)})
            codes.append(0)
        except SoundArtError as error:
            terminal.complain(str(error))
            reports.append({"file": song, "error": str(error)})
            codes.append(error.exit_code)
            if isinstance(error, PictureError):
                break  # a full disk is no better for the next song
    if options.json:
        terminal.document({"songs": reports, "seconds": progress.report()})
    failed = [code for code in codes if code]
    return 1 if failed and 0 in codes else max(failed, default=0)


def _compose(studio: Studio, options: Namespace, progress: Progress) -> int:
    draft = studio.draft(options.song, stage=progress.stage)
    if options.json:
        content = texts.draft_json(draft)
        terminal.document({**content, "seconds": progress.report()})
    else:
        _say_briefs(draft, options, terminal.say)
    return 0


def _cover(studio: Studio, song: str, options: Namespace, progress: Progress) -> dict:
    """Makes the covers of one song; returns what `--json` says of it."""
    draft = studio.draft(song, stage=progress.stage)
    if options.dry_run:
        if not options.json:
            terminal.say(song)
            _say_briefs(draft, options, terminal.say)
        return texts.draft_json(draft)
    if options.explain:
        _say_briefs(draft, options, terminal.tell)
    export = texts.export_of(options, draft.song)
    with progress.painting(studio):
        (covers,) = studio.paint([draft], watch=progress.watch)
    progress.stage("write")
    paths = output.write(options.output, covers, base=_base(options.output, draft))
    sheet = paths[len(covers) :]
    exported = [
        output.export(path, cover.image, cover.record, export)
        for path, cover in zip(paths, covers, strict=False)
    ]
    carriers = []
    if options.embed:
        # The song that carries a picture is called like the picture.
        carriers.append(paths[0].with_suffix(Path(song).suffix))
        jpeg = export.for_tags(covers[0].image, covers[0].record)
        tags.copy_with_cover(Path(song), carriers[0], jpeg)
    progress.end()
    if not options.json:
        for path in itertools.chain(paths, *exported, carriers):
            terminal.say(str(path))
    return {
        "covers": [
            {
                "file": str(path),
                "record": plain(cover.record),
                "exports": list(map(str, files)),
            }
            for path, cover, files in zip(paths, covers, exported, strict=False)
        ],
        "sheet": str(sheet[0]) if sheet else None,
        "song": str(carriers[0]) if carriers else None,
    }


def _base(folder: Path, draft: Draft) -> str:
    song = draft.song
    assert song is not None
    return output.base_name(
        folder,
        Path(song.file_name).stem,
        song.sha256,
        output.of_song(song.sha256),
    )


def _say_briefs(draft: Draft, options: Namespace, say) -> None:
    for nth, brief in enumerate(draft.briefs, 1):
        for line in texts.brief_lines(brief, nth, explain=options.explain):
            say(line)


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
