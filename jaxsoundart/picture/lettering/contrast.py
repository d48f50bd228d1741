"""How well a colour can be told from another.

Source: Web Content Accessibility Guidelines 2.2, relative luminance and contrast ratio.
"""

import numpy as np
from jaxtyping import Float, UInt8

# Level AA for text of any size.
READABLE = 4.5
_FLARE = 0.05
_WEIGHTS = np.asarray([0.2126, 0.7152, 0.0722], np.float32)
_SHARES = np.arange(256) / 255.0
_LINEAR = np.where(
    _SHARES <= 0.04045, _SHARES / 12.92, ((_SHARES + 0.055) / 1.055) ** 2.4
).astype(np.float32)


def luminance(colours: UInt8[np.ndarray, "*place 3"]) -> Float[np.ndarray, "*place"]:
    """Returns the relative luminance of sRGB colours, 0 (black) to 1 (white)."""
    return np.asarray(_LINEAR[colours] @ _WEIGHTS)


def ratio(
    one: Float[np.ndarray, "*#place"], other: Float[np.ndarray, "*#place"]
) -> Float[np.ndarray, "*#place"]:
    """Returns the contrast of two luminances, 1 (none) to 21 (black on white)."""
    lighter, darker = np.maximum(one, other), np.minimum(one, other)
    return np.asarray((lighter + _FLARE) / (darker + _FLARE))
