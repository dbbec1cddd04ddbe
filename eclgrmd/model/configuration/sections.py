"""The task configuration: how a scientist wants a burst analysed.

This is the one declaration of its keys: type, limits, default, the steps that take the value
(`Key`), an example, and the meaning as the docstring. The table of steps (`steps`) is read from it;
`testbench/generated --write` writes the JSON Schema and `etc/task.yaml` from it.
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
    "BackgroundChoice",
    "DurationChoice",
    "InstrumentChoice",
    "IntervalName",
    "LightCurveChoice",
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


class BackgroundChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """How the background in time is found."""

    mode: Annotated[
        Literal["automatic", "intervals", "file"], Key((BLOCKS, DURATIONS, BACKGROUND))
    ] = "automatic"
    """`automatic` looks outside the burst; `intervals` fits the given ones; `file` takes the
    background from an input file in the form of the product `<INS>-BKG-MODEL.fits`."""
    intervals_s: Annotated[
        tuple[Interval, ...], Key((BLOCKS, DURATIONS, BACKGROUND), "[[-50, -10], [60, 120]]")
    ] = ()
    """Intervals free of the burst, seconds after t0; required by mode `intervals`."""
    order: Annotated[
        Annotated[int, Meta(ge=0, le=4)] | None, Key((BLOCKS, DURATIONS, BACKGROUND))
    ] = None
    """Order of the polynomial; null: averaged over the orders by the Bayesian information
    criterion."""
    file: Annotated[str | None, Key((BLOCKS, DURATIONS, BACKGROUND))] = None
    """Name of the input file that mode `file` takes; null: all input files of that kind."""


class DurationChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """What the temporal analysis measures."""

    band_kev: Annotated[Interval | None, Key((BLOCKS,), "[50, 300]")] = None
    """Energy band; null: the instrument's own (ECLAIRs 4-120, GRM 15-5000, GBM 50-300 keV)."""
    t_min_s: Annotated[float | None, Key((BLOCKS,))] = None
    """Start of the window searched for the burst, seconds after t0; null: near t0
    first, and all the data where no burst is found there."""
    t_max_s: Annotated[float | None, Key((BLOCKS,))] = None
    """End of the window searched for the burst; null: end of the data."""
    bin_s: Annotated[Annotated[float, Meta(gt=0)] | None, Key((BLOCKS,))] = None
    """Light-curve bin width, seconds; null: 64 ms, or finer for a short burst."""
    false_alarm: Annotated[Annotated[float, Meta(gt=0, lt=1)], Key((BLOCKS, DURATIONS))] = 0.01
    """False-alarm probability of a change point (Bayesian blocks)."""
    bootstrap: Annotated[Annotated[int, Meta(ge=100, le=100_000)], Key((DURATIONS, PHOTONS))] = 1000
    """Replicas behind the errors."""
    resegment: Annotated[bool, Key((DURATIONS,))] = False
    """Search replicas for the burst again (background, blocks, extent), not only cumulate them."""
    combined: Annotated[bool, Key((BLOCKS,))] = True
    """Measure ECLAIRs and GRM together, too, where both have events."""
    character: Annotated[bool, Key((CHARACTER,))] = True
    """Tell peak rates, hardness, lag, variability, class and shape of the burst, too."""
    photon_fluence: Annotated[bool, Key((PHOTONS,))] = True
    """Measure T90 and T50 of the photons, too (time-resolved fits), where responses are given."""


class SpectralChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """What the spectral analysis fits."""

    models: Annotated[Annotated[tuple[ModelName, ...], Meta(min_length=1)], Key((FITS,))] = (
        "band",
        "cpl",
        "pl",
    )
    """Photon models; the first is the reference result, one is preferred, with its reason."""
    intervals: Annotated[
        tuple[IntervalName | Interval, ...], Key((BACKGROUND, INTERVALS), "[t100, [0.0, 1.5]]")
    ] = ("t100",)
    """What to integrate over: named intervals or explicit ones, seconds after t0."""
    resolved_sigma: Annotated[Annotated[float, Meta(gt=0)], Key((INTERVALS,))] = 20.0
    """Significance at which an interval named `significance` is closed."""
    slew_s: Annotated[Interval | None, Key((INTERVALS,), "[30, 119]")] = None
    """When the satellite turned, for `pre_slew`, `slew` and `post_slew`, seconds after t0; null:
    as the attitude among the data tells it."""
    energy_kev: Annotated[dict[str, Interval], Key((PHOTONS, FITS), "{GRM: [20, 900]}")] = {}
    """Energy range used, by detector (GRD01) or instrument (GRM); channels fully inside."""
    ignore_kev: Annotated[dict[str, tuple[Interval, ...]], Key((FITS,), "{GRM: [[30, 40]]}")] = {}
    """Ranges left out, by detector or instrument; channels that touch them."""
    statistic: Annotated[StatisticName, Key((FITS,))] = "auto"
    """`auto`: what each spectrum's own errors ask for."""
    area_correction: Annotated[bool | None, Key((FITS,))] = None
    """Let every detector but the first have a free effective-area constant; null: every mission
    but the first, where several are fitted together; false: all constants are 1."""
    area_groups: Annotated[
        tuple[tuple[str, ...], ...], Key((FITS,), "[[n3, n6], [b0], [KONUS]]")
    ] = ()
    """Detectors (n3), instruments (GBM) or missions (FERMI) that share a constant, group by
    group; others as `area_correction` says."""
    flux_bands_kev: Annotated[tuple[Interval, ...], Key((FITS,))] = (
        (10.0, 1000.0),
        (15.0, 5000.0),
        (4.0, 120.0),
        (50.0, 300.0),
    )
    """Bands of the fluxes and fluences."""
    goodness_spectra: Annotated[Annotated[int, Meta(ge=0, le=10_000)], Key((FITS,))] = 200
    """Spectra simulated from each fit (but not of blocks) and fitted again; 0: none."""
    redshift: Annotated[Annotated[float, Meta(gt=0, le=30)] | None, Key((FITS,))] = None
    """Of the burst; null: its energies are given for redshifts from 0.1 to 10."""
    posterior_samples: Annotated[Annotated[int, Meta(ge=0, le=1_000_000)], Key((FITS,))] = 0
    """Independent samples wanted of the posterior of the reference fit; 0: none."""


class LightCurveChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Which light curves are written and drawn beside the measured one."""

    bins_s: Annotated[
        Annotated[tuple[Annotated[float, Meta(ge=0.001)], ...], Meta(max_length=8)],
        Key((PRODUCTS,), "[0.016, 0.064]"),
    ] = ()
    """Bin widths, seconds; empty: 64 ms and 1 s, and 4 ms around a burst shorter than 2 s.
    What came binned keeps its bins."""
    bands_kev: Annotated[
        Annotated[tuple[Interval, ...], Meta(max_length=8)],
        Key((PRODUCTS,), "[[15, 50], [50, 300]]"),
    ] = ()
    """Energy bands, keV; empty: the instrument's own."""


class ProductChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Which products are made besides numbers, summary and log."""

    figures: Annotated[bool, Key((PRODUCTS,))] = True
    """Draw figures; they take most of the time of a task with little data."""
    tables: Annotated[bool, Key((PRODUCTS,))] = True
    """Write light curves and spectra as FITS files."""


class InstrumentChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """What one instrument is analysed with, where it differs from the others."""

    background: BackgroundChoice = BackgroundChoice()
    """As `background` of the task."""
    duration: DurationChoice = DurationChoice()
    """As `duration` of the task."""


class TaskConfiguration(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that a task may set; what is left out has the default shown."""

    schema: Annotated[Literal["eclgrmd.task-configuration/1"], Key(())] = (
        "eclgrmd.task-configuration/1"
    )
    """Version of this schema."""
    instruments: Annotated[tuple[Instrument, ...], Key((READ,), "[ECL, GRM]")] = ()
    """Instruments to use; empty: all that have data."""
    detectors: Annotated[
        tuple[str, ...], Key((READ, BLOCKS, BACKGROUND, PHOTONS, SPECTRA), "[GRD01]")
    ] = ()
    """Detectors to use, by name (GRD01); empty: all that have data."""
    calibration: Annotated[tuple[str, ...], Key((READ,))] = ()
    """Names of the response and ancillary files to use; empty: all among the inputs."""
    trigger_time_s: Annotated[float | None, Key((READ,))] = None
    """Reference time t0 in the mission's own time (MET), seconds; null: from the files."""
    background: BackgroundChoice = BackgroundChoice()
    """How the background in time is found."""
    duration: DurationChoice = DurationChoice()
    """What the temporal analysis measures."""
    spectral: SpectralChoice = SpectralChoice()
    """What the spectral analysis fits."""
    light_curves: LightCurveChoice = LightCurveChoice()
    """Which light curves are written and drawn beside the measured one."""
    products: ProductChoice = ProductChoice()
    """Which products are made besides numbers, summary and log."""
    per_instrument: Annotated[
        dict[Instrument, InstrumentChoice],
        Key((), "{GRM: {background: {order: 1}, duration: {bin_s: 0.1}}}"),
    ] = {}
    """What differs for an instrument; a layer above goes before what is said here."""
    seed: Annotated[Annotated[int, Meta(ge=0)], Key((DURATIONS, PHOTONS, FITS, CHARACTER))] = (
        20170101
    )
    """Seed of every random number: the same seed gives the same result."""

    def of(self, instrument: Instrument) -> "TaskConfiguration":
        """Give what one instrument is analysed with."""
        own = self.per_instrument.get(instrument)
        if own is None:
            return self
        return replace(self, background=own.background, duration=own.duration)


def check_configuration(configuration: TaskConfiguration) -> None:
    """Refuse values that fit their types but not each other.

    Raises
    ------
    InputError
        With the JSON pointer of the wrong value and what would be right.
    """
    choices: dict[str, TaskConfiguration | InstrumentChoice] = {"": configuration}
    choices |= {
        f"/per_instrument/{name}": own for name, own in configuration.per_instrument.items()
    }
    for place, choice in choices.items():
        _check_background(choice.background, f"task configuration: {place}/background")
        _check_rising(_pairs_in_time(choice, place))
    _check_rising(_pairs_in_energy(configuration))
    _check_area_groups(configuration.spectral)


Pair = tuple[str, Interval]


def _check_rising(pairs: Iterator[Pair]) -> None:
    for pointer, (low, high) in pairs:
        if not low < high:
            raise InputError(f"task configuration: {pointer} is {low}, {high}: must be rising")


def _pairs_in_time(choice: TaskConfiguration | InstrumentChoice, place: str) -> Iterator[Pair]:
    background, duration = choice.background, choice.duration
    for i, interval in enumerate(background.intervals_s):
        yield f"{place}/background/intervals_s/{i}", interval
    if duration.band_kev is not None:
        yield f"{place}/duration/band_kev", duration.band_kev
    if duration.t_min_s is not None and duration.t_max_s is not None:
        yield f"{place}/duration/t_min_s, t_max_s", (duration.t_min_s, duration.t_max_s)


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
    place = "task configuration: /spectral/area_groups"
    if spectral.area_groups and spectral.area_correction is False:
        raise InputError(f"{place} needs free constants: area_correction must be null or true")
    seen: set[str] = set()
    for i, group in enumerate(spectral.area_groups):
        for name in group:
            if name in seen:
                raise InputError(f"{place}/{i} has {name} again: it must be in one group")
            seen.add(name)


def _check_background(background: BackgroundChoice, place: str) -> None:
    if background.mode == "intervals" and not background.intervals_s:
        raise InputError(f"{place}/intervals_s is empty, but mode `intervals` needs one")
    if background.file is not None and background.mode != "file":
        raise InputError(
            f"{place}/file is {background.file!r}, but {place}/mode is `{background.mode}`: "
            "must be `file`"
        )
