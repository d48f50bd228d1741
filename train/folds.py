"""Parts of a table that share no artist, to learn on all but one and try on that."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Int, Shaped

Mask = Bool[np.ndarray, " rows"]


def artist_folds(
    targets: Int[np.ndarray, " rows"],
    groups: Shaped[np.ndarray, " rows"],
    *,
    count: int,
) -> Iterator[Mask]:
    """Yields `count` masks; each row is in one of them, each artist's rows together.

    Label by label, the artist with most rows goes first and to the fold that has
    fewest of the label: a rule without chance, which keeps the folds about equal.
    """
    fold_of = np.zeros(len(targets), int)
    for label in np.unique(targets):
        artists, rows = np.unique(groups[targets == label], return_counts=True)
        filled = np.zeros(count, int)
        for artist in np.argsort(-rows, kind="stable"):
            fold = int(np.argmin(filled))
            filled[fold] += rows[artist]
            fold_of[groups == artists[artist]] = fold
    for fold in range(count):
        yield fold_of == fold
