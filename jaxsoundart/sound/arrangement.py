"""How full the arrangement is, stretch by stretch: what steps and drops are read from.

A song is cut at given lines (beats or bars); every stretch between two lines gets the
mean of what the frames in it hold.
"""

import numpy as np
from jaxtyping import Float

# A band this far below its own loud level is as good as silent.
_RANGE_DB = 30.0


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
    first = np.clip(np.round(lines_s * frame_rate_hz).astype(int), 0, len(values) - 1)
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


def steps_up(
    values: Float[np.ndarray, " stretches"], *, reach: int
) -> Float[np.ndarray, " stretches"]:
    """Returns how much higher the mean after each line is than the mean before it.

    Args:
        values: One number a stretch.
        reach: How many stretches to look back and ahead, fewer at the borders. The
            first line has nothing before it: 0.
    """
    total = np.concatenate([[0.0], np.cumsum(values)])
    line = np.arange(len(values))
    before = np.maximum(line - reach, 0)
    after = np.minimum(line + reach, len(values))
    ahead = (total[after] - total[line]) / (after - line)
    back = (total[line] - total[before]) / np.maximum(line - before, 1)
    return np.where(line > 0, ahead - back, 0.0)
