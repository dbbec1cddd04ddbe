"""What a fit is worth and what follows from it, as the contract has it."""

from eclgrmd.analysis.spectral import results
from eclgrmd.model.result import (
    GoodnessOfFit,
    LikelihoodRatio,
    Posterior,
    PosteriorParameter,
    RestFrame,
)

from .numbers import measurement

__all__ = ["goodness_of", "posterior_of", "ratio_of", "rest_frame_of"]

PRIOR = (
    "flat within the limits in alpha, photon index, 1/beta and the logarithms of amplitudes,"
    " energies, temperatures and area constants"
)
SHARES = (0.5, 0.15865, 0.84135, 0.05, 0.95)
"""The median, then the edges of the central 68.3 and 90 %."""


def ratio_of(found: results.LikelihoodRatio) -> LikelihoodRatio:
    """State a likelihood ratio."""
    return LikelihoodRatio(
        simpler=found.simpler,
        improvement=float(found.improvement),
        extra_parameters=int(found.extra_parameters),
        p_value=float(found.p_value),
    )


def goodness_of(found: results.GoodnessOfFit) -> GoodnessOfFit:
    """State the goodness of a fit."""
    return GoodnessOfFit(
        p_value=float(found.p_value),
        simulated=int(found.simulated),
        statistic_mean=float(found.statistic_mean),
        statistic_std=float(found.statistic_std),
    )


def rest_frame_of(found: results.RestFrame) -> RestFrame:
    """State the energies for one redshift."""
    return RestFrame(
        redshift=float(found.redshift),
        assumed=found.assumed,
        epeak_kev=measurement(found.epeak_kev),
        eiso_erg=measurement(found.eiso_erg),
        liso_erg_s=measurement(found.liso_erg_s),
        cosmology=found.cosmology,
    )


def posterior_of(found: results.Posterior) -> Posterior:
    """State the quantiles of a posterior."""
    columns = found.quantiles(*SHARES).T.tolist()
    return Posterior(
        samples=len(found.samples),
        autocorrelation_steps=float(found.autocorrelation_steps),
        acceptance=float(found.acceptance),
        converged=bool(found.converged),
        prior=PRIOR,
        parameters={
            name: PosteriorParameter(median, (low, high), (lower, higher))
            for name, (median, low, high, lower, higher) in zip(found.names, columns, strict=True)
        },
    )
