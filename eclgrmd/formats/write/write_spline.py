"""Writing of the background that was fitted to a light curve: a spline in time."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.model.observation import Floats

from .hdus import MET, Card, ogip, table

__all__ = ["Spline", "spline_tables"]


@dataclass(frozen=True, slots=True, eq=False)
class Spline:
    """A spline background model of a light curve.

    The rate at time t is the sum of the coefficients times the powers of
    ``x = (t - origin_s) / unit_s`` from 0, and then times ``max(x - k, 0)`` for each knot k.
    Without knots it is a polynomial.
    """

    intervals_s: Floats
    """Intervals of the fit, seconds after t0, shape (m, 2)."""
    coefficients: Floats
    """Coefficients, counts per second of live time, of the powers and then of the knots, (k,)."""
    covariance: Floats
    """Covariance of the coefficients, shape (k, k)."""
    origin_s: float
    """Time at which x is 0, seconds after t0."""
    unit_s: float
    """Time in which x grows by 1, seconds."""
    knots_s: Floats
    """Knots, seconds after t0, shape (m,)."""
    statistic: float
    """Poisson deviance of the fit."""
    dof: int
    """Degrees of freedom: fitted bins minus (effective) coefficients."""


def spline_tables(fit: Spline, detector: str, provenance: Provenance) -> list[Any]:
    """Return extensions BKGINT (fitted intervals) and BKGCOEF (coefficients and covariance)."""
    intervals = table(
        "BKGINT",
        [("START", "D", MET, fit.intervals_s[:, 0]), ("STOP", "D", MET, fit.intervals_s[:, 1])],
        [*ogip("GTI", "BACKGROUND"), ("DETNAM", detector, "detectors summed")],
        provenance,
    )
    size, powers = len(fit.coefficients), len(fit.coefficients) - len(fit.knots_s)
    cards: list[Card] = [
        ("DETNAM", detector, "detectors summed"),
        ("BKGORDER", powers - 1, "highest power of x = (t-BKGORIG)/BKGUNIT"),
        ("BKGORIG", fit.origin_s, "[s] after t0, where x is 0"),
        ("BKGUNIT", fit.unit_s, "[s] unit of x"),
        ("BKGSTAT", fit.statistic, "Poisson deviance of the fit"),
        ("BKGDOF", fit.dof, "bins minus coefficients"),
    ]
    coefficients = table(
        "BKGCOEF",
        [
            ("POWER", "J", "", np.append(np.arange(powers), np.ones(len(fit.knots_s), int))),
            ("KNOT", "D", MET, np.append(np.full(powers, np.nan), fit.knots_s)),
            ("VALUE", "D", "count/s", fit.coefficients),
            ("ERROR", "D", "count/s", np.sqrt(np.diagonal(fit.covariance))),
            ("COVAR", f"{size}D", "count2/s2", fit.covariance),
        ],
        cards,
        provenance,
    )
    return [intervals, coefficients]
