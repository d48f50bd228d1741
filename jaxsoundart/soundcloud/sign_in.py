"""One sign-in: authorization code with a proof of who asked for it (PKCE).

Source: RFC 7636, method S256.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from jaxsoundart.errors import ArgumentError, SoundCloudError


def _secret() -> str:
    return secrets.token_urlsafe(48)


@dataclass(frozen=True)
class SignIn:
    """What only this sign-in knows.

    Attributes:
        verifier: Proves, when the code is redeemed, that it was asked for here.
        state: Tells the answer to this sign-in from any other's.
    """

    verifier: str = field(default_factory=_secret, repr=False)
    state: str = field(default_factory=_secret, repr=False)

    @property
    def challenge(self) -> str:
        """What is shown of the verifier beforehand."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def code(self, address: str) -> str:
        """Returns the code in the address that a user was sent to.

        Raises:
            ArgumentError: The address is not of this sign-in.
            SoundCloudError: The user, or SoundCloud, said no.
        """
        said = dict(parse_qsl(urlsplit(address).query))
        is_ours = secrets.compare_digest(
            said.get("state", "").encode(), self.state.encode()
        )
        if is_ours and "error" in said:
            raise SoundCloudError(f"SoundCloud refuses the sign-in: {said['error']}")
        if not is_ours or "code" not in said:
            raise ArgumentError("that address is not of this sign-in; begin again")
        return said["code"]
