"""Who asks: tokens for the app alone, or for a user who signed in."""

import base64
from urllib.parse import urlencode

from jaxsoundart.errors import SoundCloudError
from jaxsoundart.soundcloud import transport
from jaxsoundart.soundcloud.app import App
from jaxsoundart.soundcloud.sign_in import SignIn
from jaxsoundart.soundcloud.tokens import Token, TokenFile
from jaxsoundart.soundcloud.transport import RefusedError

_SIGN_IN = "sign in with `jaxsoundart soundcloud login`"


class Authorization:
    """Gets tokens and keeps them."""

    def __init__(self, app: App, tokens: TokenFile, place: str):
        """Asks nothing yet.

        Args:
            app: Who asks.
            tokens: Where tokens are kept.
            place: Where they come from.
        """
        self._app = app
        self._tokens = tokens
        self._place = place

    def token(self) -> Token:
        """Returns a token that serves.

        Raises:
            SoundCloudError: SoundCloud gives none.
        """
        last = self._tokens.last()
        return last if last is not None and last.fresh else self.renewed(last)

    def user_token(self) -> Token:
        """Returns a token that serves and speaks for a user.

        Raises:
            SoundCloudError: Nobody has signed in, or SoundCloud gives none.
        """
        last = self._tokens.last()
        if last is None or not last.user:
            raise SoundCloudError(f"nobody has signed in; {_SIGN_IN}")
        return self.token()

    def renewed(self, last: Token | None) -> Token:
        """Returns a new token in place of one that ended or was refused.

        Raises:
            SoundCloudError: SoundCloud gives none.
        """
        token = self._renewed(last)
        self._tokens.keep(token)
        return token

    def sign_in_address(self, sign_in: SignIn) -> str:
        """Returns the page where a user signs in."""
        asked = {
            "client_id": self._app.id,
            "redirect_uri": self._app.redirect,
            "response_type": "code",
            "code_challenge": sign_in.challenge,
            "code_challenge_method": "S256",
            "state": sign_in.state,
        }
        return f"{self._place}/authorize?{urlencode(asked)}"

    def redeem(self, code: str, sign_in: SignIn) -> None:
        """Gives the code that the page gave for the user's token, and keeps that.

        Raises:
            SoundCloudError: The code is refused.
        """
        given = {
            **self._credentials,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._app.redirect,
            "code_verifier": sign_in.verifier,
        }
        self._tokens.keep(self._asked(given, user=True))

    def _renewed(self, last: Token | None) -> Token:
        if last is not None and last.refresh:
            given = {
                **self._credentials,
                "grant_type": "refresh_token",
                "refresh_token": last.refresh,
            }
            try:
                return self._asked(given, user=last.user)
            except RefusedError as error:
                if error.status not in (400, 401):
                    raise
        if last is not None and last.user:
            raise SoundCloudError(f"the sign-in has ended; {_SIGN_IN}")
        pair = base64.b64encode(":".join(self._credentials.values()).encode())
        given = {"grant_type": "client_credentials"}
        return self._asked(given, user=False, authorization=f"Basic {pair.decode()}")

    @property
    def _credentials(self) -> dict[str, str]:
        return {"client_id": self._app.id, "client_secret": self._app.secret}

    def _asked(
        self, given: dict[str, str], *, user: bool, authorization: str | None = None
    ) -> Token:
        answer = transport.ask(
            transport.request(
                f"{self._place}/oauth/token",
                method="POST",
                body=urlencode(given).encode(),
                authorization=authorization,
                accept=transport.JSON,
                content_type="application/x-www-form-urlencoded",
            )
        )
        return Token.read(answer.document, user=user)
