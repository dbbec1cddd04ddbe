"""`result.json`, schema `eclgrmd.result/1`: what an analysis found.

Times are seconds after t0. A value that cannot be given is null, and a flag says why.
"""

from typing import Any, Literal

from msgspec import Struct

from .character import Character
from .configuration.sections import TaskConfiguration
from .interval import Interval
from .measurement import Measurement
from .task import TaskType

__all__ = [
    "BurstTime",
    "Duration",
    "EvolutionPoint",
    "Fluence",
    "Flux",
    "GoodnessOfFit",
    "Input",
    "LikelihoodRatio",
    "Measurement",
    "ModelFit",
    "Parameter",
    "PhotonFluence",
    "Posterior",
    "PosteriorParameter",
    "Process",
    "RestFrame",
    "Result",
    "SpectrumFits",
    "StepRecord",
    "Width",
]


class BurstTime(Struct, frozen=True):
    """Which burst, and its reference time."""

    id: str
    t0: str | None
    """ISO-8601 UTC; null where no file tells an absolute time."""
    t0_met_s: float | None


class Width(Struct, frozen=True):
    """A duration: the time between two fractions of the fluence."""

    value_s: float | None
    err_minus_s: float | None
    err_plus_s: float | None
    start_s: float | None
    stop_s: float | None
    start_err_minus_s: float | None = None
    start_err_plus_s: float | None = None
    stop_err_minus_s: float | None = None
    stop_err_plus_s: float | None = None
    interval95_s: Interval | None = None
    """Central 95.4 % interval of the width."""
    koshut_error_s: float | None = None
    """Analytic 1-sigma error after Koshut et al. 1996, beside the bootstrap's."""


class PhotonFluence(Struct, frozen=True):
    """Durations of the photons: counts deconvolved by time-resolved spectral fits."""

    band_kev: Interval
    model: str
    """Photon model fitted in each interval."""
    t90: Width
    t50: Width
    fluence: Measurement
    """Photons/cm2 in the band, between the plateaus."""
    intervals_s: tuple[float, ...]
    """Edges of the intervals whose spectra were fitted."""
    photons_per_count: tuple[float, ...]
    """Photons/cm2 in the band for each net count, by interval."""
    relative_errors: tuple[float, ...]
    """1-sigma relative errors of `photons_per_count`."""
    flags: tuple[str, ...] = ()


class Duration(Struct, frozen=True):
    """T90 and T50 of one instrument in one band."""

    instrument: str
    detectors: tuple[str, ...]
    band_kev: Interval | None
    """Outer edges of the channels that were counted; null: not known, and a flag says so."""
    method: str
    t90: Width
    t50: Width
    flags: tuple[str, ...]
    t100_s: Interval | None = None
    """Interval over which the fluence is counted."""
    net_counts: Measurement | None = None
    significance: float | None = None
    """In sigma, Poisson source over Gaussian background (Vianello 2018)."""
    blocks_s: tuple[float, ...] = ()
    """Edges of the Bayesian blocks."""
    background: dict[str, Any] = {}
    """Intervals, order, chances of the orders (from 0 on) that were averaged, coefficients of the
    average and goodness of the background fit."""
    upper_limit_counts: float | None = None
    """3-sigma upper limit to the net counts where nothing is significant."""
    character: Character | None = None
    """Beside the duration; null where nothing is significant or it was not asked for."""
    t90_inside_t100: Width | None = None
    """Of the counts between the first and the last block only, without the tails that no block
    shows: the definition of Swift's battblocks and its catalogue."""
    t50_inside_t100: Width | None = None
    photon_fluence: PhotonFluence | None = None
    """The definition of the Fermi-GBM catalogue; null without response."""
    searched_s: Interval | None = None
    """Where the burst was looked for."""


class Parameter(Struct, frozen=True):
    """A fitted (or fixed) parameter with its 1-sigma errors."""

    value: float | None
    err_minus: float | None
    err_plus: float | None
    free: bool
    unit: str = ""
    at_limit: bool = False
    """The value lies at the edge of what the model allows."""
    err_minus_90: float | None = None
    err_plus_90: float | None = None
    err_symmetric: float | None = None
    """1 sigma, from the covariance."""


class Flux(Struct, frozen=True):
    """Photon flux (photons/cm2/s) and energy flux (erg/cm2/s) in a band."""

    band_kev: Interval
    photon: Measurement
    energy_erg: Measurement


class Fluence(Struct, frozen=True):
    """Fluence in a band, in erg/cm2 or photons/cm2."""

    band_kev: Interval
    value: float | None
    err_minus: float | None
    err_plus: float | None


class LikelihoodRatio(Struct, frozen=True):
    """How much better a model fits than a simpler one that it contains."""

    simpler: str
    improvement: float
    """Drop in the statistic."""
    extra_parameters: int
    p_value: float
    """Chance of such a drop if the simpler model were true (Wilks): a guide at a limit."""


class GoodnessOfFit(Struct, frozen=True):
    """Parametric bootstrap: spectra simulated from the fit and fitted again."""

    p_value: float
    """Chance that a spectrum of the fitted model fits worse than the measured one."""
    simulated: int
    statistic_mean: float
    statistic_std: float


class RestFrame(Struct, frozen=True):
    """Energies in the frame of the burst, 1 keV - 10 MeV there."""

    redshift: float
    assumed: bool
    """True: the redshift is not known, and this is one of a table."""
    epeak_kev: Measurement
    """Epeak (1 + z)."""
    eiso_erg: Measurement
    liso_erg_s: Measurement
    """Mean over the interval."""
    cosmology: str


class PosteriorParameter(Struct, frozen=True):
    """What the posterior tells of one parameter."""

    median: float
    interval_68: Interval
    interval_90: Interval


class Posterior(Struct, frozen=True):
    """The posterior of a fit, for a flat prior within the limits."""

    samples: int
    autocorrelation_steps: float
    acceptance: float
    converged: bool
    prior: str
    parameters: dict[str, PosteriorParameter]


class ModelFit(Struct, frozen=True):
    """One photon model fitted to one interval."""

    name: str
    preferred: bool
    """The lowest BIC of the models that fit; false for all where none fits."""
    statistic_value: float | None
    dof: int
    parameters: dict[str, Parameter]
    flux: tuple[Flux, ...]
    fluence_erg: tuple[Fluence, ...]
    flags: tuple[str, ...]
    reason: str = ""
    """Why this model is or is not preferred."""
    aic: float | None = None
    bic: float | None = None
    area: dict[str, Parameter] = {}
    """Effective-area constants, by detector."""
    fluence_photon: tuple[Fluence, ...] = ()
    likelihood_ratios: tuple[LikelihoodRatio, ...] = ()
    """To the simpler models fitted to the same interval."""
    goodness: GoodnessOfFit | None = None
    rest_frame: tuple[RestFrame, ...] = ()
    """For the known redshift; without one, of the reference and the peak, a table of redshifts."""
    covariance: tuple[tuple[float, ...], ...] = ()
    """Of the free parameters in their order, then the free area constants."""
    posterior: Posterior | None = None


class SpectrumFits(Struct, frozen=True):
    """All models fitted to one interval."""

    interval_s: Interval
    kind: str
    """t100, t90, peak, precursor, pre_slew, slew, post_slew, block, significance, interval
    (explicit) or file (ready-made spectrum)."""
    detectors: tuple[str, ...]
    statistic: Literal["pgstat", "cstat", "wstat", "chi2"]
    models: tuple[ModelFit, ...]
    energy_kev: dict[str, Interval] = {}
    """Energy range used, by detector."""
    exposure_s: dict[str, float] = {}
    """Live time, by detector."""
    statistics: dict[str, str] = {}
    """Statistic of each spectrum, by detector."""
    flags: tuple[str, ...] = ()
    preferred: str = ""
    """Name of the preferred model; `none fits` where every model is a poor fit; empty where no fit
    converged."""
    area_groups: tuple[tuple[str, ...], ...] = ()
    """Detectors that share an effective-area constant, those whose constant is 1 first; empty: all
    constants are 1."""


class EvolutionPoint(Struct, frozen=True):
    """The reference model in one of the intervals that follow each other."""

    interval_s: Interval
    kind: str
    model: str
    epeak_kev: Measurement | None
    alpha: Measurement | None
    beta: Measurement | None
    flux: Flux | None
    """In the first of the configured bands."""
    flags: tuple[str, ...]


class Input(Struct, frozen=True):
    """A file that was analysed."""

    name: str
    sha256: str
    kind: str
    version: int | None = None
    """As its name tells it (_vNN); null: only the checksum does."""


class StepRecord(Struct, frozen=True):
    """What became of a step of the analysis."""

    name: str
    key: str
    """Checksum of all that the outcome depends on."""
    sha256: str
    """Checksum of the outcome."""
    reused: bool
    """It was taken from an earlier task; the same key is the same outcome."""


class Process(Struct, frozen=True, kw_only=True):
    """How a result was made: all that is needed to make it again."""

    task_id: str = ""
    analysis: TaskType = TaskType.BURST
    rerun_of: str = ""
    """The task that this one did again with other keys; empty: none."""
    created_utc: str = ""
    """ISO-8601 UTC."""
    obs_id: str = ""
    program: str = ""
    dstream: str = ""
    proc_ver: int = 1
    trigger_utc: str = ""
    """Reference time as it was told; empty: from configuration or files."""
    flags: tuple[str, ...] = ()
    """What was known to be missing."""
    configuration_sha256: str = ""
    """Of the whole configuration as JSON with sorted keys and no spaces."""
    sources: dict[str, str] = {}
    """Layer that each value of the configuration came from, by JSON pointer."""
    calibration: tuple[Input, ...] = ()
    """Response and ancillary files that were used."""
    steps: tuple[StepRecord, ...] = ()
    processor: str = ""
    """Another one may give other last bits."""


class Result(Struct, frozen=True, kw_only=True):
    """The whole of `result.json`."""

    schema: Literal["eclgrmd.result/1"] = "eclgrmd.result/1"
    burst: BurstTime
    durations: tuple[Duration, ...]
    """The reference result first."""
    combined: Duration | None = None
    """Of the counts of ECLAIRs and GRM together; null where not both have events."""
    spectra: tuple[SpectrumFits, ...]
    """The reference result first."""
    evolution: tuple[EvolutionPoint, ...] = ()
    """Blocks, intervals of one significance or a series of spectra, in order of time."""
    flags: tuple[str, ...] = ()
    slews_s: tuple[Interval, ...] = ()
    """When the satellite turned, as far as an attitude tells it."""
    units: dict[str, str] = {}
    inputs: tuple[Input, ...] = ()
    configuration: TaskConfiguration = TaskConfiguration()
    software: dict[str, str] = {}
    process: Process = Process()
