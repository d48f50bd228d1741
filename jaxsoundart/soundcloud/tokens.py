"""Access tokens: kept in one file for its owner alone, renewed before they end.

Client-credentials tokens are few (50 in twelve hours for an app), and a refresh token
serves once: both are written down the moment they come.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jaxsoundart.errors import SoundCloudError

_MARGIN_S = 60.0


@dataclass(frozen=True)
class Token:
    """An access token.

    Attributes:
        access: What requests carry.
        refresh: What it is renewed with, once; "" where it cannot be.
        ends_s: When it ends, seconds since 1970.
        user: Whether it speaks for a user who signed in, not for the app alone.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    ends_s: float
    user: bool

    @classmethod
    def read(cls, answer: Mapping[str, Any], *, user: bool) -> "Token":
        """Returns the token of an answer of the token endpoint.

        Raises:
            SoundCloudError: The answer holds none.
        """
        if not isinstance(answer.get("access_token"), str):
            raise SoundCloudError(
                "SoundCloud's answer holds no access token; try again"
            )
        return cls(
            access=answer["access_token"],
            refresh=str(answer.get("refresh_token") or ""),
            ends_s=time.time() + float(answer.get("expires_in") or 0.0),
            user=user,
        )

    @property
    def fresh(self) -> bool:
        """Whether it serves for a while."""
        return time.time() < self.ends_s - _MARGIN_S


class TokenFile:
    """The file that the last token is kept in."""

    def __init__(self, path: Path):
        """Reads nothing yet."""
        self._path = path

    @classmethod
    def of_user(cls) -> "TokenFile":
        """Returns the user's own: `jaxsoundart/soundcloud.json` in the config folder.

        That is `XDG_CONFIG_HOME`, else `~/.config`.

        Raises:
            SoundCloudError: The user has no home.
        """
        try:
            given = os.environ.get("XDG_CONFIG_HOME")
            folder = Path(given) if given else Path.home() / ".config"
        except RuntimeError:
            raise SoundCloudError(
                "there is no home folder to keep a token in; set XDG_CONFIG_HOME"
            ) from None
        return cls(folder / "jaxsoundart" / "soundcloud.json")

    def last(self) -> Token | None:
        """Returns the last token; a file that is none counts as none."""
        try:
            return Token(**json.loads(self._path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, token: Token) -> None:
        """Writes a token down, readable for its owner alone, whole or not at all.

        Raises:
            SoundCloudError: It cannot be written.
        """
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                json.dump(asdict(token), file)
                file.flush()
                os.fsync(handle)
            part.replace(self._path)
        except OSError as error:
            raise SoundCloudError(
                f"the token cannot be kept in {self._path}: {error.strerror}"
            ) from error
