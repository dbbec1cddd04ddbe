"""Write the background that was fitted to a light curve: a polynomial in time."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.model.observation import Floats

from .hdus import MET, Card, ogip, table

__all__ = ["Polynomial", "polynomial_tables"]


@dataclass(frozen=True, slots=True, eq=False)
class Polynomial:
    """The rate at time t is the sum over k of ``coefficients[k] * x**k`` with x as below."""

    intervals_s: Floats
    """Intervals that were fitted, seconds after t0, shape (m, 2)."""
    coefficients: Floats
    """Counts per second of live time, shape (k,)."""
    covariance: Floats
    """Shape (k, k)."""
    origin_s: float
    """x = (t - origin_s) / unit_s."""
    unit_s: float
    statistic: float
    """Poisson deviance."""
    dof: int


def polynomial_tables(fit: Polynomial, detector: str, provenance: Provenance) -> list[Any]:
    """Make BKGINT of the intervals fitted and BKGCOEF of the coefficients and their covariance."""
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
