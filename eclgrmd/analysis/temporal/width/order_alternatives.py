"""The burst above the background of each order, for the re-segmenting bootstrap."""

from dataclasses import replace

import numpy as np

from eclgrmd.analysis.temporal.background.fit import fit_curve
from eclgrmd.analysis.temporal.background.polynomial import BackgroundFit
from eclgrmd.analysis.temporal.search.rounds import Finding
from eclgrmd.model.observation import LightCurve

__all__ = ["findings_by_order"]


def findings_by_order(curve: LightCurve, finding: Finding) -> list[tuple[float, Finding]]:
    """Return the burst above the background of each order, with the order's probability.

    A burst that fades slowly can bias a polynomial of too low an order upwards. The probabilities
    are those of the average over orders (`order_chances`).

    Parameters
    ----------
    curve, finding
        The light curve, with background and blocks.

    Returns
    -------
    list of tuple
        Probability and finding of each order of non-zero probability; the given finding with
        probability 1 if its background was not fitted.
    """
    fit = finding.background
    if fit is None or fit.chances is None:
        return [(1.0, finding)]
    return [
        (
            float(chance),
            _over(
                curve,
                finding,
                replace(fit_curve(curve, fit.intervals_s, order=order), chances=fit.chances),
            ),
        )
        for order, chance in enumerate(fit.chances)
        if chance > 0.0
    ]


def _over(curve: LightCurve, finding: Finding, fit: BackgroundFit) -> Finding:
    design = fit.design(curve.start_s, curve.stop_s, curve.exposure_s)
    expected = design @ fit.coefficients[0]
    if curve.error is None:
        expected = np.maximum(expected, 1e-6)
    return replace(finding, background=fit, expected=expected)
