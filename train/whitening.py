"""Coordinates in which clips of one artist differ equally in every direction."""

import numpy as np
from jaxtyping import Float, Shaped


def within_groups(
    inputs: Float[np.ndarray, "rows features"],
    groups: Shaped[np.ndarray, " rows"],
    *,
    shrinkage: float,
) -> Float[np.ndarray, "features features"]:
    """Returns the matrix that whitens the scatter of rows about their group's mean.

    How clips of one artist differ says nothing about the genre: in these coordinates
    that difference is the same in all directions, so that what weight decay keeps small
    is the reliance on it.

    Args:
        inputs: Standardised features.
        groups: The artist of each row.
        shrinkage: From 0 to 1, how far the scatter is drawn towards a sphere: few
            clips say little about its thin directions.

    Returns:
        W, symmetric, such that `inputs @ W` has a variance of 1 on average.

    Source: Hatch, Kajarekar and Stolcke, "Within-class covariance normalization for
        SVM-based speaker recognition" (Interspeech 2006).
    """
    _, group_of = np.unique(groups, return_inverse=True)
    counts = np.bincount(group_of)
    means = np.zeros((len(counts), inputs.shape[1]))
    np.add.at(means, group_of, inputs)
    centred = inputs - (means / counts[:, None])[group_of]
    scatter = centred.T @ centred / len(inputs)
    sphere = np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    variances, directions = np.linalg.eigh(
        (1 - shrinkage) * scatter + shrinkage * sphere
    )
    whitening = (directions / np.sqrt(variances)) @ directions.T
    return whitening / np.sqrt((inputs @ whitening).var(axis=0).mean())
