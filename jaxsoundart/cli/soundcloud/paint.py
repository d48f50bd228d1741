"""`jaxsoundart soundcloud paint`: questions come when all tracks are painted."""

import dataclasses
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path

from jaxsoundart import output
from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.making import make
from jaxsoundart.cli.outcomes import Outcomes
from jaxsoundart.cli.progress import Progress
from jaxsoundart.cli.soundcloud.tracks import about, named
from jaxsoundart.cli.soundcloud.uploading import upload
from jaxsoundart.errors import ArgumentError, SoundCloudError
from jaxsoundart.soundcloud.audio import received
from jaxsoundart.soundcloud.session import SoundCloud
from jaxsoundart.soundcloud.track import Track
from jaxsoundart.studio import Studio

_STORE = "soundcloud"


@dataclass
class _Work:
    """A track, what is said of it, and the files that may be uploaded."""

    track: Track
    report: dict
    files: list[Path] = field(default_factory=list)


def run(session: SoundCloud, options: Namespace, progress: Progress) -> int:
    """Paints covers of tracks and uploads those chosen; returns the exit code."""
    studio = texts.studio_of(options)
    _check(studio, options)
    outcomes, reports = Outcomes(), []
    progress.stage("ask")
    works = _chosen(session, options, outcomes, reports)
    if works:
        output.check_writable(options.output)
        progress.stage("load")
        studio.load()
    for work in works:
        progress.about(work.track.title)
        with outcomes.of(work.report, f"{work.track.title}: "):
            _paint(session, studio, work, options, progress)
            if options.yes:
                _upload(session, work, options, progress)
        if outcomes.hopeless:
            break
    for work in works:
        if work.files and not options.yes:
            progress.about(work.track.title)
            with outcomes.of(work.report, f"{work.track.title}: "):
                _upload(session, work, options, progress)
    if options.json:
        terminal.document({"tracks": reports, "seconds": progress.report()})
    return outcomes.exit_code


def _check(studio: Studio, options: Namespace) -> None:
    """Raises for arguments that cannot be meant, and asks for SoundCloud's files."""
    if not options.tracks and not options.without_artwork:
        raise ArgumentError("nothing to paint; name a TRACK, or use --without-artwork")
    count = studio.commission.count
    if options.yes is not None and not 1 <= options.yes <= count:
        raise ArgumentError(
            f"--yes {options.yes} is none of the {count} pictures; use 1 to {count}"
        )
    if options.title != texts.AUTO:
        texts.export_of(options, None)
    others = [store for store in options.stores if store != _STORE]
    # The last file of every picture is SoundCloud's, with its lettering if it has any.
    options.stores = [*others, _STORE]


def _chosen(
    session: SoundCloud, options: Namespace, outcomes: Outcomes, reports: list[dict]
) -> list[_Work]:
    """Returns the tracks that are meant, each once; reports those there are none of."""
    own = list(session.own_tracks())
    chosen = {} if options.tracks else {track.urn: track for track in own}
    for name in options.tracks:
        try:
            track = named(own, name)
            chosen[track.urn] = track
        except SoundCloudError as error:
            reports.append({"track": name})
            outcomes.fail(reports[-1], error)
    works = [
        _Work(track, about(track))
        for track in chosen.values()
        if not (options.without_artwork and track.has_artwork)
    ]
    if not works:
        terminal.tell("there is no track to paint")
    reports.extend(work.report for work in works)
    return works


def _paint(
    session: SoundCloud,
    studio: Studio,
    work: _Work,
    options: Namespace,
    progress: Progress,
) -> None:
    """Makes the covers of one track; its sound is gone before it is painted."""
    progress.stage("receive")
    with received(session, work.track) as sound:
        draft = studio.draft(sound, stage=progress.stage)
    title, artist = work.track.title, work.track.artist
    assert draft.song is not None
    song = dataclasses.replace(draft.song, title=title, artist=artist)
    made = make(
        studio,
        dataclasses.replace(draft, song=song),
        texts.export_of(options, song),
        options,
        progress,
        stem=title,
    )
    progress.end()
    work.files = [files[-1] for files in made.exports]
    work.report.update(made.report())
    if not options.json:
        for path in made.paths():
            terminal.say(str(path))


def _upload(
    session: SoundCloud, work: _Work, options: Namespace, progress: Progress
) -> None:
    """Uploads one of a track's files, or none, and reports which."""
    sent = upload(session, work.track, work.files, options, progress)
    work.report["uploaded"] = None if sent is None else str(sent)
