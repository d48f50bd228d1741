"""How much each clip counts, and coordinates that suit what is to be told apart."""

import numpy as np
from jaxtyping import Float, Int, Shaped


def clip_weights(
    targets: Int[np.ndarray, " rows"], groups: Shaped[np.ndarray, " rows"]
) -> Float[np.ndarray, " rows"]:
    """Returns a weight for each clip, 1 on average, the same total for each label.

    A clip weighs 1/√n where its artist has n: thirty clips of one singer are more to
    learn from than one, but far from thirty times as much, when the songs to be heard
    are by somebody else.
    """
    _, group_of, counts = np.unique(groups, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(counts[group_of])
    totals = np.bincount(targets, weights)
    return weights / totals[targets] * len(targets) / np.count_nonzero(totals)


def within_labels(
    inputs: Float[np.ndarray, "rows features"],
    targets: Int[np.ndarray, " rows"],
    weights: Float[np.ndarray, " rows"],
    *,
    shrinkage: float,
) -> Float[np.ndarray, "features features"]:
    """Returns the matrix that whitens the scatter of rows about their label's mean.

    In these coordinates songs of one genre differ equally in every direction, so that
    weight decay draws the network towards the directions in which genres differ more
    than songs of one genre do.

    Args:
        inputs: Standardised features.
        targets: The label of each row.
        weights: Of each row, in the means and in the scatter.
        shrinkage: From 0 to 1, how far the scatter is drawn towards a sphere: few
            clips say little about its thin directions.

    Returns:
        W, symmetric, such that the columns of `inputs @ W` have a variance of 1 on
        average.

    Source: Hatch, Kajarekar and Stolcke, "Within-class covariance normalization for
        SVM-based speaker recognition" (Interspeech 2006).
    """
    sums = np.zeros((targets.max() + 1, inputs.shape[1]))
    np.add.at(sums, targets, weights[:, None] * inputs)
    totals = np.bincount(targets, weights)
    centred = inputs - (sums / np.maximum(totals, 1e-12)[:, None])[targets]
    scatter = (weights[:, None] * centred).T @ centred / weights.sum()
    sphere = np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    variances, directions = np.linalg.eigh(
        (1 - shrinkage) * scatter + shrinkage * sphere
    )
    whitening = (directions / np.sqrt(variances)) @ directions.T
    return whitening / np.sqrt((inputs @ whitening).var(axis=0).mean())
