"""Where pictures are painted and looked at: one call to the painter at a time."""

import hashlib
import io
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import PIL.Image

from jaxsoundart.arrays import Image
from jaxsoundart.commission import Cover
from jaxsoundart.paint.watch import Glimpse
from jaxsoundart.picture import png
from jaxsoundart.serve.board import Board
from jaxsoundart.serve.job import Job, Picture
from jaxsoundart.serve.store import GoneError, Store
from jaxsoundart.serve.views import Progress
from jaxsoundart.studio import Studio

_PREVIEW_PX = 128


@dataclass(frozen=True)
class Place:
    """A picture that is to be painted.

    Attributes:
        job: Whose it is.
        n: Its number, from 1.
    """

    job: Job
    n: int


class Easel:
    """Paints pictures of any jobs together.

    Attributes:
        progress: How far the painting of each job is, by ids.
    """

    def __init__(
        self,
        studio: Studio,
        store: Store,
        board: Board,
        *,
        check: Callable[[Sequence[str]], None],
        finished: Callable[[Job], Job],
    ):
        """Makes an easel.

        Args:
            studio: With the models, and the settings of all pictures.
            store: Where pictures go.
            board: Told of every step.
            check: Called after every step with the ids of all jobs; what it raises
                ends the painting.
            finished: Returns what a job becomes with its last picture.
        """
        self._studio, self._store, self._board = studio, store, board
        self._check, self._as_finished = check, finished
        self.progress: dict[str, Progress] = {}

    @property
    def capacity(self) -> int:
        """Pictures that are painted at once."""
        return self._studio.painter.engine.capacity

    def paint(self, places: Sequence[Place]) -> None:
        """Paints some pictures and keeps each whose job is still there.

        Raises:
            SoundArtError: One of them cannot be painted, or not be kept.
        """
        for id in self.progress.keys() - {place.job.id for place in places}:
            self.progress.pop(id, None)
        covers = self._studio.paint(
            [place.job.draft(place.n) for place in places],
            watch=lambda glimpse: self._watch(places, glimpse),
            every_step=True,
        )
        for place, (cover,) in zip(places, covers, strict=True):
            try:
                self._finished(place, cover)
            except GoneError:
                continue

    def _finished(self, place: Place, cover: Cover) -> None:
        """Keeps a picture, and tells of it; the last one finishes its job."""
        content = png.encode(cover.image, record=cover.record.to_json())
        height_px, width_px = cover.image.shape[:2]
        picture = Picture(
            n=place.n,
            width_px=width_px,
            height_px=height_px,
            digest=hashlib.sha256(content).hexdigest()[:32],
        )
        self._store.write_picture(place.job.id, picture, content)

        def added(job: Job) -> Job:
            others = tuple(other for other in job.pictures if other.n != place.n)
            more = replace(job, pictures=(*others, picture))
            return more if more.missing else self._as_finished(more)

        self._store.change(place.job.id, added)

    def _watch(self, places: Sequence[Place], glimpse: Glimpse) -> None:
        """Is called after every step."""
        self._check([place.job.id for place in places])
        begun = [places[number] for number in glimpse.numbers]
        for place in reversed(begun):
            self.progress[place.job.id] = Progress(
                picture=place.n,
                pictures=len(place.job.briefs),
                step=glimpse.step,
                steps=glimpse.steps,
            )
        if any(self._board.has_listeners(place.job.id) for place in begun):
            for place, image in zip(begun, glimpse.look(), strict=True):
                self._preview(place, image, glimpse)

    def _preview(self, place: Place, image: Image, glimpse: Glimpse) -> None:
        id = place.job.id
        if not self._board.has_listeners(id):
            return
        data = (
            f'{{"picture":{place.n},"step":{glimpse.step},"steps":{glimpse.steps},'
            f'"image":"{_data_url(image)}"}}'
        )
        self._board.tell(id, "preview", data, is_worked_on=True, is_over=False)


def _data_url(image: Image) -> str:
    """Returns a small picture of latents as a JPEG inside of a URL."""
    height, width = image.shape[:2]
    scale = _PREVIEW_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    file = io.BytesIO()
    smooth = PIL.Image.fromarray(image).resize(size, PIL.Image.Resampling.BICUBIC)
    smooth.save(file, format="JPEG", quality=80)
    return "data:image/jpeg;base64," + b64encode(file.getvalue()).decode("ascii")
