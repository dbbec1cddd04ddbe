"""What the bootstrap cannot know: the part of a duration that is lost below detection.

Replicas are drawn from what was seen: a weak pulse or tail that no block shows, and the shape of a
pulse inside its blocks, are not in them. How far the truth may be was measured on simulated bursts
of mixed shape and brightness: the relative errors that, added in quadrature to those of the
replicas, leave the truth above and below the 68 % interval in 15.9 % of the bursts each (of the
95 % interval in 2.3 %). Derived by ``python -m testbench.accuracy.undetected`` from the records of
``testbench/accuracy/temporal --first 31000`` and smoothed; the study with other seeds
(``--first 10000``) shows how well it holds.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["NOTHING", "SIGMA", "Unknown", "unknown_of"]


class Unknown(NamedTuple):
    """Errors that replicas do not show, parts of the duration."""

    down: float
    """1-sigma."""
    up: float
    far_down: float
    """2-sigma."""
    far_up: float


NOTHING = Unknown(0.0, 0.0, 0.0, 0.0)
SIGMA = (9.0, 14.0, 25.0, 40.0, 65.0, 110.0, 250.0)
"""Significance of the burst."""
_SEARCHED = {
    0.9: (
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (0.65, 0.44, 0.195, 0.09, 0.034, 0.03, 0.001),
        (0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (1.8, 0.7, 0.38, 0.19, 0.08, 0.06, 0.004),
    ),
    0.5: (
        (0.02, 0.01, 0.01, 0.01, 0.007, 0.003, 0.002),
        (0.42, 0.19, 0.09, 0.02, 0.015, 0.008, 0.0),
        (0.08, 0.03, 0.03, 0.03, 0.03, 0.01, 0.0),
        (2.0, 0.51, 0.25, 0.09, 0.06, 0.025, 0.0),
    ),
}
"""By the fraction of the fluence that the duration holds: down, up, far down, far up."""
_CUMULATED = {
    0.9: (
        (0.07, 0.06, 0.06, 0.04, 0.012, 0.01, 0.002),
        (0.85, 0.48, 0.21, 0.1, 0.036, 0.03, 0.001),
        (0.38, 0.33, 0.3, 0.16, 0.12, 0.05, 0.022),
        (1.85, 0.75, 0.43, 0.22, 0.085, 0.075, 0.012),
    ),
    0.5: (
        (0.15, 0.08, 0.03, 0.025, 0.017, 0.005, 0.004),
        (0.38, 0.16, 0.08, 0.02, 0.018, 0.009, 0.0),
        (0.2, 0.06, 0.05, 0.045, 0.045, 0.03, 0.008),
        (2.1, 0.5, 0.3, 0.12, 0.1, 0.03, 0.001),
    ),
}


def unknown_of(significance: float | None, *, searched: bool) -> tuple[Unknown, Unknown]:
    """Give what replicas cannot know of T90 and T50.

    Parameters
    ----------
    significance
        Of the burst, in sigma; None counts as the faintest. Between the simulated ones it is
        interpolated in the logarithm, beyond them it stays.
    searched
        Whether replicas are searched for the burst again.
    """
    sigma = SIGMA[0] if significance is None else max(significance, SIGMA[0])
    table = _SEARCHED if searched else _CUMULATED
    t90, t50 = (
        Unknown(*(float(np.interp(np.log(sigma), np.log(SIGMA), row)) for row in table[fraction]))
        for fraction in (0.9, 0.5)
    )
    return t90, t50
