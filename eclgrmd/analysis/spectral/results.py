"""What the spectral analysis found: frozen values that products draw and write.

Times are seconds after t0. A value that cannot be given is None, and a flag says why; no NaN.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.flags import NONE_FITS, POOR_FIT
from eclgrmd.model.observation import Floats, Spectrum

__all__ = [
    "Comparison",
    "Estimate",
    "FittedParameter",
    "FluenceValue",
    "FluxValue",
    "GoodnessOfFit",
    "IntervalFits",
    "LikelihoodRatio",
    "NuFnu",
    "Posterior",
    "RestFrame",
    "SpectralAnalysis",
    "SpectralFit",
]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with asymmetric 1-sigma errors, both positive."""

    value: float | None
    err_minus: float | None
    """None: no lower bound within the parameter's limits."""
    err_plus: float | None
    """None: no upper bound within the parameter's limits."""
    traced: bool = True
    """False: the profile of the likelihood failed, and an error is that of the covariance."""

    def times(self, factor: float) -> "Estimate":
        """Scale value and errors."""
        value, minus, plus = (
            None if x is None else x * factor for x in (self.value, self.err_minus, self.err_plus)
        )
        return Estimate(value, minus, plus, traced=self.traced)


@dataclass(frozen=True, slots=True)
class FittedParameter:
    """A parameter of a photon model, or an effective-area constant."""

    name: str
    """As in `result.json`: epeak_kev, alpha, beta, amplitude, index, kt_kev, ..."""
    value: float | None
    err_minus: float | None
    """Profile likelihood, 1 sigma, positive; None: not bounded below within the limits."""
    err_plus: float | None
    """Profile likelihood, 1 sigma, positive; None: not bounded above within the limits."""
    free: bool
    unit: str = ""
    at_limit: bool = False
    """The best value lies at the edge of what the model allows."""
    err_symmetric: float | None = None
    """1-sigma error from the covariance."""
    err_minus_90: float | None = None
    """90 % profile likelihood, positive."""
    err_plus_90: float | None = None
    """90 % profile likelihood, positive."""


@dataclass(frozen=True, slots=True)
class FluxValue:
    """Mean flux over the interval in one energy band."""

    band_kev: tuple[float, float]
    photon: Estimate
    """Photons/cm2/s."""
    energy_erg: Estimate
    """erg/cm2/s."""


@dataclass(frozen=True, slots=True)
class FluenceValue:
    """Fluence over the interval in one energy band."""

    band_kev: tuple[float, float]
    photon: Estimate
    """Photons/cm2."""
    energy_erg: Estimate
    """erg/cm2."""


@dataclass(frozen=True, slots=True, eq=False)
class NuFnu:
    """The spectral energy distribution E^2 N(E) of a fit, with its 1-sigma butterfly."""

    energy_kev: Floats
    """Shape (k,), rising."""
    value_erg: Floats
    """erg/cm2/s, shape (k,)."""
    low_erg: Floats
    """Lower edge of the 1-sigma band, erg/cm2/s, shape (k,)."""
    high_erg: Floats
    """Upper edge of the 1-sigma band, erg/cm2/s, shape (k,)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the choice between the fitted models rests on."""

    aic: float
    """Akaike's information criterion with the small-sample term."""
    bic: float
    """Bayesian information criterion (Schwarz 1978)."""


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """How much better a model fits than a simpler one that it contains."""

    simpler: str
    """Name of the simpler model."""
    improvement: float
    """Drop in the statistic."""
    extra_parameters: int
    p_value: float
    """Chance of such a drop if the simpler model were true, by Wilks' theorem (chi-square).

    Only a guide where the simpler model lies at a limit of the other (beta to minus infinity), or
    where a component is added (Protassov et al. 2002, ApJ 571, 545).
    """


@dataclass(frozen=True, slots=True)
class GoodnessOfFit:
    """Parametric bootstrap: how often a simulated spectrum fits worse than the measured one."""

    p_value: float
    simulated: int
    """Number of simulated spectra that were refitted."""
    statistic_mean: float
    statistic_std: float


@dataclass(frozen=True, slots=True)
class RestFrame:
    """Quantities in the frame of the burst, for one redshift."""

    redshift: float
    epeak_kev: Estimate
    """Epeak (1 + z)."""
    eiso_erg: Estimate
    """Isotropic energy, 1 keV - 10 MeV rest frame."""
    liso_erg_s: Estimate
    """Mean isotropic luminosity over the interval, 1 keV - 10 MeV rest frame."""
    cosmology: str
    assumed: bool = False
    """True: the redshift is not known, and this is one of a table."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Samples of the parameters, from the likelihood and a flat prior within their limits."""

    names: tuple[str, ...]
    """Free parameters, area constants last."""
    samples: Floats
    """Shape (n, p)."""
    autocorrelation_steps: float
    """Steps of the chains after which samples are independent: the longest of all parameters."""
    acceptance: float
    """Share of proposed moves that were taken."""
    converged: bool
    """Whether the chains are at least 50 times as long as that."""

    def quantiles(self, *fractions: float) -> Floats:
        """Give quantiles of every parameter, shape (fractions, p)."""
        return np.asarray(np.quantile(self.samples, fractions, axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class SpectralFit:
    """One photon model fitted to one interval, all detectors jointly."""

    name: str
    """Model as configured: band, cpl, pl, sbpl, bpl, bb, ottb, band+bb, ..."""
    preferred: bool
    reason: str
    """Why this model is or is not preferred: one sentence."""
    statistic_value: float | None
    dof: int
    parameters: tuple[FittedParameter, ...]
    """In the model's own order."""
    covariance: Floats
    """Of the free parameters in their order, then the free area constants; shape (p, p)."""
    area: dict[str, FittedParameter]
    """Effective-area constant by detector; the first is fixed at 1."""
    fluxes: tuple[FluxValue, ...]
    fluences: tuple[FluenceValue, ...]
    folded: tuple[Floats, ...]
    """Source counts expected in each spectrum, without background, shape (channels,)."""
    nufnu: NuFnu | None
    flags: tuple[str, ...] = ()
    comparison: Comparison | None = None
    goodness: GoodnessOfFit | None = None
    rest_frame: tuple[RestFrame, ...] = ()
    likelihood_ratios: tuple[LikelihoodRatio, ...] = ()
    posterior: Posterior | None = None

    @property
    def bic(self) -> float:
        """Bayesian information criterion; infinite where there is none."""
        return math.inf if self.comparison is None else self.comparison.bic

    @property
    def poor_fit(self) -> str:
        """The flag that tells a poor fit, with its statistic; empty where the fit is good."""
        return next((flag for flag in self.flags if flag.startswith(POOR_FIT)), "")


@dataclass(frozen=True, slots=True, eq=False)
class IntervalFits:
    """All models fitted to one interval."""

    interval_s: tuple[float, float]
    kind: str
    """t100, t90, peak, precursor, pre_slew, slew, post_slew, block, significance, interval
    (explicit) or file (ready-made spectrum)."""
    spectra: tuple[Spectrum, ...]
    """One per detector; a spectrum that could not be used is left out and flagged."""
    used: tuple[NDArray[np.bool_], ...]
    """Channels that took part in the fit, one array per spectrum, shape (channels,)."""
    energy_kev: dict[str, tuple[float, float]]
    """Energy range used, by detector."""
    statistic: str
    """pgstat, cstat, wstat or chi2: of the first spectrum."""
    statistics: tuple[str, ...]
    """The same for each spectrum."""
    fits: tuple[SpectralFit, ...]
    """The reference model first."""
    flags: tuple[str, ...] = ()
    area_groups: tuple[tuple[str, ...], ...] = ()
    """Detectors that share an effective-area constant, the reference ones first; empty: all
    constants are 1."""

    @property
    def preferred_name(self) -> str:
        """Name of the preferred model, or that none fits; empty where nothing converged."""
        if any(fit.reason.startswith(NONE_FITS) for fit in self.fits):
            return NONE_FITS
        return next((fit.name for fit in self.fits if fit.preferred), "")

    @property
    def preferred(self) -> SpectralFit:
        """The preferred model, else the one of lowest BIC; there must be a fit."""
        preferred = next((fit for fit in self.fits if fit.preferred), None)
        return preferred or min(self.fits, key=lambda fit: fit.bic)


@dataclass(frozen=True, slots=True, eq=False)
class SpectralAnalysis:
    """Every interval of a burst."""

    intervals: tuple[IntervalFits, ...] = ()
    """The reference interval first; blocks follow in order of time."""
    flags: tuple[str, ...] = field(default=())
