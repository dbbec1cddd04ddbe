"""The task configuration file: how a scientist wants a burst analysed."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from eclgrmd.errors import InputError

from .decode import decode_json

__all__ = [
    "BackgroundChoice",
    "DurationChoice",
    "ModelName",
    "ProductChoice",
    "SpectralChoice",
    "StatisticName",
    "TaskConfiguration",
    "check_configuration",
    "configuration_from_json",
]

Interval = tuple[float, float]
ModelName = Literal["band", "cpl", "pl", "sbpl", "bpl", "bb", "ottb", "band+bb", "cpl+bb", "pl+bb"]
StatisticName = Literal["auto", "pgstat", "cstat", "wstat", "chi2"]


class BackgroundChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """How the background in time is found."""

    mode: Literal["automatic", "intervals", "file"] = "automatic"
    """`automatic` looks outside the burst; `intervals` fits the given ones; `file` takes the
    background from an input file in the form of the product `<INS>-BKG-MODEL.fits`."""
    intervals_s: tuple[Interval, ...] = ()
    """Intervals free of the burst, seconds after t0; required by mode `intervals`."""
    order: Annotated[int, Meta(ge=0, le=4)] | None = None
    """Order of the polynomial; null: chosen by the Bayesian information criterion."""
    file: str | None = None
    """Name of the input file that mode `file` takes; null: all input files of that kind."""


class DurationChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """What the temporal analysis measures."""

    band_kev: Interval | None = None
    """Energy band; null: the instrument's own (ECLAIRs 4-120, GRM 15-5000, GBM 50-300 keV)."""
    t_min_s: float | None = None
    """Start of the window searched for the burst, seconds after t0; null: start of the data."""
    t_max_s: float | None = None
    """End of the window searched for the burst; null: end of the data."""
    bin_s: Annotated[float, Meta(gt=0)] | None = None
    """Light-curve bin width, seconds; null: 64 ms, or finer for a short burst."""
    false_alarm: Annotated[float, Meta(gt=0, lt=1)] = 0.01
    """False-alarm probability of a change point (Bayesian blocks)."""
    bootstrap: Annotated[int, Meta(ge=100, le=100_000)] = 1000
    """Replicas behind the errors."""
    combined: bool = True
    """Measure ECLAIRs and GRM together, too, where both have events."""
    character: bool = True
    """Tell peak rates, hardness, lag, variability, class and shape of the burst, too."""


class SpectralChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """What the spectral analysis fits."""

    models: Annotated[tuple[ModelName, ...], Meta(min_length=1)] = ("band",)
    """Photon models, the first is the reference result."""
    intervals: tuple[Literal["t100", "t90", "peak", "blocks"] | Interval, ...] = ("t100",)
    """What to integrate over: named intervals or explicit ones, seconds after t0."""
    energy_kev: dict[str, Interval] = {}
    """Energy range used, by detector (GRD01) or instrument (GRM); channels fully inside."""
    statistic: StatisticName = "auto"
    """`auto`: what each spectrum's own errors ask for."""
    area_correction: bool = False
    """Let every detector but the first have a free effective-area constant."""
    flux_bands_kev: tuple[Interval, ...] = ((10.0, 1000.0),)
    """Bands of the fluxes and fluences."""
    goodness_spectra: Annotated[int, Meta(ge=0, le=10_000)] = 0
    """Spectra simulated from each fit and fitted again to judge its goodness; 0: none."""
    redshifts: tuple[Annotated[float, Meta(gt=0)], ...] = ()
    """Redshifts, known or assumed, for which energies in the burst's frame are given."""


class ProductChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Which products are made besides numbers, summary and log."""

    figures: bool = True
    """Draw figures; they take most of the time of a task with little data."""
    tables: bool = True
    """Write light curves and spectra as FITS files."""


class TaskConfiguration(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that a task may set; what is left out has the default shown."""

    detectors: tuple[str, ...] = ()
    """Detectors to use; empty: all that have data."""
    trigger_time_s: float | None = None
    """Reference time t0 in the mission's own time (MET), seconds; null: from the files."""
    background: BackgroundChoice = BackgroundChoice()
    duration: DurationChoice = DurationChoice()
    spectral: SpectralChoice = SpectralChoice()
    products: ProductChoice = ProductChoice()
    seed: Annotated[int, Meta(ge=0)] = 20170101
    """Seed of every random number: the same seed gives the same result."""


def configuration_from_json(text: bytes | str) -> TaskConfiguration:
    """Read a task configuration.

    Raises
    ------
    InputError
        With the path of the wrong value and what would be right.
    """
    configuration = decode_json(text, TaskConfiguration, what="task configuration")
    check_configuration(configuration)
    return configuration


def check_configuration(configuration: TaskConfiguration) -> None:
    """Refuse values that fit their types but not each other.

    Raises
    ------
    InputError
        With the path of the wrong value and what would be right.
    """
    background, duration = configuration.background, configuration.duration
    _check_background(background)
    named = {f"background.intervals_s[{i}]": v for i, v in enumerate(background.intervals_s)}
    if duration.band_kev is not None:
        named["duration.band_kev"] = duration.band_kev
    if duration.t_min_s is not None and duration.t_max_s is not None:
        named["duration.t_min_s, t_max_s"] = (duration.t_min_s, duration.t_max_s)
    for key, band in configuration.spectral.energy_kev.items():
        named[f"spectral.energy_kev.{key}"] = band
    for i, band in enumerate(configuration.spectral.flux_bands_kev):
        named[f"spectral.flux_bands_kev[{i}]"] = band
    for i, interval in enumerate(configuration.spectral.intervals):
        if not isinstance(interval, str):
            named[f"spectral.intervals[{i}]"] = interval
    for path, (low, high) in named.items():
        if not low < high:
            raise InputError(f"task configuration: {path} is {low}, {high}: must be rising")


def _check_background(background: BackgroundChoice) -> None:
    if background.mode == "intervals" and not background.intervals_s:
        raise InputError(
            "task configuration: background.intervals_s is empty, but mode `intervals` needs one"
        )
    if background.file is not None and background.mode != "file":
        raise InputError(
            f"task configuration: background.file is {background.file!r}, but background.mode is "
            f"`{background.mode}`: must be `file`"
        )
