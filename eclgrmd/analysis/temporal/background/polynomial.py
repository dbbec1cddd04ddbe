"""A fitted background: polynomials in time, one per energy channel, with their covariance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, History

__all__ = ["BackgroundFit", "background_of", "design_matrix"]


def design_matrix(
    start_s: Floats,
    stop_s: Floats,
    exposure_s: Floats,
    *,
    order: int,
    origin_s: float,
    unit_s: float,
) -> Floats:
    """Integrate each power of x = (t - origin) / unit over bins, times their live fraction.

    Parameters
    ----------
    start_s, stop_s, exposure_s
        Bins and their live time, seconds, shape (n,).
    order
        Highest power.
    origin_s, unit_s
        Zero point and unit of x, seconds.

    Returns
    -------
    Floats
        Shape (n, order + 1), seconds: times coefficients in counts/s it gives counts.
    """
    low, high = (start_s - origin_s) / unit_s, (stop_s - origin_s) / unit_s
    columns = np.empty((len(low), order + 1))
    power = np.ones_like(low)
    for k in range(order + 1):
        # mean of x^k over the bin: sum of low^i high^(k-i) / (k + 1), free of cancellation
        columns[:, k] = power / (k + 1) * exposure_s
        power = power * high + low ** (k + 1)
    return columns


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundFit:
    """Count rate of the background of one detector (or a sum of them), per energy channel.

    The rate of channel c at time t is the sum over k of ``coefficients[c, k] * x**k`` with
    ``x = (t - origin_s) / unit_s``. Channels are statistically independent.
    """

    instrument: Instrument
    detector: str
    """Detector; a sum of several is joined by `+`."""
    intervals_s: Floats
    """Intervals that were fitted, shape (k, 2)."""
    order: int
    """Order of the polynomials; of an average the most probable one."""
    origin_s: float
    """Zero point of x."""
    unit_s: float
    """Unit of x, seconds."""
    coefficients: Floats
    """Counts per second of live time, shape (channels, degree + 1)."""
    covariance: Floats
    """Covariance of each channel's coefficients, shape (channels, degree + 1, degree + 1)."""
    statistic: Floats
    """Poisson deviance (Cash 1979) of each channel, shape (channels,)."""
    dof: int
    """Bins fitted minus coefficients, per channel."""
    statistic_sum: float | None = None
    """Poisson deviance of the curve summed over all channels, which tells the orders' chances."""
    chances: Floats | None = None
    """That each of the orders which the intervals support is true, from order 0 on; None: the
    background is no fit of ours."""
    flags: tuple[str, ...] = ()

    @property
    def degree(self) -> int:
        """Highest order that has a part in the coefficients."""
        return int(self.coefficients.shape[1]) - 1

    def counts(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> Floats:
        """Predict the counts of each bin and channel, shape (n, channels), never negative."""
        counts = np.dot(self.design(start_s, stop_s, exposure_s), self.coefficients.T)
        return np.asarray(np.maximum(counts, 0.0))

    def errors(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> Floats:
        """Predict the 1-sigma errors of `counts`, shape (n, channels)."""
        design = self.design(start_s, stop_s, exposure_s)
        variance = np.einsum("nk,ckl,nl->nc", design, self.covariance, design, optimize=True)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))

    def modes(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> Floats:
        """Return independent 1-sigma deviations of the first channel, shape (degree + 1, n).

        Coefficients that the data could not tell are 0 without error, and deviate by nothing.
        """
        told = np.diagonal(self.covariance[0]) > 0.0
        factor = np.zeros_like(self.covariance[0])
        block = np.ix_(told, told)
        factor[block] = np.linalg.cholesky(self.covariance[0][block])
        return np.asarray((self.design(start_s, stop_s, exposure_s) @ factor).T)

    def total(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> tuple[Floats, Floats]:
        """Predict counts and 1-sigma errors summed over all bins, each of shape (channels,)."""
        design = self.design(start_s, stop_s, exposure_s).sum(axis=0)
        variance = np.einsum("k,ckl,l->c", design, self.covariance, design, optimize=True)
        return np.maximum(self.coefficients @ design, 0.0), np.sqrt(np.maximum(variance, 0.0))

    def summed(self, channels: NDArray[np.bool_] | None = None) -> "BackgroundFit":
        """Sum the channels of a mask (None: all) into one, covariance included."""
        mask = np.ones(len(self.coefficients), dtype=bool) if channels is None else channels
        return replace(
            self,
            coefficients=self.coefficients[mask].sum(axis=0, keepdims=True),
            covariance=self.covariance[mask].sum(axis=0, keepdims=True),
            statistic=self.statistic[mask].sum(keepdims=True),
            dof=self.dof * int(np.count_nonzero(mask)),
        )

    def design(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> Floats:
        """Return what the coefficients are multiplied with, seconds, shape (n, degree + 1)."""
        return design_matrix(
            start_s,
            stop_s,
            exposure_s,
            order=self.degree,
            origin_s=self.origin_s,
            unit_s=self.unit_s,
        )


def background_of(fits: Sequence[BackgroundFit], data: EventList | History) -> BackgroundFit | None:
    """Return the fit of a detector that has the channels of some data; None: there is none.

    A detector may have several, as its histories differ in their channels, and detectors of two
    instruments may have one name.
    """
    channels = 0 if data.channels is None else len(data.channels.number)
    wanted = (data.instrument, data.detector, channels)
    return next(
        (fit for fit in fits if (fit.instrument, fit.detector, len(fit.coefficients)) == wanted),
        None,
    )
