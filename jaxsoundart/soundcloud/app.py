"""The app that asks SoundCloud: everyone registers one of their own."""

import os
from dataclasses import dataclass, field

from jaxsoundart.errors import ArgumentError

REDIRECT = "http://127.0.0.1:8765/callback"
"""Where a user is sent who has signed in, unless the app was registered otherwise."""


@dataclass(frozen=True)
class App:
    """An app that is registered with SoundCloud.

    Attributes:
        id: Its client id.
        secret: Its client secret.
        redirect: Where a user is sent who has signed in.
    """

    id: str
    secret: str = field(repr=False)
    redirect: str = REDIRECT

    @classmethod
    def of_environment(cls) -> "App":
        """Returns the app that the environment names.

        Raises:
            ArgumentError: It names none.
        """
        names = ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI")
        id, secret, redirect = (os.environ.get(f"SOUNDCLOUD_{n}", "") for n in names)
        if not id or not secret:
            raise ArgumentError(
                "SOUNDCLOUD_CLIENT_ID and SOUNDCLOUD_CLIENT_SECRET are not set; "
                "register an app at soundcloud.com/you/apps"
            )
        return cls(id, secret, redirect or REDIRECT)
