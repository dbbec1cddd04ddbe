"""Spectral fits of a burst: models, parameters, fluxes, fluences, and what follows from them."""

from typing import Literal

from msgspec import Struct

from eclgrmd.model.flags import FlagText
from eclgrmd.model.interval import Interval
from eclgrmd.model.measurement import Measurement

__all__ = [
    "EvolutionPoint",
    "Fluence",
    "Flux",
    "GoodnessOfFit",
    "LikelihoodRatio",
    "ModelFit",
    "Parameter",
    "Posterior",
    "PosteriorParameter",
    "RestFrame",
    "SpectrumFits",
    "Statistic",
]

Statistic = Literal["pgstat", "cstat", "wstat", "chi2"]


class Parameter(Struct, frozen=True):
    """A parameter of a photon model, or an effective-area constant, with its 1-sigma errors."""

    value: float | None
    """Best value, in `unit`."""
    err_minus: float | None
    """Error downwards by profile likelihood, positive; None: not bounded within the limits."""
    err_plus: float | None
    """Error upwards by profile likelihood, positive; None: not bounded within the limits."""
    free: bool
    """Whether the parameter was fitted; False: it was fixed."""
    unit: str = ""
    """Unit of the value and its errors; empty: none."""
    at_limit: bool = False
    """Whether the value lies at the edge of what the model allows."""
    err_minus_90: float | None = None
    """90 % error downwards by profile likelihood, positive."""
    err_plus_90: float | None = None
    """90 % error upwards by profile likelihood, positive."""
    err_symmetric: float | None = None
    """1-sigma error from the covariance."""

    @property
    def measurement(self) -> Measurement:
        """Value with its 1-sigma errors, in `unit`."""
        return Measurement(self.value, self.err_minus, self.err_plus)


class Flux(Struct, frozen=True):
    """Mean flux over the interval in one energy band."""

    band_kev: Interval
    """Energy band, keV."""
    photon: Measurement
    """Photon flux, photons/cm2/s."""
    energy_erg: Measurement
    """Energy flux, erg/cm2/s."""


class Fluence(Struct, frozen=True):
    """Fluence over the interval in one energy band, in erg/cm2 or photons/cm2."""

    band_kev: Interval
    """Energy band, keV."""
    value: float | None
    """Fluence, erg/cm2 or photons/cm2."""
    err_minus: float | None
    """1-sigma error downwards, positive; None: not bounded."""
    err_plus: float | None
    """1-sigma error upwards, positive; None: not bounded."""

    @property
    def measurement(self) -> Measurement:
        """Fluence with its 1-sigma errors, erg/cm2 or photons/cm2."""
        return Measurement(self.value, self.err_minus, self.err_plus)


class LikelihoodRatio(Struct, frozen=True):
    """Improvement of a fit over that of a simpler model that it contains."""

    simpler: str
    """Name of the simpler model."""
    improvement: float
    """Drop in the statistic."""
    extra_parameters: int
    """Number of free parameters that the simpler model lacks."""
    p_value: float
    """Chance of such a drop if the simpler model were true, by Wilks' theorem (chi-square).

    Only a guide where the simpler model lies at a limit of the other (beta to minus infinity), or
    where a component is added (Protassov et al. 2002, ApJ 571, 545).
    """


class GoodnessOfFit(Struct, frozen=True):
    """Parametric bootstrap: spectra simulated from the fit and fitted again."""

    p_value: float
    """Chance that a spectrum of the fitted model fits worse than the measured one."""
    simulated: int
    """Number of simulated spectra that were fitted."""
    statistic_mean: float | None
    """Mean statistic of the simulated spectra; None: not finite."""
    statistic_std: float | None
    """Standard deviation of the statistic of the simulated spectra; None: not finite."""


class RestFrame(Struct, frozen=True):
    """Energies in the frame of the burst, 1 keV - 10 MeV there, for one redshift."""

    redshift: float
    """Redshift z."""
    assumed: bool
    """True: the redshift is not known, and this is one of a table."""
    epeak_kev: Measurement
    """Epeak (1 + z), keV."""
    eiso_erg: Measurement
    """Isotropic energy, erg."""
    liso_erg_s: Measurement
    """Mean isotropic luminosity over the interval, erg/s."""
    cosmology: str
    """Cosmological parameters of the luminosity distance."""


class PosteriorParameter(Struct, frozen=True):
    """Quantiles of the posterior of one parameter, in the parameter's unit."""

    median: float
    """Median."""
    interval_68: Interval
    """Central 68.3 % interval."""
    interval_90: Interval
    """Central 90 % interval."""


class Posterior(Struct, frozen=True):
    """The posterior of a fit, for a flat prior within the limits."""

    samples: int
    """Number of samples."""
    autocorrelation_steps: float | None
    """Steps of the chains after which samples are independent: the longest of all parameters; None:
    the chains did not move."""
    acceptance: float
    """Share of proposed moves that were taken."""
    converged: bool
    """Whether the chains are at least 50 times as long as `autocorrelation_steps`."""
    prior: str
    """Prior in words."""
    parameters: dict[str, PosteriorParameter]
    """Quantiles by parameter, area constants last."""


class ModelFit(Struct, frozen=True):
    """Fit of one photon model to one interval, all detectors jointly."""

    name: str
    """Model as configured: band, cpl, pl, sbpl, bpl, bb, ottb, band+bb, ..."""
    preferred: bool
    """Whether this model has the lowest BIC of those that fit; False for all where none fits."""
    statistic_value: float | None
    """Value of the statistic at the minimum; None: the fit failed."""
    dof: int
    """Degrees of freedom: channels minus free parameters."""
    parameters: dict[str, Parameter]
    """Parameters by name, in the model's own order."""
    flux: tuple[Flux, ...]
    """Fluxes in the configured bands."""
    fluence_erg: tuple[Fluence, ...]
    """Energy fluences in the configured bands, erg/cm2."""
    flags: tuple[FlagText, ...]
    """What is doubtful about this fit."""
    reason: str = ""
    """Why this model is or is not preferred: one sentence."""
    aic: float | None = None
    """Akaike's information criterion with the small-sample term."""
    bic: float | None = None
    """Bayesian information criterion (Schwarz 1978)."""
    area: dict[str, Parameter] = {}
    """Effective-area constants by detector; the first is fixed at 1."""
    fluence_photon: tuple[Fluence, ...] = ()
    """Photon fluences in the configured bands, photons/cm2."""
    likelihood_ratios: tuple[LikelihoodRatio, ...] = ()
    """Ratios to the simpler models fitted to the same interval."""
    goodness: GoodnessOfFit | None = None
    """Goodness of fit; None: not asked for."""
    rest_frame: tuple[RestFrame, ...] = ()
    """For the known redshift; without one, of the reference and the peak, a table of redshifts."""
    covariance: tuple[tuple[float | None, ...], ...] = ()
    """Covariance of the free parameters in their order, then of the free area constants; None: not
    finite."""
    posterior: Posterior | None = None
    """Posterior; None: not asked for."""


class SpectrumFits(Struct, frozen=True):
    """All models fitted to one interval."""

    interval_s: Interval
    """Interval of the spectra, seconds after t0."""
    kind: str
    """t100, t90, peak, precursor, pre_slew, slew, post_slew, block, significance, interval
    (explicit) or file (ready-made spectrum)."""
    detectors: tuple[str, ...]
    """Detectors whose spectra were fitted."""
    statistic: Statistic
    """Statistic of the first spectrum."""
    models: tuple[ModelFit, ...]
    """Fits, the reference model first."""
    energy_kev: dict[str, Interval] = {}
    """Energy range used, keV, by detector."""
    exposure_s: dict[str, float] = {}
    """Live time, seconds, by detector."""
    statistics: dict[str, str] = {}
    """Statistic of each spectrum, by detector."""
    flags: tuple[FlagText, ...] = ()
    """What is doubtful about these spectra."""
    preferred: str = ""
    """Name of the preferred model; `none fits` where every model is a poor fit; empty where no fit
    converged."""
    area_groups: tuple[tuple[str, ...], ...] = ()
    """Detectors that share an effective-area constant, those whose constant is 1 first; empty: all
    constants are 1."""


class EvolutionPoint(Struct, frozen=True):
    """The reference model in one of the intervals that follow each other."""

    interval_s: Interval
    """Interval of the spectra, seconds after t0."""
    kind: str
    """Kind of the intervals: block, significance or file."""
    model: str
    """Name of the reference model."""
    epeak_kev: Measurement | None
    """Epeak, keV; None: the model has none."""
    alpha: Measurement | None
    """Index at low energies; None: the model has none."""
    beta: Measurement | None
    """Index at high energies; None: the model has none."""
    flux: Flux | None
    """Flux in the first of the configured bands; None: not known."""
    flags: tuple[FlagText, ...]
    """What is doubtful about this fit."""
