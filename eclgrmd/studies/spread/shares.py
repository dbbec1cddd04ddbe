"""First-order shares of a variance: which choice matters most."""

from collections.abc import Sequence

import numpy as np

from eclgrmd.model.observation import Floats

__all__ = ["first_order_shares"]


def first_order_shares(values: Floats, answers: Sequence[Sequence[int]]) -> list[float]:
    """Return for each question the share of the variance that its answer explains alone.

    The share is the variance of the conditional means over the whole variance, V(E(Y|X)) / V(Y),
    the first-order index of Sobol' 1993. The noise of the means, which other choices cause, is
    subtracted as in the analysis of variance (omega squared, Hays 1963), so that a question
    without effect has about 0 and not the number of its answers over the number of values.

    Parameters
    ----------
    values
        Results, shape (n,).
    answers
        For each question the index of the answer that each result was computed with, each shape
        (n,).
    """
    number = len(values)
    total = float(((values - values.mean()) ** 2).sum()) if number else 0.0
    shares = []
    for column in answers:
        index = np.asarray(column, dtype=np.int64)
        used, group = np.unique(index, return_inverse=True)
        degrees = number - len(used)
        if total <= 0.0 or degrees <= 0 or len(used) == 1:
            shares.append(0.0)
            continue
        counts = np.bincount(group)
        means = np.bincount(group, weights=values) / counts
        between = float((counts * (means - values.mean()) ** 2).sum())
        within = (total - between) / degrees
        shares.append(max(0.0, (between - (len(used) - 1) * within) / (total + within)))
    return shares
