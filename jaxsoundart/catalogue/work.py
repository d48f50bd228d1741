"""The work on a catalogue: what has no covers yet is heard, painted and written."""

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaxsoundart import output
from jaxsoundart.catalogue.crew import Crew
from jaxsoundart.catalogue.manifest import Manifest, digest
from jaxsoundart.catalogue.songs import Entry
from jaxsoundart.draft import Draft
from jaxsoundart.paint.watch import Watch, unwatched
from jaxsoundart.studio import Studio

Tell = Callable[[str], None]


@dataclass(kw_only=True)
class Done:
    """How many songs were painted now, had covers before, and have none.

    Attributes:
        painted: Now.
        kept: Before.
        failed: For reasons that the manifest tells.
    """

    painted: int = 0
    kept: int = 0
    failed: int = 0

    @property
    def songs(self) -> int:
        """All of them."""
        return self.painted + self.kept + self.failed


class Work:
    """The work on some songs with one studio.

    Songs are heard ahead of the painting and written behind it; of neither more is
    kept than keeps the painter busy.
    """

    def __init__(self, studio: Studio, crew: Crew, manifest: Manifest):
        """Args: the studio, loaded; who hears and writes; what was done before."""
        self._studio = studio
        self._crew = crew
        self._manifest = manifest
        self.done = Done()

    def songs_at_once(self) -> int:
        """Returns how many songs are painted together: no device is left idle."""
        capacity = self._studio.painter.engine.capacity
        count = self._studio.commission.count
        return math.lcm(count, capacity) // count

    def do(
        self,
        entries: Sequence[Entry],
        *,
        ahead: int = 0,
        failing: Tell,
        going: Callable[[], None],
        watch: Watch = unwatched,
    ) -> Done:
        """Paints what is not painted yet; returns what was done.

        Args:
            entries: The songs.
            ahead: How many more songs than are painted at once are heard before.
            failing: Told why a song has no covers.
            going: Called whenever some songs are done.
            watch: Told how far a painting is.

        Raises:
            PictureError: Files cannot be written.
            ModelError: The painter cannot be loaded.
        """
        some = self.songs_at_once()
        heard = self._crew.hear(self._unpainted(entries), ahead=some + ahead)
        behind: list[Callable[[], None]] = []
        while batch := list(itertools.islice(heard, some)):
            writing = self._paint(batch, failing, watch)
            for settle in behind:
                settle()
            behind = writing
            going()
        for settle in behind:
            settle()
        going()
        return self.done

    def settings_of(self, entry: Entry) -> str:
        """Returns what tells from others all that covers depend on beside the song."""
        asked = entry.asked(self._studio.commission)
        return digest(
            {
                **dataclasses.asdict(asked),
                "listener": self._studio.listener.id,
                "painter": self._studio.painter.model.sha256,
            }
        )

    def _unpainted(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        for entry in entries:
            if self._manifest.has(entry.path, self.settings_of(entry)):
                self.done.kept += 1
            else:
                yield entry

    def _paint(
        self, batch: Sequence[tuple[Entry, Draft | str]], failing: Tell, watch: Watch
    ) -> list[Callable[[], None]]:
        """Paints songs that were heard; returns what waits until each is written."""
        drafted: list[tuple[Entry, Draft]] = []
        for entry, draft in batch:
            if isinstance(draft, Draft):
                drafted.append((entry, draft))
            else:
                failing(draft)
                self._manifest.failed(entry.path, error=draft)
                self.done.failed += 1
        if not drafted:
            return []
        painted = self._studio.paint([draft for _, draft in drafted], watch=watch)
        settling = []
        for (entry, draft), covers in zip(drafted, painted, strict=True):
            assert draft.song is not None
            sha256 = draft.song.sha256
            stem = entry.path.stem
            base = output.base_name(
                entry.folder,
                stem if entry.is_alone else f"{stem}-{sha256[:8]}",
                sha256,
                output.of_song(sha256),
            )
            written = self._crew.write(entry.folder, covers, base)
            settling.append(self._settling(entry, sha256, written))
        return settling

    def _settling(
        self, entry: Entry, sha256: str, written: Callable[[], list[Path]]
    ) -> Callable[[], None]:
        def settle() -> None:
            self._manifest.done(
                entry.path,
                sha256=sha256,
                settings=self.settings_of(entry),
                files=written(),
            )
            self.done.painted += 1

        return settle
