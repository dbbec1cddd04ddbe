"""Backgrounds of other orders that describe the data about as well as the chosen one."""

from dataclasses import replace

import numpy as np

from eclgrmd.model.observation import LightCurve

from .background import MAXIMUM_ORDER, fit_curve
from .polynomial import BackgroundFit
from .search import Finding

__all__ = ["rival_findings"]

_LEAST = 0.02


def rival_findings(curve: LightCurve, finding: Finding) -> list[tuple[float, Finding]]:
    """Give the same burst over backgrounds of all orders, with the chance of each being true.

    A burst that fades into its background can pull a polynomial of too low an order up with it.
    The chances are exp(-BIC / 2) (Schwarz 1978, Ann. Stat. 6, 461), normalised; those below 2 %
    are left out.

    Parameters
    ----------
    curve, finding
        The light curve and what was found in it, over a fitted background.
    """
    fit = finding.background
    if fit is None:
        return [(1.0, finding)]
    one_sided = curve.background_subtracted or len(fit.intervals_s) == 1
    orders = range((1 if one_sided else MAXIMUM_ORDER) + 1)
    fits = [fit_curve(curve, fit.intervals_s, order=order) for order in orders]
    fits = [each for each in fits if each.dof > 0]
    scores = np.array([_criterion(each) for each in fits])
    chances = np.exp(-0.5 * (scores - scores.min()))
    chances = np.where(chances / chances.sum() < _LEAST, 0.0, chances)
    chances /= chances.sum()
    return [
        (float(chance), _over(curve, finding, each))
        for chance, each in zip(chances, fits, strict=True)
        if chance > 0.0
    ]


def _criterion(fit: BackgroundFit) -> float:
    """Give the BIC, deviance + coefficients * ln(bins)."""
    coefficients = fit.order + 1
    return float(fit.statistic[0] + coefficients * np.log(fit.dof + coefficients))


def _over(curve: LightCurve, finding: Finding, fit: BackgroundFit) -> Finding:
    design = fit.design(curve.start_s, curve.stop_s, curve.exposure_s)
    expected = design @ fit.coefficients[0]
    if curve.error is None:
        expected = np.maximum(expected, 1e-6)
    return replace(finding, background=fit, expected=expected)
