"""Where covers are made: a listener and a painter, loaded once for many songs."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import jax

from jaxsoundart import paint as painting
from jaxsoundart import recording
from jaxsoundart.arrays import Image, Mask
from jaxsoundart.commission import Commission, Cover
from jaxsoundart.compose import wishes
from jaxsoundart.compose.brief import Brief, Reason
from jaxsoundart.compose.prompt import AS_ASKED, compose
from jaxsoundart.draft import Draft, Heard
from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen import parts
from jaxsoundart.listen.ear import Ear
from jaxsoundart.listen.opening import open_listener
from jaxsoundart.paint.checkpoints.vocabulary import known_words, warn_of_unknown
from jaxsoundart.paint.hand import Hand, as_hand
from jaxsoundart.paint.order import Order, Settled
from jaxsoundart.paint.painter import Painter
from jaxsoundart.paint.watch import Watch, unwatched
from jaxsoundart.picture import pixels
from jaxsoundart.picture.record import Painting, Record, Versions, today
from jaxsoundart.recording import Recording
from jaxsoundart.sound import analysis, sections, traits

Stage = Callable[[str], None]
"""Told the name of the piece of work that begins now."""


class Studio:
    """Makes the covers of any number of songs to one commission.

    Example:
        >>> studio = Studio(Commission(count=4))                    # doctest: +SKIP
        >>> drafts = [studio.draft(song) for song in songs]         # doctest: +SKIP
        >>> covers = studio.paint(drafts)                           # doctest: +SKIP
    """

    def __init__(
        self,
        commission: Commission,
        *,
        listener: str | Path = "bundled",
        painter: str | Path | Hand = "bundled",
    ):
        """Nothing is loaded before it is needed, or before `load`.

        Args:
            commission: What is asked for.
            listener: "bundled", a folder, or a hub repository's id.
            painter: The same, a `.safetensors` file, or any of these as a `Hand`.
        """
        self.commission = commission
        self._listener_id = listener
        self._hand = as_hand(painter)

    @cached_property
    def listener(self) -> Ear:
        """The ear."""
        return open_listener(self._listener_id)

    @cached_property
    def painter(self) -> Painter:
        """The hand."""
        return painting.open_painter(self._hand)

    @cached_property
    def vocabulary(self) -> frozenset[str] | None:
        """The words the painter knows; known without loading its weights."""
        words = known_words(self._hand.painter)
        asked = self.commission
        own = (asked.prompt or "", asked.style, asked.negative)
        warn_of_unknown(", ".join(own), words)
        return words

    def on(self, commission: Commission) -> "Studio":
        """Returns a studio for another commission, with the same models loaded."""
        other = Studio(commission, listener=self._listener_id, painter=self._hand)
        for model in ("listener", "painter", "vocabulary"):
            if model in vars(self):
                vars(other)[model] = vars(self)[model]
        return other

    def load(self) -> None:
        """Loads both models now, and checks that the painter can do what is asked.

        Raises:
            ArgumentError: The painter cannot paint with such settings.
            ModelError: A model cannot be loaded.
        """
        _ = self.listener
        self.load_painter()

    def load_painter(self) -> None:
        """Loads the painter now, as `load` does."""
        self.painter.load(self.commission.settings)

    def hear(
        self, song: str | Path | Recording, *, stage: Stage = lambda name: None
    ) -> Heard:
        """Listens to a song.

        Args:
            song: A sound file, or what was read of one.
            stage: Told of "read", "analyse", "listen".

        Raises:
            SoundFileError: The song cannot be read or is no sound.
            ModelError: The listener cannot be loaded.
        """
        stage("read")
        read = song if isinstance(song, Recording) else recording.read(song)
        waveform = read.waveform
        stage("analyse")
        asked = self.commission.seed
        seed = int(read.song.sha256[:8], 16) if asked is None else asked
        analysed = analysis.analyse(waveform)
        excerpts = sections.find_excerpts(
            analysed, parts.parse(self.commission.excerpts), seed=seed
        )
        measured = traits.measure(analysed)
        stage("listen")
        return Heard(
            song=read.song,
            hearing=self.listener.hear(waveform, excerpts, measured),
            seed=seed,
        )

    def draft(
        self, song: str | Path | Recording, *, stage: Stage = lambda name: None
    ) -> Draft:
        """Hears a song and writes the orders for its pictures; paints nothing.

        Args:
            song: A sound file, or what was read of one.
            stage: Told of "read", "analyse", "listen", "compose".

        Raises:
            ArgumentError: The wishes contradict each other, or leave nothing to paint.
            SoundFileError: The song cannot be read or is no sound.
            ModelError: The listener, or the painter's list of words, cannot be loaded.
        """
        heard = self.hear(song, stage=stage)
        stage("compose")
        asked = self.commission
        briefs = compose(
            heard.hearing,
            count=asked.count,
            style=asked.style,
            prompt=asked.prompt,
            negative=asked.negative,
            atmosphere=asked.atmosphere,
            vocabulary=self.vocabulary,
        )
        return Draft(
            song=heard.song,
            hearing=heard.hearing,
            briefs=briefs,
            seeds=painting.seeds(heard.seed, asked.count),
            guidance=asked.guidance,
        )

    def draft_words(self) -> Draft:
        """Writes the orders for pictures of the commission's own words, of no song.

        Raises:
            ArgumentError: The commission has no prompt.
            ModelError: The painter's list of words cannot be loaded.
        """
        asked = self.commission
        if asked.prompt is None:
            raise ArgumentError("without a song a prompt is needed; say what to paint")
        _ = self.vocabulary
        own = wishes.read(
            prompt=asked.prompt, style=asked.style, negative=asked.negative
        )
        unwanted = tuple(
            Reason(phrase=phrase, side="negative prompt", evidence="--negative")
            for phrase in own.negative
        )
        brief = Brief(
            prompt=", ".join(reason.phrase for reason in own.wanted),
            negative_prompt=", ".join(own.negative),
            reasons=(*own.wanted, *unwanted),
            atmosphere=AS_ASKED,
        )
        return Draft(
            song=None,
            hearing=None,
            briefs=(brief,) * asked.count,
            seeds=painting.seeds(asked.seed or 0, asked.count),
            guidance=asked.guidance,
        )

    def paint(
        self,
        drafts: Sequence[Draft],
        *,
        over: Image | None = None,
        mask: Mask | None = None,
        watch: Watch = unwatched,
        every_step: bool = False,
    ) -> tuple[tuple[Cover, ...], ...]:
        """Returns the covers of each draft.

        A cover does not depend on the songs painted with it; several fill more devices.

        Args:
            drafts: From `draft`.
            over: A picture to paint all of them over, of the size to paint at.
            mask: Where it is painted anew, 255, and where it stays, 0.
            watch: Told a few times a picture how far the work is.
            every_step: Whether it is told after every step instead.

        Raises:
            ArgumentError: The painter cannot paint with such settings, or the size of
                `over` or `mask` is another.
            ModelError: The painter cannot be loaded.
        """
        settings = self.painter.settle(self.commission.settings)
        pictures = [
            (draft, brief, self._order(draft, nth))
            for draft in drafts
            for nth, brief in enumerate(draft.briefs)
        ]
        orders = [order for _, _, order in pictures]
        images = self.painter.paint(
            orders, settings, over=over, mask=mask, watch=watch, every_step=every_step
        )
        covers = iter(
            Cover(
                image=image,
                record=Record(
                    song=draft.song,
                    hearing=draft.hearing,
                    brief=brief,
                    painting=self._painting(order, settings, over, mask),
                    versions=Versions.installed(),
                    painted_on=today(),
                ),
            )
            for (draft, brief, order), image in zip(pictures, images, strict=True)
        )
        return tuple(
            tuple(itertools.islice(covers, len(draft.briefs))) for draft in drafts
        )

    def _order(self, draft: Draft, nth: int) -> Order:
        brief, seed, vary = draft.briefs[nth], draft.seeds[nth], self.commission.vary
        order = Order(
            prompt=brief.prompt,
            negative_prompt=brief.negative_prompt,
            seed=seed,
            guidance=draft.guidance,
        )
        if vary is not None and nth > 0:
            order = dataclasses.replace(
                order, seed=draft.seeds[0], variation=vary, variation_seed=seed
            )
        return self.painter.settle_order(order)

    def _painting(
        self, order: Order, settings: Settled, over: Image | None, mask: Mask | None
    ) -> Painting:
        """Returns what a record says of how a picture was painted."""
        model = self.painter.model
        assert order.guidance is not None
        return Painting(
            painter=model.name,
            painter_sha256=model.sha256,
            licence=model.licence,
            changes=model.changes,
            seed=order.seed,
            guidance=order.guidance,
            variation=order.variation,
            variation_seed=order.variation_seed,
            settings=settings,
            backend=jax.default_backend(),
            over_sha256=None if over is None else pixels.digest(over),
            mask_sha256=None if mask is None else pixels.digest(mask),
        )
