"""Writing of the background polynomial that was fitted to a light curve."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.model.observation import Floats

from .hdus import MET, Card, ogip, table

__all__ = ["Polynomial", "polynomial_tables"]


@dataclass(frozen=True, slots=True, eq=False)
class Polynomial:
    """A polynomial background model of a light curve.

    The rate at time t is the sum over k of ``coefficients[k] * x**k`` with
    ``x = (t - origin_s) / unit_s``.
    """

    intervals_s: Floats
    """Intervals of the fit, seconds after t0, shape (m, 2)."""
    coefficients: Floats
    """Coefficients, counts per second of live time, shape (k,)."""
    covariance: Floats
    """Covariance of the coefficients, shape (k, k)."""
    origin_s: float
    """Time at which x is 0, seconds after t0."""
    unit_s: float
    """Time in which x grows by 1, seconds."""
    statistic: float
    """Poisson deviance of the fit."""
    dof: int
    """Degrees of freedom: fitted bins minus coefficients."""


def polynomial_tables(fit: Polynomial, detector: str, provenance: Provenance) -> list[Any]:
    """Return extensions BKGINT (fitted intervals) and BKGCOEF (coefficients and covariance)."""
    intervals = table(
        "BKGINT",
        [("START", "D", MET, fit.intervals_s[:, 0]), ("STOP", "D", MET, fit.intervals_s[:, 1])],
        [*ogip("GTI", "BACKGROUND"), ("DETNAM", detector, "detectors summed")],
        provenance,
    )
    size = len(fit.coefficients)
    cards: list[Card] = [
        ("DETNAM", detector, "detectors summed"),
        ("BKGORDER", size - 1, "order of the polynomial in x = (t-BKGORIG)/BKGUNIT"),
        ("BKGORIG", fit.origin_s, "[s] after t0, where x is 0"),
        ("BKGUNIT", fit.unit_s, "[s] unit of x"),
        ("BKGSTAT", fit.statistic, "Poisson deviance of the fit"),
        ("BKGDOF", fit.dof, "bins minus coefficients"),
    ]
    coefficients = table(
        "BKGCOEF",
        [
            ("POWER", "J", "", np.arange(size)),
            ("VALUE", "D", "count/s", fit.coefficients),
            ("ERROR", "D", "count/s", np.sqrt(np.diagonal(fit.covariance))),
            ("COVAR", f"{size}D", "count2/s2", fit.covariance),
        ],
        cards,
        provenance,
    )
    return [intervals, coefficients]
