"""How full the arrangement is, stretch by stretch: what steps and drops are read from.

A song is cut at given lines (beats or bars); every stretch between two lines gets the
mean of what the frames in it hold.
"""

import numpy as np
from jaxtyping import Bool, Float

from jaxsoundart.sound.descriptors import HOPS_PER_WINDOW

# Kick and bass, then mud, body, voice, presence and air.
OCTAVE_EDGES_HZ = (0.0, 150.0, 300.0, 600.0, 1200.0, 2400.0, 4800.0, np.inf)

# A band this far below its own loud level is as good as silent.
_RANGE_DB = 30.0


def octaves(
    mels: Float[np.ndarray, "frames mels"], mel_hz: Float[np.ndarray, " mels"]
) -> Float[np.ndarray, "frames octaves"]:
    """Sums mel bands by the octave band they are centred in."""
    octave = np.searchsorted(OCTAVE_EDGES_HZ, mel_hz, side="right") - 1
    member = octave[:, None] == np.arange(len(OCTAVE_EDGES_HZ) - 1)[None, :]
    return mels @ member.astype(mels.dtype)


def means_between(
    values: Float[np.ndarray, "frames ..."],
    lines_s: Float[np.ndarray, " lines"],
    *,
    frame_rate_hz: float,
) -> Float[np.ndarray, "stretches ..."]:
    """Returns the mean of `values` in each stretch from one line to the next.

    Args:
        values: One row a frame.
        lines_s: Where the stretches begin, rising; the last one ends with the song.
        frame_rate_hz: Frames per second.
    """
    # A frame hears half a window ahead: those just before a line belong after it.
    ahead = HOPS_PER_WINDOW // 2
    first = np.round(lines_s * frame_rate_hz).astype(int) - ahead
    first = np.clip(first, 0, len(values) - 1)
    last = np.maximum(np.append(first[1:], len(values)), first + 1)
    total = np.concatenate(
        [np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)]
    )
    count = (last - first).reshape(-1, *[1] * (values.ndim - 1))
    return (total[last] - total[first]) / count


def below_loud_db(power: Float[np.ndarray, "stretches ..."]) -> np.ndarray:
    """Returns power in dB below its own loud level, from -30 to 0.

    The loud level is the 90th percentile over the stretches, so that one outlier does
    not make all else look thin; louder stretches count as 0.
    """
    power = np.maximum(power, 1e-12)
    level_db = 10.0 * np.log10(power)
    loud_db = 10.0 * np.log10(np.quantile(power, 0.9, axis=0))
    return np.clip(level_db - loud_db, -_RANGE_DB, 0.0)


def fullness_db(bands: Float[np.ndarray, "stretches bands"]) -> np.ndarray:
    """Returns how far below its full arrangement the song is, mean over the bands.

    Each band is measured against itself: a bass that enters counts as much as a hi-hat,
    though it carries a thousand times the power. A band that is empty throughout is
    left out.
    """
    loud = np.quantile(bands, 0.9, axis=0)
    used = loud > 1e-6 * loud.max()
    if not used.any():
        return np.zeros(len(bands))
    return below_loud_db(bands[:, used]).mean(axis=1)


def mean_ahead(
    values: Float[np.ndarray, " stretches"], *, reach: int
) -> Float[np.ndarray, " stretches"]:
    """Returns the mean of the `reach` stretches after each line, fewer at the end."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    line = np.arange(len(values))
    last = np.minimum(line + reach, len(values))
    return (total[last] - total[line]) / (last - line)


def steps_up(
    values: Float[np.ndarray, " stretches"], *, reach: int
) -> Float[np.ndarray, " stretches"]:
    """Returns how much higher the mean after each line is than the mean before it.

    Args:
        values: One number a stretch.
        reach: How many stretches to look back and ahead, fewer at the borders. The
            first line has nothing before it: 0.
    """
    back = mean_ahead(values[::-1], reach=reach)[::-1]
    steps = np.zeros(len(values))
    steps[1:] = mean_ahead(values, reach=reach)[1:] - back[:-1]
    return steps


def is_peak(
    values: Float[np.ndarray, " lines"], *, reach: int
) -> Bool[np.ndarray, " lines"]:
    """Returns where a value is the largest among its neighbours within `reach`."""
    padded = np.pad(values, reach, constant_values=-np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return values >= around.max(axis=1)
