"""What the bootstrap cannot know: the part of a duration that is lost below detection.

A weak tail that no block shows makes a burst look shorter, and replicas drawn from what was seen
do not have it. How much longer the truth may be was measured on 1,000 simulated bursts of mixed
shape and brightness (``testbench/accuracy/temporal --bursts 1000``): the relative error upwards
that, added in quadrature to the bootstrap's, leaves the truth above the interval in 15.9 % of the
cases. Derived by ``python -m testbench.accuracy.undetected`` from the records of that study, and
rounded; the study with other seeds (``--first 10000``) shows how well it holds.
"""

import numpy as np

__all__ = ["WIDENING", "undetected_error"]

_SIGMA = (9.0, 12.0, 18.0, 24.0, 34.0, 52.0, 84.0, 152.0, 330.0)
"""Significance of the burst."""
_RELATIVE = {
    0.9: (0.81, 0.65, 0.35, 0.19, 0.125, 0.050, 0.044, 0.033, 0.005),
    0.5: (0.37, 0.36, 0.21, 0.092, 0.055, 0.025, 0.015, 0.013, 0.003),
}
"""By the fraction of the fluence that the duration holds."""


WIDENING = {0.9: (1.0, 1.2), 0.5: (1.1, 1.1)}
"""Factors on the errors down and up that come from replicas which are searched for the burst again.

By the fraction of the fluence of the duration; by ``python -m testbench.accuracy.widening`` from
``python -m testbench.accuracy.temporal_resegmented``, seeds 0 to 176 and 350 to 526.
"""


def undetected_error(fraction: float, significance: float | None) -> float:
    """Give the 1-sigma error upwards that comes from what stays undetected, part of the duration.

    Parameters
    ----------
    fraction
        0.9 for T90, 0.5 for T50.
    significance
        Of the burst, in sigma; None counts as the faintest. Between the simulated ones it is
        interpolated in the logarithms of both, beyond them it stays.
    """
    sigma = _SIGMA[0] if significance is None else max(significance, _SIGMA[0])
    log = np.interp(np.log(sigma), np.log(_SIGMA), np.log(_RELATIVE[fraction]))
    return float(np.exp(log))
