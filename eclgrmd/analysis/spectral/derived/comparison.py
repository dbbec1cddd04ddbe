"""Model comparison: information criteria, likelihood ratios and the preferred model."""

import math
from collections.abc import Sequence

from msgspec.structs import replace
from scipy.special import gammaincc

from eclgrmd.analysis.spectral.results import SpectralFit
from eclgrmd.model.flags import FlagCode, has_flag
from eclgrmd.model.result import LikelihoodRatio

__all__ = [
    "NONE_FITS",
    "choose_model",
    "contains",
    "information_criteria",
    "matched_components",
    "preferred_name",
    "with_likelihood_ratios",
]

_CONTAINED = {
    "pl": ("cpl", "band", "bpl", "sbpl"),
    "cpl": ("band",),
    "ottb": ("cpl",),
}
"""For each simple model the models that contain it, exactly or in the limit of a parameter."""
NONE_FITS = "none fits"
"""Stands for the name of the preferred model if all models are poor fits."""
_CLEAR = 6.0
"""Difference in BIC from which evidence is strong (Kass & Raftery 1995)."""


def information_criteria(statistic: float, parameters: int, channels: int) -> tuple[float, float]:
    """Return AIC (corrected for the number of channels) and BIC of one fit.

    Parameters
    ----------
    statistic
        Minus twice the logarithm of the likelihood, up to a constant.
    parameters
        Number of free parameters.
    channels
        Number of fitted channels.
    """
    spare = channels - parameters - 1
    correction = 2.0 * parameters * (parameters + 1) / spare if spare > 0 else 0.0
    return (
        statistic + 2.0 * parameters + correction,
        statistic + parameters * math.log(max(channels, 1)),
    )


def contains(richer: str, simpler: str) -> bool:
    """Return True if a model has another one as a special case, component by component."""
    return matched_components(richer, simpler) is not None


def matched_components(richer: str, simpler: str) -> dict[str, str] | None:
    """Return the component of a simpler model that each component of a richer one contains.

    None if the simpler model is not a special case of the richer one.
    """
    left = richer.split("+")
    pairs: dict[str, str] = {}
    for part in simpler.split("+"):
        match = next((c for c in left if c == part or c in _CONTAINED.get(part, ())), None)
        if match is None:
            return None
        left.remove(match)
        pairs[match] = part
    return pairs if richer != simpler else None


def with_likelihood_ratios(fits: Sequence[SpectralFit]) -> tuple[SpectralFit, ...]:
    """Return the fits with likelihood ratios to the simpler models among them, order kept."""
    return tuple(
        replace(
            fit,
            likelihood_ratios=tuple(
                ratio
                for other in fits
                if contains(fit.name, other.name) and (ratio := _ratio(fit, other)) is not None
            ),
        )
        for fit in fits
    )


def _ratio(fit: SpectralFit, simpler: SpectralFit) -> LikelihoodRatio | None:
    extra = simpler.dof - fit.dof
    if fit.statistic_value is None or simpler.statistic_value is None or extra < 1:
        return None
    drop = simpler.statistic_value - fit.statistic_value
    chance = float(gammaincc(0.5 * extra, 0.5 * max(drop, 0.0)))
    return LikelihoodRatio(simpler.name, drop, extra, chance)


def choose_model(fits: Sequence[SpectralFit]) -> tuple[SpectralFit, ...]:
    """Return the fits with the preferred model marked, and a reason for each; order is kept.

    The preferred model has the lowest BIC of those that are not poor fits. If all are poor fits,
    none is preferred.
    """
    usable = _usable(fits)
    if not usable:
        return tuple(replace(f, reason="no model could be fitted") for f in fits)
    fitting = [f for f in usable if not f.poor_fit]
    ranked = sorted(fitting or usable, key=lambda fit: fit.rank)
    chosen = (_with_reason(fit, ranked, usable) for fit in fits)
    if fitting:
        return tuple(chosen)
    return tuple(
        replace(fit, preferred=False, reason=f"{NONE_FITS}; {fit.reason}") for fit in chosen
    )


def preferred_name(fits: Sequence[SpectralFit]) -> str:
    """Return the name of the preferred model, or that none fits; empty where none converged."""
    usable = _usable(fits)
    if usable and all(fit.poor_fit for fit in usable):
        return NONE_FITS
    return next((fit.name for fit in fits if fit.preferred), "")


def _usable(fits: Sequence[SpectralFit]) -> list[SpectralFit]:
    """Return the fits that converged."""
    return [
        fit
        for fit in fits
        if fit.bic is not None and not has_flag(fit.flags, FlagCode.NOT_CONVERGED)
    ]


def _with_reason(
    fit: SpectralFit, ranked: Sequence[SpectralFit], usable: Sequence[SpectralFit]
) -> SpectralFit:
    best = ranked[0]
    if fit not in usable:
        return replace(fit, preferred=False, reason="its fit did not converge")
    if fit not in ranked:
        return replace(fit, preferred=False, reason=f"a poor fit, unlike that of {best.name}")
    if fit is not best:
        behind = fit.rank - best.rank
        return replace(fit, preferred=False, reason=f"BIC {behind:.1f} above that of {best.name}")
    if len(ranked) == 1:
        only = "the only model fitted" if len(usable) == 1 else "the only model that fits"
        return replace(fit, preferred=True, reason=only)
    ahead = ranked[1].rank - best.rank
    how = "clearly" if ahead >= _CLEAR else "but not decisively"
    return replace(
        fit,
        preferred=True,
        reason=f"lowest BIC, {how}: {ahead:.1f} below that of {ranked[1].name}",
    )
