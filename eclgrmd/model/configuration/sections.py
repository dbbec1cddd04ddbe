"""The task configuration: the choices of a scientist for the analysis of a burst.

Each key is declared here once: type, limits, default, the steps that use it (`Key`), an example,
and its meaning as the docstring. The table of steps (`steps`) is derived from these declarations,
and so are the JSON Schema and `etc/task.yaml`, which `python -m testbench generated --write`
writes.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from eclgrmd.errors import InputError
from eclgrmd.model.interval import Interval
from eclgrmd.model.names import Instrument

from .keys import Key, StepName

__all__ = [
    "AxisName",
    "BackgroundChoice",
    "DurationChoice",
    "FiguresTime",
    "InstrumentChoice",
    "IntervalName",
    "LightCurveChoice",
    "MethodName",
    "ModelName",
    "ProductChoice",
    "SpectralChoice",
    "StatisticName",
    "TaskConfiguration",
    "check_configuration",
]
READ, BLOCKS, DURATIONS = StepName.READ, StepName.BLOCKS, StepName.DURATIONS
BACKGROUND, PHOTONS, INTERVALS = StepName.BACKGROUND, StepName.PHOTONS, StepName.INTERVALS
SPECTRA, FITS, CHARACTER = StepName.SPECTRA, StepName.FITS, StepName.CHARACTER
PRODUCTS = StepName.PRODUCTS

ModelName = Literal["band", "cpl", "pl", "sbpl", "bpl", "bb", "ottb", "band+bb", "cpl+bb", "pl+bb"]
IntervalName = Literal[
    "t100", "t90", "peak", "precursor", "pre_slew", "slew", "post_slew", "blocks", "significance"
]
StatisticName = Literal["auto", "pgstat", "cstat", "wstat", "chi2"]
FiguresTime = Literal["now", "later", "never"]
MethodName = Literal["blocks", "gbm_catalogue"]
OtherSourcesName = Literal["leave_out", "keep"]
TemplatesName = Literal["automatic", "none"]
AxisName = Literal["x", "y", "z"]


class BackgroundChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Determination of the background as a function of time."""

    mode: Annotated[
        Literal["automatic", "intervals", "file"], Key((BLOCKS, DURATIONS, BACKGROUND))
    ] = "automatic"
    """`automatic` fits outside the burst; `intervals` fits in `intervals_s`; `file` uses the
    background of an input file in the form of the product `<INS>-BKG-MODEL.fits`."""
    intervals_s: Annotated[
        tuple[Interval, ...], Key((BLOCKS, DURATIONS, BACKGROUND), "[[-50, -10], [60, 120]]")
    ] = ()
    """Intervals without the burst, seconds after t0; required by mode `intervals`."""
    order: Annotated[
        Annotated[int, Meta(ge=0, le=4)] | None, Key((BLOCKS, DURATIONS, BACKGROUND))
    ] = None
    """Order of the polynomial; null: a smooth curve, averaged over its roughness."""
    file: Annotated[str | None, Key((BLOCKS, DURATIONS, BACKGROUND))] = None
    """Name of the input file for mode `file`; null: all input files of that kind."""
    templates: Annotated[TemplatesName, Key((BLOCKS, DURATIONS, BACKGROUND))] = "automatic"
    """Use of templates, if files of the orbit are given. `automatic`: the smooth curve may contain
    the part of the field of view that the Earth covers (with files of the attitude) and the
    geomagnetic cutoff, each with a free scale, as far as the data speak for it; `none`: never."""
    axis: Annotated[AxisName, Key((BLOCKS, DURATIONS, BACKGROUND))] = "z"
    """Axis of the satellite that ECLAIRs looks along, for an attitude that has quaternions only."""


class DurationChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Measurements of the temporal analysis."""

    method: Annotated[MethodName, Key((DURATIONS, PHOTONS))] = "blocks"
    """Method of T90 and T50. `blocks`: the burst that Bayesian blocks show, with its tails, and
    errors from a bootstrap. `gbm_catalogue`: the recipe of the Fermi-GBM catalogue, everything
    between the configured background intervals, with the errors of Koshut et al. 1996; it needs
    `background.mode: intervals` and `background.order`."""
    band_kev: Annotated[Interval | None, Key((BLOCKS,), "[50, 300]")] = None
    """Energy band, keV; null: the instrument's own (ECLAIRs 4-120, GRM 15-5000, GBM 50-300)."""
    t_min_s: Annotated[float | None, Key((BLOCKS,))] = None
    """Start of the window that is searched for the burst, seconds after t0; null: search near t0
    first, and all data if no burst is found there."""
    t_max_s: Annotated[float | None, Key((BLOCKS,))] = None
    """End of the window that is searched for the burst, seconds after t0; null: end of the data."""
    bin_s: Annotated[Annotated[float, Meta(gt=0)] | None, Key((BLOCKS,))] = None
    """Bin width of the light curve, seconds; null: 64 ms, or finer for a short burst."""
    false_alarm: Annotated[Annotated[float, Meta(gt=0, lt=1)], Key((BLOCKS, DURATIONS))] = 0.01
    """False-alarm probability of a change point (Bayesian blocks)."""
    bootstrap: Annotated[Annotated[int, Meta(ge=100, le=100_000)], Key((DURATIONS, PHOTONS))] = 1000
    """Number of bootstrap replicas for the errors."""
    resegment: Annotated[bool, Key((DURATIONS,))] = False
    """Repeat the search for the burst (background, blocks, extent) in each replica, instead of the
    cumulative curve only."""
    other_sources: Annotated[OtherSourcesName, Key((BLOCKS,))] = "leave_out"
    """Episodes that differ from the main one in the shares of detectors that look into different
    directions (GBM, GRM), and so come from another source or from particles: leave them out, or
    keep them in the burst."""
    combined: Annotated[bool, Key((BLOCKS,))] = True
    """Also measure ECLAIRs and GRM combined, if both have events."""
    character: Annotated[bool, Key((CHARACTER,))] = True
    """Also measure peak rates, hardness, lag, variability, class and shape of the burst."""
    photon_fluence: Annotated[bool, Key((PHOTONS,))] = True
    """Also measure T90 and T50 of the photon fluence by time-resolved fits, if there are
    responses."""


class SpectralChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Fits of the spectral analysis."""

    models: Annotated[Annotated[tuple[ModelName, ...], Meta(min_length=1)], Key((FITS,))] = (
        "band",
        "cpl",
        "pl",
    )
    """Photon models; the first one is the reference result. The result also names the preferred
    model and the reason."""
    intervals: Annotated[
        tuple[IntervalName | Interval, ...], Key((BACKGROUND, INTERVALS), "[t100, [0.0, 1.5]]")
    ] = ("t100",)
    """Integration intervals: names, or pairs in seconds after t0."""
    resolved_sigma: Annotated[Annotated[float, Meta(gt=0)], Key((INTERVALS,))] = 20.0
    """Significance, sigma, that each of the intervals of `significance` reaches."""
    slew_s: Annotated[Interval | None, Key((INTERVALS,), "[30, 119]")] = None
    """Time of the slew for `pre_slew`, `slew` and `post_slew`, seconds after t0; null: from the
    attitude data."""
    energy_kev: Annotated[dict[str, Interval], Key((PHOTONS, FITS), "{GRM: [20, 900]}")] = {}
    """Energy range to fit, keV, by detector (GRD01) or instrument (GRM); channels completely inside
    are used."""
    ignore_kev: Annotated[dict[str, tuple[Interval, ...]], Key((FITS,), "{GRM: [[30, 40]]}")] = {}
    """Energy ranges to ignore, keV, by detector or instrument; channels that overlap them are left
    out."""
    statistic: Annotated[StatisticName, Key((FITS,))] = "auto"
    """Fit statistic; `auto`: chosen for each spectrum by the kind of its errors."""
    area_correction: Annotated[bool | None, Key((FITS,))] = None
    """true: fit an effective-area constant for every detector except the first; null: for every
    mission except the first, if several are fitted together; false: all constants are 1."""
    area_groups: Annotated[
        tuple[tuple[str, ...], ...], Key((FITS,), "[[n3, n6], [b0], [KONUS]]")
    ] = ()
    """Groups of detectors (n3), instruments (GBM) or missions (FERMI) that share one constant;
    `area_correction` applies to all others."""
    flux_bands_kev: Annotated[tuple[Interval, ...], Key((FITS,))] = (
        (10.0, 1000.0),
        (15.0, 5000.0),
        (4.0, 120.0),
        (50.0, 300.0),
    )
    """Energy bands of fluxes and fluences, keV."""
    goodness_spectra: Annotated[Annotated[int, Meta(ge=0, le=10_000)], Key((FITS,))] = 200
    """Number of spectra that are simulated from each fit and fitted again for the goodness of fit,
    except for fits of blocks; 0: none."""
    redshift: Annotated[Annotated[float, Meta(gt=0, le=30)] | None, Key((FITS,))] = None
    """Redshift of the burst; null: energies are tabulated for redshifts from 0.1 to 10."""
    posterior_samples: Annotated[Annotated[int, Meta(ge=0, le=1_000_000)], Key((FITS,))] = 0
    """Number of independent samples of the posterior of the reference fit; 0: none."""


class LightCurveChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Light curves that are written and drawn in addition to the measured one."""

    bins_s: Annotated[
        Annotated[tuple[Annotated[float, Meta(ge=0.001)], ...], Meta(max_length=8)],
        Key((PRODUCTS,), "[0.016, 0.064]"),
    ] = ()
    """Bin widths, seconds; empty: 64 ms and 1 s, and 4 ms around a burst shorter than 2 s. Binned
    data keep their bins."""
    bands_kev: Annotated[
        Annotated[tuple[Interval, ...], Meta(max_length=8)],
        Key((PRODUCTS,), "[[15, 50], [50, 300]]"),
    ] = ()
    """Energy bands, keV; empty: the instrument's own."""


class ProductChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Products that are made in addition to numbers, summary and log."""

    figures: Annotated[FiguresTime | bool, Key((PRODUCTS,))] = "now"
    """When to draw figures: `now`, after all other products; `later`, when one is requested from
    the daemon (`eclgrmd analyze` draws it now); `never`. true and false mean `now` and `never`."""
    tables: Annotated[bool, Key((PRODUCTS,))] = True
    """Write light curves and spectra as FITS files."""

    @property
    def figures_time(self) -> FiguresTime:
        """When to draw figures, as a word: version 0.1.0 stored true or false."""
        if isinstance(self.figures, bool):
            return "now" if self.figures else "never"
        return self.figures


class InstrumentChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of one instrument that differ from those of the others."""

    background: BackgroundChoice = BackgroundChoice()
    """Like `background` of the task."""
    duration: DurationChoice = DurationChoice()
    """Like `duration` of the task."""


class TaskConfiguration(Struct, frozen=True, forbid_unknown_fields=True):
    """All keys that a task may set; a missing key has the default."""

    schema: Annotated[Literal["eclgrmd.task-configuration/1"], Key(())] = (
        "eclgrmd.task-configuration/1"
    )
    """Version of this schema."""
    instruments: Annotated[tuple[Instrument, ...], Key((READ,), "[ECL, GRM]")] = ()
    """Instruments to use; empty: all with data."""
    detectors: Annotated[
        tuple[str, ...], Key((READ, BLOCKS, BACKGROUND, PHOTONS, SPECTRA), "[GRD01]")
    ] = ()
    """Detectors to use, by name (GRD01); empty: all with data."""
    calibration: Annotated[tuple[str, ...], Key((READ,))] = ()
    """Names of the response and ancillary files to use; empty: all among the inputs."""
    trigger_time_s: Annotated[float | None, Key((READ,))] = None
    """Reference time t0 in mission elapsed time (MET), seconds; null: from the files."""
    background: BackgroundChoice = BackgroundChoice()
    """Determination of the background as a function of time."""
    duration: DurationChoice = DurationChoice()
    """Measurements of the temporal analysis."""
    spectral: SpectralChoice = SpectralChoice()
    """Fits of the spectral analysis."""
    light_curves: LightCurveChoice = LightCurveChoice()
    """Light curves that are written and drawn in addition to the measured one."""
    products: ProductChoice = ProductChoice()
    """Products that are made in addition to numbers, summary and log."""
    per_instrument: Annotated[
        dict[Instrument, InstrumentChoice],
        Key((), "{GRM: {background: {order: 1}, duration: {bin_s: 0.1}}}"),
    ] = {}
    """Settings of single instruments; a higher layer overrides them."""
    seed: Annotated[Annotated[int, Meta(ge=0)], Key((DURATIONS, PHOTONS, FITS, CHARACTER))] = (
        20170101
    )
    """Seed of all random numbers; the same seed gives the same result."""

    def of(self, instrument: Instrument) -> "TaskConfiguration":
        """Return the configuration for one instrument."""
        own = self.per_instrument.get(instrument)
        if own is None:
            return self
        return replace(self, background=own.background, duration=own.duration)


def check_configuration(configuration: TaskConfiguration) -> None:
    """Check values against each other.

    Raises
    ------
    InputError
        If values contradict each other; the text names the JSON pointer and what would be right.
    """
    choices: dict[str, TaskConfiguration | InstrumentChoice] = {"": configuration}
    choices |= {
        f"/per_instrument/{name}": own for name, own in configuration.per_instrument.items()
    }
    for pointer, choice in choices.items():
        _check_background(choice.background, f"task configuration: {pointer}/background")
        _check_method(choice, f"task configuration: {pointer}")
        _check_rising(_pairs_in_time(choice, pointer))
    _check_rising(_pairs_in_energy(configuration))
    _check_area_groups(configuration.spectral)


Pair = tuple[str, Interval]


def _check_rising(pairs: Iterator[Pair]) -> None:
    for pointer, (low, high) in pairs:
        if not low < high:
            raise InputError(f"task configuration: {pointer} is {low}, {high}: must be rising")


def _pairs_in_time(choice: TaskConfiguration | InstrumentChoice, above: str) -> Iterator[Pair]:
    background, duration = choice.background, choice.duration
    for i, interval in enumerate(background.intervals_s):
        yield f"{above}/background/intervals_s/{i}", interval
    if duration.band_kev is not None:
        yield f"{above}/duration/band_kev", duration.band_kev
    if duration.t_min_s is not None and duration.t_max_s is not None:
        yield f"{above}/duration/t_min_s, t_max_s", (duration.t_min_s, duration.t_max_s)


def _pairs_in_energy(configuration: TaskConfiguration) -> Iterator[Pair]:
    spectral = configuration.spectral
    for key, band in spectral.energy_kev.items():
        yield f"/spectral/energy_kev/{key}", band
    for key, holes in spectral.ignore_kev.items():
        for i, hole in enumerate(holes):
            yield f"/spectral/ignore_kev/{key}/{i}", hole
    if spectral.slew_s is not None:
        yield "/spectral/slew_s", spectral.slew_s
    for i, band in enumerate(spectral.flux_bands_kev):
        yield f"/spectral/flux_bands_kev/{i}", band
    for i, interval in enumerate(spectral.intervals):
        if not isinstance(interval, str):
            yield f"/spectral/intervals/{i}", interval
    for i, band in enumerate(configuration.light_curves.bands_kev):
        yield f"/light_curves/bands_kev/{i}", band


def _check_area_groups(spectral: SpectralChoice) -> None:
    pointer = "task configuration: /spectral/area_groups"
    if spectral.area_groups and spectral.area_correction is False:
        raise InputError(f"{pointer} needs free constants: area_correction must be null or true")
    seen: set[str] = set()
    for i, group in enumerate(spectral.area_groups):
        for name in group:
            if name in seen:
                raise InputError(f"{pointer}/{i} has {name} again: it must be in one group")
            seen.add(name)


def _check_background(background: BackgroundChoice, pointer: str) -> None:
    if background.mode == "intervals" and not background.intervals_s:
        raise InputError(f"{pointer}/intervals_s is empty, but mode `intervals` needs one")
    if background.file is not None and background.mode != "file":
        raise InputError(
            f"{pointer}/file is {background.file!r}, but {pointer}/mode is `{background.mode}`: "
            "must be `file`"
        )


def _check_method(choice: TaskConfiguration | InstrumentChoice, pointer: str) -> None:
    if choice.duration.method != "gbm_catalogue":
        return
    background = choice.background
    if background.mode != "intervals" or background.order is None:
        raise InputError(
            f"{pointer}/duration/method is `gbm_catalogue`, which needs a polynomial over given "
            f"intervals: set {pointer.removeprefix('task configuration: ')}/background/mode to "
            "`intervals`, and its intervals_s and order"
        )
