"""Onset strength: how much of a song begins at each moment."""

import numpy as np
from jaxtyping import Float

# What a band does this far below its own loud level is not heard beside the rest.
_RANGE_DB = 24.0


def strength_db(
    bands: Float[np.ndarray, "frames bands"],
) -> Float[np.ndarray, " frames"]:
    """Returns how much the spectrum grows from the frame before, mean over bands.

    Spectral flux: the rise of each band's level, falls counting nothing. Each band is
    measured against its own loud level (its 98th percentile) and its silence is 24 dB
    below, so that a hi-hat over a quiet pad counts no more than it does in the full
    mix, and so that a quieter copy of a song has the same onsets.

    Source: Ellis, Beat Tracking by Dynamic Programming (2007), section 3.1, with the
        song-wide scaling of each band in place of a fixed floor.
    """
    loud = np.quantile(bands, 0.98, axis=0)
    used = loud > 1e-7 * max(float(loud.max()), 1e-30)
    scaled = bands[:, used] / np.maximum(loud[used], 1e-30)
    np.clip(scaled, 10 ** (-_RANGE_DB / 10), 1.0, out=scaled)
    level_db = 10.0 * np.log10(scaled)
    rise_db = np.maximum(np.diff(level_db, axis=0), 0.0)
    mean_db = rise_db.sum(axis=1) / max(1, int(used.sum()))
    return np.concatenate([[0.0], mean_db]).astype(np.float32)
