"""What can be asked for, for a page to offer it."""

from pydantic import BaseModel

from jaxsoundart.compose import lexicon
from jaxsoundart.picture.stores.store import stores
from jaxsoundart.serve.job import Wish
from jaxsoundart.serve.limits import Limits
from jaxsoundart.sound.waveform import Part
from jaxsoundart.studio import Studio


class CountView(BaseModel):
    """How many pictures a song may get."""

    least: int
    most: int
    usual: int


class StoreView(BaseModel):
    """A store that files are made for."""

    id: str
    name: str
    width_px: int
    height_px: int
    formats: list[str]


class LimitsView(BaseModel):
    """What is taken and how long it is kept."""

    upload_bytes: int
    duration_s: float
    keep_s: float


class OptionsView(BaseModel):
    """What can be asked for."""

    count: CountView
    atmospheres: list[str]
    excerpts: list[str]
    stores: list[StoreView]
    limits: LimitsView
    painter: str
    listener: str
    size_px: int


def options(studio: Studio, limits: Limits) -> OptionsView:
    """Returns what can be asked of a studio within limits."""
    painter, settings = studio.painter, studio.commission.settings
    settled = painter.settle(settings)
    scale = settled.enlarge
    if settled.upscale:
        assert painter.model.upscaler is not None
        scale *= painter.model.upscaler.config.factor
    return OptionsView(
        count=CountView(
            least=1, most=limits.pictures, usual=min(Wish().count, limits.pictures)
        ),
        atmospheres=[lexicon.AS_HEARD, *lexicon.load().atmospheres],
        excerpts=[part.value for part in Part],
        stores=[
            StoreView(
                id=id,
                name=store.name,
                width_px=store.size_px[0],
                height_px=store.size_px[1],
                formats=list(store.made),
            )
            for id, store in stores().items()
        ],
        limits=LimitsView(
            upload_bytes=limits.upload_bytes,
            duration_s=limits.duration_s,
            keep_s=limits.keep_s,
        ),
        painter=painter.model.name,
        listener=studio.listener.id,
        size_px=round(settled.width_px * scale),
    )
