"""Bayesian blocks (Scargle et al. 2013, ApJ 764, 167): exact, near-linear in time, incremental."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eclgrmd.analysis.temporal.kernels.pruning import (
    GAUSS,
    POISSON,
    extend,
    first_pieces,
    starts_of_blocks,
)
from eclgrmd.model.observation import Floats

__all__ = ["Segmentation", "segment_counts", "segment_values"]

Ints = NDArray[np.int64]


class Segmentation:
    """The optimal partition of a series of cells, which can be extended at its end.

    Parameters
    ----------
    prior
        Cost of a block, in units of log likelihood; see `false_alarm_prior`.
    gaussian
        True if cells hold Gaussian values, False for Poisson counts.
    """

    def __init__(self, prior: float, *, gaussian: bool = False) -> None:
        self._kind = GAUSS if gaussian else POISSON
        self._prior = prior
        self._weight = np.zeros(1)
        self._count = np.zeros(1)
        self._best = np.zeros(1)
        self._last = np.zeros(1, dtype=np.int64)
        self._owner, self._bounds = first_pieces(self._kind)

    def append(self, count: Floats, weight: Floats) -> None:
        """Append cells and continue the recursion over them.

        Parameters
        ----------
        count
            Counts of the cells (Gaussian: value / error**2), shape (n,).
        weight
            Exposure of the cells, shape (n,), positive: seconds, expected counts, or any other
            quantity that a constant signal is proportional to (Gaussian: 1 / error**2).

        Raises
        ------
        ValueError
            If a weight is not positive, or the shapes differ.
        """
        if count.shape != weight.shape:
            raise ValueError(f"count has shape {count.shape}, weight {weight.shape}: must be equal")
        if not np.all(weight > 0):
            raise ValueError("every cell needs a positive weight: leave cells without exposure out")
        known = len(self._weight) - 1
        self._weight = _cumulate(self._weight, weight)
        self._count = _cumulate(self._count, count)
        self._best = np.append(self._best, np.zeros(len(count)))
        self._last = np.append(self._last, np.zeros(len(count), dtype=np.int64))
        self._owner, self._bounds = extend(
            self._kind,
            self._prior,
            known,
            self._weight,
            self._count,
            self._best,
            self._last,
            self._owner,
            self._bounds,
        )

    @property
    def starts(self) -> Ints:
        """Index of the first cell of each block, shape (blocks,)."""
        return starts_of_blocks(self._last)

    @property
    def cost(self) -> float:
        """Minus the log likelihood of the optimal partition, priors included, up to a constant."""
        return float(self._best[-1])

    @property
    def candidates(self) -> int:
        """Number of pieces of the envelope: the work that one more cell takes."""
        return len(self._owner)


def segment_counts(counts: ArrayLike, exposure: ArrayLike, prior: float) -> Ints:
    """Segment Poisson counts of cells into blocks of constant rate per exposure.

    Parameters
    ----------
    counts
        Counts, shape (n,).
    exposure
        Live time of each cell, or its expected background counts, shape (n,), positive. With the
        background, a block has a constant ratio to it, so that a varying background alone does
        not create blocks.
    prior
        Cost of a block, see `false_alarm_prior`.

    Returns
    -------
    Ints
        Index of the first cell of each block, shape (blocks,).
    """
    return _segment(
        np.asarray(counts, dtype=np.float64), np.asarray(exposure, dtype=np.float64), prior
    )


def segment_values(values: ArrayLike, error: ArrayLike, prior: float) -> Ints:
    """Segment Gaussian values into blocks of constant mean.

    Parameters
    ----------
    values, error
        Values, which may be negative, and their 1-sigma errors, shape (n,).
    prior
        Cost of a block, see `false_alarm_prior`.

    Returns
    -------
    Ints
        Index of the first cell of each block, shape (blocks,).
    """
    weight = 1.0 / np.square(np.asarray(error, dtype=np.float64))
    return _segment(np.asarray(values, dtype=np.float64) * weight, weight, prior, gaussian=True)


def _segment(count: Floats, weight: Floats, prior: float, *, gaussian: bool = False) -> Ints:
    segmentation = Segmentation(prior, gaussian=gaussian)
    segmentation.append(count, weight)
    return segmentation.starts


def _cumulate(so_far: Floats, more: Floats) -> Floats:
    # a sequential sum from the last value: appending and starting over agree to the last bit
    return np.concatenate([so_far[:-1], np.cumsum(np.concatenate([so_far[-1:], more]))])
