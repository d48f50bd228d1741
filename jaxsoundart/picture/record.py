"""What a cover remembers: the song, what was heard, the words and why, the settings.

A record is enough to paint the picture again, and to tell a store how it came to be. It
speaks of one picture only, never of the batch it was painted in, because a picture does
not depend on that. No JAX here.
"""

import json
import os
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from jaxsoundart.compose.brief import Brief
from jaxsoundart.errors import PictureError
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.paint.order import Settled
from jaxsoundart.picture.schema import plain, strict

SCHEMA = 5


@dataclass(frozen=True, kw_only=True)
class Song:
    """The file a cover was made for.

    Attributes:
        file_name: Name without folders: a published cover tells nobody's paths.
        title: From the file's tags, or where the file is from; else the file's name.
        artist: From there, too; empty where nobody is named.
        sha256: Of the file's bytes, in hexadecimal.
        duration_s: Length in seconds.
    """

    file_name: str
    title: str
    artist: str
    sha256: str
    duration_s: float


@dataclass(frozen=True, kw_only=True)
class Painting:
    """Everything besides the words that a picture's pixels depend on.

    Attributes:
        painter: The model as it was asked for: "bundled", a folder, a hub repository.
        painter_sha256: Hash of its weights, its schedule and what changed them.
        licence: Of its weights, as its card names it; None where none is named.
        seed: 0 to 2³² - 1.
        guidance: Classifier-free guidance scale; 1 is the prompt alone.
        settings: How it was painted.
        backend: What computed it ("cpu", "gpu", "tpu"): on the same one, replaying
            gives the same bits.
        changes: Names of the files with low-rank changes, and of another VAE.
        variation: How far the noise was turned towards another seed's.
        variation_seed: The other seed.
        over_sha256: Hash of the pixels it was painted over; None if from noise alone.
        mask_sha256: Hash of the mask of what was painted anew; None without one.
    """

    painter: str
    painter_sha256: str
    seed: int
    guidance: float
    settings: Settled
    backend: str
    licence: str | None = None
    changes: tuple[str, ...] = ()
    variation: float = 0.0
    variation_seed: int = 0
    over_sha256: str | None = None
    mask_sha256: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"seed {self.seed} is not in 0 to 4294967295")
        for name in ("steps", "width_px", "height_px"):
            if getattr(self.settings, name) < 1:
                value = getattr(self.settings, name)
                raise ValueError(f"{name} {value} is not positive")


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The software that painted."""

    jaxsoundart: str
    jax: str
    flax: str
    python: str

    @classmethod
    def installed(cls) -> "Versions":
        """Returns the versions installed here, without importing any of them."""
        return cls(
            jaxsoundart=version("jaxsoundart"),
            jax=version("jax"),
            flax=version("flax"),
            python=platform.python_version(),
        )


def today() -> str:
    """Returns the day for records, as YYYY-MM-DD, in universal time.

    The variable SOURCE_DATE_EPOCH, in seconds since 1970, stands for the clock where it
    is set: what is made again on another day can be the same to the byte.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(given) if given.isdecimal() else time.time()
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one picture remembers.

    Attributes:
        song: The song; None for a picture painted from words alone.
        hearing: What was heard, in which excerpts, by which listener; None likewise.
        brief: Prompt, negative prompt, the reason for every word, atmosphere.
        painting: Painter, seed and settings.
        versions: The software.
        painted_on: The day, as YYYY-MM-DD, in universal time.
    """

    song: Song | None
    hearing: Hearing | None
    brief: Brief
    painting: Painting
    versions: Versions
    painted_on: str

    def to_json(self) -> str:
        """Returns the record as indented JSON text, the same for equal records.

        Raises:
            PictureError: It holds a number JSON cannot say (NaN, infinity).
        """
        content = {"schema": SCHEMA, **plain(self)}
        try:
            text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        except ValueError as error:
            raise PictureError(
                f"the picture's record is not writable: {error}"
            ) from None
        # File names that are no UTF-8 reach Python with lone surrogates; escaped they
        # are valid JSON and read back as they were.
        return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def from_json(text: str) -> Record:
    r"""Returns the record that `Record.to_json` wrote.

    Raises:
        PictureError: The text is no record, is damaged, or is of another schema.

    Example:
        >>> from_json("{}")
        Traceback (most recent call last):
        jaxsoundart.errors.PictureError: not a record of jaxsoundart: no schema number
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PictureError(f"the record is damaged: {error}") from None
    if not isinstance(content, dict) or "schema" not in content:
        raise PictureError("not a record of jaxsoundart: no schema number")
    schema = content.pop("schema")
    if type(schema) is not int or schema != SCHEMA:
        raise PictureError(
            f"the record has schema {schema!r}, this jaxsoundart reads {SCHEMA}; "
            "use the version that painted it"
        )
    try:
        return strict(Record, content, "record")
    except ValueError as error:
        raise PictureError(f"the record is damaged: {error}") from None
