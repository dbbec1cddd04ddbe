"""Backgrounds of each order that may be the true one."""

from dataclasses import replace

import numpy as np

from eclgrmd.analysis.temporal.background.fit import fit_curve
from eclgrmd.analysis.temporal.background.polynomial import BackgroundFit
from eclgrmd.analysis.temporal.search.rounds import Finding
from eclgrmd.model.observation import LightCurve

__all__ = ["rival_findings"]


def rival_findings(curve: LightCurve, finding: Finding) -> list[tuple[float, Finding]]:
    """Return the same burst over backgrounds of all orders, with the chance of each being true.

    A burst that fades into its background can pull a polynomial of too low an order up with it.
    The chances are those by which the fitted background is averaged.

    Parameters
    ----------
    curve, finding
        The light curve and what was found in it, over a fitted background.
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
