"""What clients are shown of a job. The names are those of the interface."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.serve.job import Job, State

_MOST_LABELS = 12

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0)]


class SongView(BaseModel):
    """The file."""

    file_name: str
    title: str | None
    artist: str | None
    sha256: str
    duration_s: float


class SectionView(BaseModel):
    """A stretch that was listened to."""

    name: Literal["intro", "drop", "bar", "whole"]
    start_s: float
    end_s: float
    why: str


class LabelView(BaseModel):
    """Something heard."""

    label: str
    probability: Share


class HearingView(BaseModel):
    """What was heard: for each kind of thing its labels, most probable first."""

    heads: dict[str, list[LabelView]]
    tempo_bpm: float | None
    key: str
    loudness_db: float
    brightness_hz: float
    dynamics_db: float
    unsure: bool
    unsure_heads: list[str]
    listener: str


class ReasonView(BaseModel):
    """Why a phrase stands where it stands."""

    phrase: str
    side: Literal["prompt", "negative prompt"]
    evidence: str


class BriefView(BaseModel):
    """The order for one picture."""

    prompt: str
    negative_prompt: str
    atmosphere: str
    reasons: list[ReasonView]


class Progress(BaseModel):
    """How far the painting is."""

    picture: Count
    pictures: Count
    step: Count
    steps: Count


class PictureView(BaseModel):
    """A finished picture."""

    n: Annotated[int, Field(ge=1)]
    width_px: Annotated[int, Field(ge=1)]
    height_px: Annotated[int, Field(ge=1)]
    etag: str


class JobView(BaseModel):
    """A job; what is not known yet is null or empty."""

    id: str
    state: State
    created_at: datetime
    expires_at: datetime
    ahead: Count
    song: SongView
    waveform: list[Share]
    sections: list[SectionView]
    hearing: HearingView | None
    briefs: list[BriefView]
    progress: Progress | None
    pictures: list[PictureView]
    error: str | None


def view(job: Job, *, ahead: int = 0, progress: Progress | None = None) -> JobView:
    """Returns what is shown of a job.

    Args:
        job: The job.
        ahead: Jobs whose turn is before.
        progress: How far its painting is.
    """
    song = job.song
    return JobView(
        id=job.id,
        state=job.state,
        created_at=_time(job.created_s),
        expires_at=_time(job.expires_s),
        ahead=ahead,
        song=SongView(
            file_name=song.file_name,
            title=song.title or None,
            artist=song.artist or None,
            sha256=song.sha256,
            duration_s=song.duration_s,
        ),
        waveform=list(job.peaks),
        sections=_sections(job.hearing),
        hearing=_hearing(job.hearing),
        briefs=[
            BriefView(
                prompt=brief.prompt,
                negative_prompt=brief.negative_prompt,
                atmosphere=brief.atmosphere,
                reasons=[
                    ReasonView(phrase=r.phrase, side=r.side, evidence=r.evidence)
                    for r in brief.reasons
                ],
            )
            for brief in job.briefs
        ],
        progress=progress if job.state == State.PAINTING else None,
        pictures=[
            PictureView(
                n=picture.n,
                width_px=picture.width_px,
                height_px=picture.height_px,
                etag=f'"{picture.digest}"',
            )
            for picture in sorted(job.pictures, key=lambda picture: picture.n)
        ],
        error=job.error,
    )


def _sections(hearing: Hearing | None) -> list[SectionView]:
    excerpts = hearing.excerpts if hearing else ()
    return [
        SectionView(
            name=excerpt.part.value,
            start_s=excerpt.start_s,
            end_s=excerpt.end_s,
            why=excerpt.why,
        )
        for excerpt in sorted(excerpts, key=lambda excerpt: excerpt.start_s)
    ]


def _hearing(hearing: Hearing | None) -> HearingView | None:
    if hearing is None:
        return None
    traits = hearing.traits
    return HearingView(
        heads={
            head: [
                LabelView(label=label, probability=p)
                for label, p in list(labels.items())[:_MOST_LABELS]
            ]
            for head, labels in hearing.labels.items()
        },
        tempo_bpm=traits.tempo_bpm or None,
        key=traits.key,
        loudness_db=traits.loudness_db,
        brightness_hz=traits.brightness_hz,
        dynamics_db=traits.dynamics_db,
        unsure=bool(hearing.unsure),
        unsure_heads=list(hearing.unsure),
        listener=hearing.listener,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
