"""The background model: one spline in time per energy channel, with its covariance."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.flags import Flag
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, History

from .template import Template, template_columns

__all__ = ["BackgroundFit", "background_of", "design_matrix"]

_NO_KNOTS = np.empty(0)


def design_matrix(
    start_s: Floats,
    stop_s: Floats,
    exposure_s: Floats,
    *,
    order: int,
    origin_s: float,
    unit_s: float,
    knots_s: Floats = _NO_KNOTS,
) -> Floats:
    """Return the integral of each power of x = (t - origin) / unit over bins, times live fraction.

    Behind the powers come the integrals of max(x - k, 0) for each knot k.

    Parameters
    ----------
    start_s, stop_s, exposure_s
        Bin edges and live time, seconds, shape (n,).
    order
        Highest power.
    origin_s, unit_s
        Zero point and unit of x, seconds.
    knots_s
        Times of the knots, seconds, shape (m,).

    Returns
    -------
    Floats
        Model matrix, seconds, shape (n, order + 1 + m); its product with coefficients in counts/s
        gives counts.
    """
    low, high = (start_s - origin_s) / unit_s, (stop_s - origin_s) / unit_s
    columns = np.empty((len(low), order + 1 + len(knots_s)))
    power = np.ones_like(low)
    for k in range(order + 1):
        # mean of x^k over the bin: sum of low^i high^(k-i) / (k + 1), without cancellation
        columns[:, k] = power / (k + 1) * exposure_s
        power = power * high + low ** (k + 1)
    knots = (knots_s - origin_s) / unit_s
    after = np.maximum(high[:, None] - knots, 0.0), np.maximum(low[:, None] - knots, 0.0)
    part = (after[0] - after[1]) / (high - low)[:, None]  # of the bin that lies after the knot
    columns[:, order + 1 :] = 0.5 * (after[0] + after[1]) * part * exposure_s[:, None]
    return columns


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundFit:
    """The background count rate of one detector, or a sum of detectors, per energy channel.

    The rate of a channel at time t is the sum of its coefficients times the powers of
    ``x = (t - origin_s) / unit_s`` from 0 to `degree`, times ``max(x - k, 0)`` for each knot k, and
    times each template, in this order. Channels are statistically independent.
    """

    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name of the detector; the names of a sum are joined by `+`."""
    intervals_s: Floats
    """Fitted intervals, seconds after t0, shape (k, 2)."""
    order: int | None
    """Order of the polynomials; None for a smooth curve with knots."""
    origin_s: float
    """Zero point of x, seconds after t0."""
    unit_s: float
    """Unit of x, seconds."""
    coefficients: Floats
    """Counts per second of live time, shape (channels, p)."""
    covariance: Floats
    """Covariance of each channel's coefficients, shape (channels, p, p)."""
    statistic: Floats
    """Poisson deviance (Cash 1979) of each channel, shape (channels,)."""
    dof: int
    """Number of fitted bins minus (effective) coefficients, per channel."""
    knots_s: Floats = field(default_factory=lambda: _NO_KNOTS)
    """Knots of a smooth curve, seconds after t0, shape (m,)."""
    chances: Floats | None = None
    """Posterior probability of the first values of `ROUGHNESS`, all or as many as the position of
    the intervals supports; None if not a smooth curve."""
    flags: tuple[Flag, ...] = ()
    """Doubts about the fit, see `quality_flags`."""
    templates: tuple[Template, ...] = ()
    """Known functions of time in the fit."""
    template_chances: tuple[float, ...] = ()
    """Posterior probability that the background contains each template."""

    @property
    def degree(self) -> int:
        """Highest power of x among the coefficients."""
        return int(self.coefficients.shape[1]) - 1 - len(self.knots_s) - len(self.templates)

    def counts(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> Floats:
        """Return the expected counts of each bin and channel, not negative, shape (n, channels)."""
        counts = np.dot(self.design(start_s, stop_s, exposure_s), self.coefficients.T)
        return np.asarray(np.maximum(counts, 0.0))

    def errors(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> Floats:
        """Return the 1-sigma errors of `counts`, shape (n, channels)."""
        design = self.design(start_s, stop_s, exposure_s)
        variance = np.einsum("nk,ckl,nl->nc", design, self.covariance, design, optimize=True)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))

    def modes(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> Floats:
        """Return independent 1-sigma deviations of the first channel, counts, shape (p, n).

        Coefficients that the data do not determine are 0 without error and do not contribute.
        """
        determined = np.diagonal(self.covariance[0]) > 0.0
        factor = np.zeros_like(self.covariance[0])
        block = np.ix_(determined, determined)
        factor[block] = _square_root(self.covariance[0][block])
        return np.asarray((self.design(start_s, stop_s, exposure_s) @ factor).T)

    def total(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> tuple[Floats, Floats]:
        """Return counts and 1-sigma errors summed over all bins, shape (channels,) each."""
        design = self.design(start_s, stop_s, exposure_s).sum(axis=0)
        variance = np.einsum("k,ckl,l->c", design, self.covariance, design, optimize=True)
        return np.maximum(self.coefficients @ design, 0.0), np.sqrt(np.maximum(variance, 0.0))

    def summed(self, channels: NDArray[np.bool_] | None = None) -> "BackgroundFit":
        """Return the background summed over the channels of a mask, or over all if it is None."""
        mask = np.ones(len(self.coefficients), dtype=bool) if channels is None else channels
        return replace(
            self,
            coefficients=self.coefficients[mask].sum(axis=0, keepdims=True),
            covariance=self.covariance[mask].sum(axis=0, keepdims=True),
            statistic=self.statistic[mask].sum(keepdims=True),
            dof=self.dof * int(np.count_nonzero(mask)),
        )

    def published(self) -> dict[str, object]:
        """Return the fit of the channels' sum as `result.json` states it."""
        variance = np.diagonal(self.covariance, axis1=1, axis2=2)
        value, error = self.coefficients.sum(axis=0), np.sqrt(variance.sum(axis=0))
        first = len(value) - len(self.templates)
        document: dict[str, object] = {
            "intervals_s": self.intervals_s.tolist(),
            "order": self.order,
            "roughness_chances": None if self.chances is None else self.chances.tolist(),
            "origin_s": self.origin_s,
            "unit_s": self.unit_s,
            "knots_s": self.knots_s.tolist(),
            "coefficients": value[:first].tolist(),
            "errors": error[:first].tolist(),
            "statistic": float(self.statistic.sum()),
            "dof": self.dof,
            "flags": [flag.stated for flag in self.flags],
        }
        if self.templates:
            document["templates"] = [
                {
                    "name": template.name.value,
                    "chance": chance,
                    "scale": float(value[first + k]),
                    "scale_error": float(error[first + k]),
                }
                for k, (template, chance) in enumerate(
                    zip(self.templates, self.template_chances, strict=True)
                )
            ]
        return document

    def design(self, start_s: Floats, stop_s: Floats, exposure_s: Floats) -> Floats:
        """Return the model matrix of the coefficients, seconds, shape (n, p)."""
        smooth = design_matrix(
            start_s,
            stop_s,
            exposure_s,
            order=self.degree,
            origin_s=self.origin_s,
            unit_s=self.unit_s,
            knots_s=self.knots_s,
        )
        if not self.templates:
            return smooth
        return np.hstack([smooth, template_columns(self.templates, start_s, stop_s, exposure_s)])

    def as_spline(self) -> "BackgroundFit":
        """Return the same background with the templates as knots, for files.

        Between the first and the last time of the templates it is the same function. Its covariance
        has the rank of the fit and is therefore singular.
        """
        if not self.templates:
            return self
        inner = self.templates[0].time_s[1:-1]
        kept = self.degree + 1 + len(self.knots_s)
        mixing = np.zeros((kept + len(inner), self.coefficients.shape[1]))
        mixing[:kept, :kept] = np.eye(kept)
        for k, template in enumerate(self.templates):
            column = template.knots(self.origin_s, self.unit_s)
            mixing[:2, kept + k] = column[:2]
            mixing[kept:, kept + k] = column[2:]
        return replace(
            self,
            knots_s=np.concatenate([self.knots_s, inner]),
            coefficients=self.coefficients @ mixing.T,
            covariance=mixing @ self.covariance @ mixing.T,
            templates=(),
            template_chances=(),
        )


def background_of(fits: Sequence[BackgroundFit], data: EventList | History) -> BackgroundFit | None:
    """Return the background with the instrument, detector and channel count of the data, or None.

    A detector may have several backgrounds, because its histories differ in their channels, and
    detectors of two instruments may have the same name.
    """
    channels = 0 if data.channels is None else len(data.channels.number)
    wanted = (data.instrument, data.detector, channels)
    return next(
        (fit for fit in fits if (fit.instrument, fit.detector, len(fit.coefficients)) == wanted),
        None,
    )


def _square_root(covariance: Floats) -> Floats:
    """Return a matrix whose product with its transpose is a covariance, which may be singular."""
    try:
        return np.asarray(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError:
        value, vector = np.linalg.eigh(covariance)
        return np.asarray(vector * np.sqrt(np.maximum(value, 0.0)))
