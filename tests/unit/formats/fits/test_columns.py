"""Keywords of the standard change how numbers are stored, but not what is read."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.formats.fits.units import CM2, KEV, SECOND, factor, per_second
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import EventList, History, LightCurve, Observation
from tests.unit.formats.tables import GBM, Make, bounds, table

T0 = 600_000_000.0
ABSOLUTE: dict[str, Any] = {"MJDREFI": 51910, "MJDREFF": 7.428703703703703e-4, "TRIGTIME": T0}
TIMES = np.array([-3.0, -1.5, 0.25, 2.0, 4.75])
STARTS = np.arange(-2.0, 2.0)
COUNTS = np.arange(16).reshape(4, 4)


def read(*paths: Path, **options: Any) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"), **options)


def events_of(path: Path) -> EventList:
    (events,) = read(path).events
    return events


def history_of(path: Path) -> History:
    (history,) = read(path).histories
    return history


def curve_of(path: Path) -> LightCurve:
    return read(path).light_curves[0]


def column(name: str, form: str, values: Any, **options: Any) -> fits.Column:
    return fits.Column(name=name, format=form, array=np.asarray(values), **options)


def made(name: str, columns: list[fits.Column], **header: Any) -> fits.BinTableHDU:
    hdu = fits.BinTableHDU.from_columns(columns, name=name)
    for key, value in header.items():
        hdu.header[key] = value
    return hdu


@pytest.fixture
def write(make_file: Make) -> Callable[..., Path]:
    """Write tables into a file of n10 whose t0 is T0."""

    def to_file(*tables: fits.BinTableHDU, **header: Any) -> Path:
        return make_file("x.fits", *tables, **{**GBM, **ABSOLUTE, **header})

    return to_file


def series(
    *more: fits.Column, start: Any = STARTS, counts: Any = COUNTS, **header: Any
) -> fits.BinTableHDU:
    """Return a series of spectra in bins of 1 s."""
    columns = [
        column("TIME", "D", np.asarray(start) + T0),
        column("ENDTIME", "D", STARTS + 1 + T0),
        counts if isinstance(counts, fits.Column) else column("COUNTS", "4I", counts),
        *more,
    ]
    return made("SPECTRUM", columns, HDUCLAS1="SPECTRUM", **header)


# Nulls


def test_null_counts_are_bins_without_exposure(write: Callable[..., Path]) -> None:
    counts = COUNTS.copy()
    counts[1] = 32767
    hdu = series(counts=column("COUNTS", "4I", counts, null=32767))
    history = history_of(write(hdu, bounds()))
    assert history.start_s.tolist() == [-2.0, 0.0, 1.0]
    assert history.counts.tolist() == COUNTS[[0, 2, 3]].tolist()
    assert texts(history.flags) == ("bad bins dropped: 1",)


def test_a_null_is_what_is_stored_not_what_it_means(write: Callable[..., Path]) -> None:
    stored = np.array([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]]) - 32768
    hdu = series(counts=stored.astype(np.int16))
    hdu.header["TZERO3"], hdu.header["TNULL3"] = 32768, 5 - 32768
    history = history_of(write(hdu, bounds()))
    assert history.counts.tolist() == COUNTS[[0, 2, 3]].tolist()


def test_null_times_and_exposures_are_bins_left_out(write: Callable[..., Path]) -> None:
    exposure = column("EXPOSURE", "J", [9, -1, 9, 9], null=-1, unit="ms")
    history = history_of(write(series(exposure), bounds()))
    assert history.start_s.tolist() == [-2.0, 0.0, 1.0]
    assert history.exposure_s == pytest.approx([0.009] * 3)


def test_bins_without_a_time_are_left_out(write: Callable[..., Path]) -> None:
    start = np.where(STARTS == 0.0, np.nan, STARTS)
    assert history_of(write(series(start=start), bounds())).start_s.tolist() == [-2, -1, 1]


def test_events_without_time_or_channel_are_left_out(write: Callable[..., Path]) -> None:
    hdu = made(
        "EVENTS",
        [
            column("TIME", "D", np.where(TIMES == 0.25, np.nan, TIMES) + T0),
            column("PHA", "I", [0, 1, 2, 99, 3], null=99),
        ],
    )
    events = events_of(write(hdu, bounds()))
    assert events.time_s.tolist() == [-3.0, -1.5, 4.75]
    assert events.channel.tolist() == [0, 1, 3]
    assert texts(events.flags)[:2] == (
        "events without time left out: 1",
        "events without channel dropped: 1",
    )


# Quality


@pytest.mark.parametrize(
    ("quality", "starts", "usable"),
    [
        (("QUALITY", "I", [0, 5, 0, 0]), [-2, 0, 1], None),
        (("QUALITY", "8X", [[0] * 8, [0] * 7 + [1], [0] * 8, [0] * 8]), [-2, 0, 1], None),
        (("QUALITY", "4I", [[0, 1, 0, 0]] * 4), [-2, -1, 0, 1], [True, False, True, True]),
        (("QUALITY", "4I", [[1] * 4, [0] * 4, [0, 2, 0, 0], [0] * 4]), [-1, 1], None),
    ],
)
def test_quality_is_told_per_bin_or_per_channel(
    write: Callable[..., Path],
    quality: tuple[str, str, Any],
    starts: list[float],
    usable: list[bool] | None,
) -> None:
    name, form, values = quality
    history = history_of(write(series(column(name, form, np.array(values))), bounds()))
    assert history.start_s.tolist() == starts
    good = history.channels.good
    assert (None if good is None else good.tolist()) == usable
    if usable is not None:
        assert history.counts[:, 1].tolist() == [0.0] * 4
        assert texts(history.flags) == ("bad channels left out: 1",)
        edges = history.channels
        assert history.channels.inside(0, 1e9).tolist() == usable
        assert edges.inside(float(edges.e_min_kev[1]), float(edges.e_max_kev[1])).sum() == 0


def test_bad_quality_of_all_is_no_data(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="has no good bin"):
        inspect_file(write(series(QUALITY=5), bounds()))


# Scales and shapes


def test_unsigned_and_scaled_numbers_are_read(write: Callable[..., Path]) -> None:
    hdu = made(
        "EVENTS",
        [
            column("TIME", "J", np.round(TIMES * 1e4).astype(np.int32)),
            column("PHA", "I", np.array([0, 1, 2, 3, 3]) - 32768),
        ],
    )
    hdu.header["TSCAL1"], hdu.header["TZERO1"], hdu.header["TZERO2"] = 1e-4, T0, 32768
    events = events_of(write(hdu, bounds()))
    assert events.time_s == pytest.approx(TIMES, abs=1e-6)
    assert events.channel.tolist() == [0, 1, 2, 3, 3]


def test_tdim_orders_the_values_of_a_row(write: Callable[..., Path]) -> None:
    hdu = series()
    hdu.header["TDIM3"] = "(2,2)"
    assert history_of(write(hdu, bounds())).counts.tolist() == COUNTS.tolist()


@pytest.mark.parametrize(
    ("keyword", "value", "sentence"),
    [
        ("TSCAL1", 0.0, "TSCAL1 is 0"),
        ("TZERO3", "much", r"TZERO3 \(column COUNTS\) of SPECTRUM is 'much': must be a number"),
        ("TNULL3", "much", r"TNULL3 \(column COUNTS\) of SPECTRUM is 'much': must be a number"),
        ("TIMEZERO", "noon", "keyword TIMEZERO of SPECTRUM is 'noon': must be a number"),
        ("TUNIT1", "fortnights", "the unit of column TIME: 'fortnights' is no unit"),
        ("TUNIT1", "keV", "the unit of column TIME: 'keV' is no unit"),
        ("TIMEUNIT", "blinks", "TIMEUNIT: 'blinks' is no unit"),
        ("TUNIT3", "erg/cm2/s", "the unit of column COUNTS: 'erg/cm2/s' is no unit"),
    ],
)
def test_what_cannot_be_applied_is_named(
    write: Callable[..., Path], keyword: str, value: Any, sentence: str
) -> None:
    hdu = series()
    hdu.header[keyword] = value
    with pytest.raises(InputError, match=sentence):
        inspect_file(write(hdu, bounds()))


# Units


@pytest.mark.parametrize(
    ("unit", "target", "right"),
    [
        ("", SECOND, 1.0), ("s", SECOND, 1.0), ("SEC", SECOND, 1.0), ("d", SECOND, 86400.0),
        ("h", SECOND, 3600.0), ("min", SECOND, 60.0), ("ms", SECOND, 1e-3), ("us", SECOND, 1e-6),
        ("ns", SECOND, 1e-9), ("Ms", SECOND, 1e6), ("10**-3 s", SECOND, 1e-3),
        ("", KEV, 1.0), ("KEV", KEV, 1.0), ("eV", KEV, 1e-3), ("MeV", KEV, 1e3),
        ("MEV", KEV, 1e3), ("GeV", KEV, 1e6), ("J", KEV, 1 / 1.602176634e-16),
        ("erg", KEV, 1 / 1.602176634e-9),
        ("cm**2", CM2, 1.0), ("m2", CM2, 1e4), ("cm2 count/photon", CM2, 1.0),
    ],
)  # fmt: skip
def test_units_are_converted(unit: str, target: str, right: float) -> None:
    assert factor(unit, target) == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "target"),
    [
        ("meV", KEV), ("MS", SECOND), ("cm", CM2), ("keV", SECOND), ("Angstrom", KEV),
        ("10**999999999 s", SECOND), ("x" * 68, SECOND), ("s)))", SECOND),
    ],
)  # fmt: skip
def test_other_units_are_refused_by_name(unit: str, target: str) -> None:
    with pytest.raises(InputError, match="is no unit that can be converted to"):
        factor(unit, target)


@pytest.mark.parametrize(
    ("unit", "right"),
    [
        ("", None), ("count", None), ("Counts", None), ("counts/bin", None), ("count/s", 1.0),
        ("ct s-1", 1.0), ("COUNTS/SEC", 1.0), ("s**-1", 1.0), ("cts / s", 1.0), ("Hz", 1.0),
        ("count/min", 1 / 60), ("count/ms", 1e3), ("count/cm2/s", 1.0),
    ],
)  # fmt: skip
def test_units_tell_counts_from_rates(unit: str, right: float | None) -> None:
    told = per_second(unit)
    assert told == (None if right is None else pytest.approx(right))


@pytest.mark.parametrize(("unit", "by"), [("d", 86400.0), ("ms", 1e-3), ("us", 1e-6), ("h", 3600)])
@pytest.mark.parametrize("place", ["TUNIT", "TIMEUNIT", "both"])
def test_a_light_curve_in_other_units_of_time_is_the_same(
    make_file: Make, unit: str, by: float, place: str
) -> None:
    told = {"TIMEUNIT": unit} if place != "TUNIT" else {}
    hdu = made(
        "RATE",
        [
            column("TIME", "D", STARTS / by, unit=None if place == "TIMEUNIT" else unit),
            column("COUNTS", "J", [5, 6, 7, 8]),
        ],
        TIMEDEL=1.0 / by, TIMEPIXR=0.0, TIMEZERO=0.5 / by if told else 0.5, **told,
    )  # fmt: skip
    curve = curve_of(make_file("a.lc", hdu))
    assert curve.start_s == pytest.approx(STARTS + 0.5)
    assert curve.stop_s == pytest.approx(STARTS + 1.5)
    assert curve.exposure_s == pytest.approx([1.0] * 4)


def test_without_timeunit_a_width_is_in_seconds_if_the_steps_say_so(make_file: Make) -> None:
    columns = [column("TIME", "D", STARTS / 86400, unit="d"), column("COUNTS", "J", [5, 6, 7, 8])]
    curve = curve_of(make_file("a.lc", made("RATE", columns, TIMEDEL=1.0, TIMEPIXR=0.0)))
    assert curve.stop_s == pytest.approx(STARTS + 1.0)


@pytest.mark.parametrize(
    ("unit", "value"), [("", 15.0), ("MeV", 0.015), ("eV", 15000.0), ("GeV", 15e-6)]
)
@pytest.mark.parametrize("place", ["E_UNIT", "comment"])
def test_band_keywords_have_units(make_file: Make, unit: str, value: float, place: str) -> None:
    columns = [column("TIME", "D", STARTS), column("COUNTS", "J", [5, 6, 7, 8])]
    hdu = made("RATE", columns, TIMEDEL=1.0)
    for key, energy in (("E_MIN", value), ("E_MAX", 10 * value)):
        comment = f"[{unit}] band" if place == "comment" and unit else ""
        hdu.header[key] = (energy, comment)
    if place == "E_UNIT" and unit:
        hdu.header["E_UNIT"] = unit
    assert curve_of(make_file("a.lc", hdu)).band_kev == pytest.approx((15.0, 150.0))


def test_an_unknown_unit_of_energies_is_refused(write: Callable[..., Path]) -> None:
    edges = bounds()
    edges.header["TUNIT2"] = "furlong"
    with pytest.raises(InputError, match="the unit of column E_MIN: 'furlong'"):
        inspect_file(write(series(), edges))


# Offsets of time

OFFSETS: list[dict[str, float]] = [
    {"TIMEZERO": T0 - 700.0},
    {"TIMEZERI": T0 - 701, "TIMEZERF": 1.0},
    {"TIMEZERI": T0 - 700},
    {"TIMEZERO": T0 - 800.0, "TIMEOFFS": 100.0},
]


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("place", ["tables", "primary"])
def test_an_offset_holds_for_events_and_good_times(
    make_file: Make, offset: dict[str, float], place: str
) -> None:
    own = offset if place == "tables" else {}
    hdu = made("EVENTS", [column("TIME", "D", TIMES + 700), column("PHA", "I", [0] * 5)], **own)
    good = made(
        "GTI", [column("START", "D", [696.0]), column("STOP", "D", [703.0])], HDUCLAS1="GTI", **own
    )
    header = {**GBM, **ABSOLUTE, **({} if own else offset)}
    path = make_file("x.fits", hdu, good, bounds(), **header)
    events = events_of(path)
    assert events.time_s == pytest.approx(TIMES[:4])
    assert events.gti_s == pytest.approx(np.array([[-4.0, 3.0]]))
    assert inspect_file(path).t_start_met_s == pytest.approx(T0 - 3.0)


@pytest.mark.parametrize("offset", OFFSETS)
def test_an_offset_holds_for_bins_and_their_start_as_t0(
    make_file: Make, offset: dict[str, float]
) -> None:
    columns = [
        column("TIME", "D", STARTS + 700),
        column("ENDTIME", "D", STARTS + 701),
        column("COUNTS", "4I", COUNTS),
    ]
    hdu = made("SPECTRUM", columns, HDUCLAS1="SPECTRUM", **offset)
    header = {**GBM, **ABSOLUTE}
    assert history_of(make_file("a.pha", hdu, bounds(), **header)).start_s == pytest.approx(STARTS)
    header.pop("TRIGTIME")
    observation = read(make_file("b.pha", hdu, bounds(), **header))
    assert observation.t0_met_s == T0 - 2.0
    assert observation.histories[0].start_s == pytest.approx(STARTS + 2.0)
    assert "t0 is start of data" in texts(observation.flags)


def test_offsets_that_contradict_each_other_are_refused(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"TIMEZERO is 5, but TIMEZERI \+ TIMEZERF 7"):
        inspect_file(write(series(TIMEZERO=5.0, TIMEZERI=7), bounds()))


# Order, names, headers


def test_shuffled_rows_and_lower_case_names_are_the_same(write: Callable[..., Path]) -> None:
    hdu = made(
        "events", [column("time", "D", TIMES[::-1] + T0), column("pha", "I", [4, 3, 2, 1, 0])]
    )
    events = events_of(write(hdu, bounds(5)))
    assert events.time_s == pytest.approx(TIMES)
    assert events.channel.tolist() == [0, 1, 2, 3, 4]


def test_energies_alone_are_sorted_into_channels(write: Callable[..., Path]) -> None:
    columns = [
        column("TIME", "D", TIMES + T0),
        column("ENERGY", "E", [0.02, 0.05, 0.2, 0.5, 5.0], unit="MeV"),
    ]
    events = events_of(write(made("EVENTS", columns), bounds()))
    assert events.channel.tolist() == [0, 1, 2, 3]  # edges 10, 31.6, 100, 316, 1000 keV
    assert "events without channel dropped: 1" in texts(events.flags)


@pytest.mark.parametrize("card", ["NaN", "1.2.3", "?"])
def test_a_trigger_time_that_is_no_number_is_the_start_of_the_data(
    write: Callable[..., Path], card: str
) -> None:
    path = write(series(), bounds())
    content = path.read_bytes()
    old = f"TRIGTIME= {T0!r:>20}".encode()
    assert old in content
    path.write_bytes(content.replace(old, f"TRIGTIME= {card:>20}".encode()))
    observation = read(path)
    assert observation.t0_met_s == T0 - 2.0
    assert "t0 is start of data" in texts(observation.flags)
    told = "keyword TRIGTIME cannot be parsed: must be a number, not used"
    assert f"{path.name}: {told}" in texts(observation.flags)


@pytest.mark.parametrize("trigger", [1e300, -1e300, 1e13])
def test_a_trigger_time_beyond_all_missions_lies_outside_the_data(
    write: Callable[..., Path], trigger: float
) -> None:
    path = write(series(TRIGTIME=trigger), bounds())
    span = f"the data span {T0 - 2.0:.3f} to {T0 + 1.0:.3f}, t0 = "
    with pytest.raises(InputError, match=re.escape(span) + ".* lies outside: give --trigger-time"):
        read(path)
    assert read(path, trigger_time_s=T0).t0_met_s == T0


@pytest.mark.parametrize(
    ("key", "written", "sentence"),
    [
        ("TSCAL1", "abc", "TSCAL1 (column TIME) of SPECTRUM cannot be parsed: must be a number"),
        ("TZERO3", "NaN", "TZERO3 (column COUNTS) of SPECTRUM cannot be parsed: must be a number"),
        ("TNULL3", "1.2.3", "TNULL3 (column COUNTS) of SPECTRUM cannot be parsed: must be a num"),
        ("TSCAL3", "T", "TSCAL3 (column COUNTS) of SPECTRUM is True: must be a number"),
        ("TZERO1", "1E400", "TZERO1 (column TIME) of SPECTRUM is inf: must be a number"),
        ("TUNIT1", "s", "TUNIT1 (column TIME) of SPECTRUM cannot be parsed: must be a text in quo"),
        ("TIMEZERO", "noon", "TIMEZERO of SPECTRUM cannot be parsed: must be a number"),
        ("MJDREFI", "'abc'", "MJDREFI of SPECTRUM is 'abc': must be a number"),
        ("TIMEUNIT", "ms", "TIMEUNIT of SPECTRUM cannot be parsed: must be a text in quotes"),
        ("DETNAM", "n0", "DETNAM of SPECTRUM cannot be parsed: must be a text in quotes"),
        ("QUALITY", "'abc'", "QUALITY of SPECTRUM is 'abc': must be a number"),
    ],
)
def test_a_keyword_of_the_wrong_type_is_named_with_what_is_right(
    write: Callable[..., Path], key: str, written: str, sentence: str
) -> None:
    hdu = series()
    hdu.header[key] = "placeholder"
    path = write(hdu, bounds())
    old = f"{key:8}= 'placeholder'".encode()
    content = path.read_bytes()
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, f"{key:8}= {written}".encode().ljust(len(old))))
    with pytest.raises(InputError, match=re.escape(sentence)):
        read(path)


def test_a_broken_keyword_of_a_table_that_is_not_used_does_no_harm(
    write: Callable[..., Path],
) -> None:
    other = made("TEMPERATURES", [column("T", "D", [1.0])], TSCAL1="placeholder")
    path = write(series(), bounds(), other)
    content = path.read_bytes()
    old = b"TSCAL1  = 'placeholder'"
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, b"TSCAL1  = warm".ljust(len(old))))
    assert history_of(path).counts.tolist() == COUNTS.tolist()


@pytest.mark.parametrize(("written", "is_poisson"), [("'T'", True), ("1", True), ("0", False)])
def test_logical_keywords_are_read_as_people_write_them(
    make_pha: Make, written: str, is_poisson: bool
) -> None:
    errors = ("STAT_ERR", "D", [5.0, 5.0, 6.0, 4.0])
    path = make_pha("a.pha", "COUNTS", [4.0, 9.0, 16.0, 25.0], errors, POISSERR="placeholder")
    content = path.read_bytes()
    old = b"POISSERR= 'placeholder'"
    path.write_bytes(content.replace(old, f"POISSERR= {written}".encode().ljust(len(old))))
    (spectrum,) = read(path).spectra
    assert (spectrum.error is None) is is_poisson


@pytest.mark.parametrize("key", ["AREASCAL", "BACKSCAL", "DETCHANS", "POISSERR", "EXPOSURE"])
def test_a_spectrum_with_a_keyword_of_the_wrong_type_is_refused(make_pha: Make, key: str) -> None:
    path = make_pha(
        "a.pha", "COUNTS", [4.0, 9.0, 16.0, 25.0], ("STAT_ERR", "D", [2.0] * 4), **{key: "abc"}
    )
    with pytest.raises(InputError, match=f"keyword {key} of SPECTRUM is 'abc': must be (a num|T)"):
        read(path)


def test_spectra_have_times_and_live_times_in_any_unit(write: Callable[..., Path]) -> None:
    hdu = made(
        "SPECTRUM",
        [
            column("TSTART", "D", [500.0, 2500.0], unit="ms"),
            column("TELAPSE", "D", [2000.0, 1000.0], unit="ms"),
            column("EXPOSURE", "D", [1800.0, 900.0], unit="ms"),
            column("RATE", "4D", np.full((2, 4), 60.0), unit="count/min"),
        ],
        HDUCLAS1="SPECTRUM", TIMEZERO=T0, POISSERR=True,
    )  # fmt: skip
    first, second = read(write(hdu, bounds())).spectra
    assert (first.start_s, first.stop_s) == pytest.approx((0.5, 2.5))
    assert (second.start_s, second.stop_s) == pytest.approx((2.5, 3.5))
    assert (first.exposure_s, second.exposure_s) == pytest.approx((1.8, 0.9))
    assert first.counts == pytest.approx([1.8] * 4)  # one count a second


def test_a_live_time_longer_than_its_bin_is_flagged(write: Callable[..., Path]) -> None:
    exposure = column("EXPOSURE", "D", [900.0, 900.0, 900.0, 900.0])
    assert texts(history_of(write(series(exposure), bounds())).flags) == (
        "live time longer than the bins",
    )


# Good times


def test_good_times_without_a_number_are_left_out(write: Callable[..., Path]) -> None:
    hdu = table("EVENTS", [("TIME", "D", TIMES + T0), ("PHA", "I", [0] * 5)])
    rows = [column("START", "D", [T0 - 4, np.nan]), column("STOP", "D", [T0 + 5, np.nan])]
    events = events_of(write(hdu, bounds(), made("GTI", rows)))
    assert events.gti_s.tolist() == [[-4.0, 5.0]]
    assert texts(events.flags) == ("good times without a number left out: 1",)


def test_empty_good_times_are_named(write: Callable[..., Path]) -> None:
    hdu = table("EVENTS", [("TIME", "D", TIMES + T0), ("PHA", "I", [0] * 5)])
    empty = made("GTI", [column("START", "D", []), column("STOP", "D", [])])
    with pytest.raises(InputError, match=r"x\.fits: GTI is empty"):
        read(write(hdu, bounds(), empty))


def test_events_outside_all_good_times_are_told_with_both_spans(write: Callable[..., Path]) -> None:
    hdu = table("EVENTS", [("TIME", "D", TIMES + T0), ("PHA", "I", [0] * 5)])
    good = made("GTI", [column("START", "D", [T0 + 50]), column("STOP", "D", [T0 + 60])])
    observation = read(write(hdu, bounds(), good))
    assert observation.events == ()
    reason = (
        "no event lies in the good times, which span 600000050.000 to 600000060.000: "
        "the events span 599999997.000 to 600000004.750"
    )
    assert texts(observation.flags) == (f"left out: na has no good event ({reason})",)


# Errors and negative counts


def light_curve(*more: fits.Column, counts: Any = (5, 6, 7, 8), **header: Any) -> fits.BinTableHDU:
    columns = [column("TIME", "D", STARTS), column("COUNTS", "D", counts), *more]
    return made("RATE", columns, TIMEDEL=0.5, TIMEPIXR=0.0, **header)


@pytest.mark.parametrize("value", [0.0, np.nan, -1.0])
def test_bins_without_a_positive_error_are_left_out(make_file: Make, value: float) -> None:
    errors = column("ERROR", "D", [1.0, value, 2.0, 3.0])
    curve = curve_of(make_file("a.lc", light_curve(errors)))
    assert curve.start_s.tolist() == [-2.0, 0.0, 1.0]
    assert curve.error is not None
    assert curve.error.tolist() == [1.0, 2.0, 3.0]
    assert texts(curve.flags) == ("bad bins dropped: 1",)


def test_negative_poisson_counts_are_gaussian_where_there_are_errors(make_file: Make) -> None:
    errors = column("ERROR", "D", [1.0, 2.0, 2.0, 3.0])
    path = make_file("a.lc", light_curve(errors, counts=[5, -6, 7, 8], POISSERR=True))
    curve = curve_of(path)
    assert curve.error is not None
    assert curve.counts.tolist() == [5, -6, 7, 8]
    assert texts(curve.flags) == ("negative or net counts are not Poisson: ERROR is used",)


@pytest.mark.parametrize(
    ("hdu", "sentence"),
    [
        (light_curve(counts=[5, -6, 7, 8]), "COUNTS holds 1 negative values"),
        (light_curve(HDUCLAS2="NET"), "its background is subtracted"),
        (series(counts=COUNTS - 1), "COUNTS holds 1 negative values"),
    ],
)
def test_negative_counts_without_errors_are_refused(
    make_file: Make, hdu: fits.BinTableHDU, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        inspect_file(make_file("a.lc", hdu, bounds(), **GBM, **ABSOLUTE))


@pytest.mark.parametrize(
    ("name", "unit", "error_unit"),
    [("Counts", "count/s", "count/s"), ("RATE", "counts/s", None), ("rate", None, "ct s-1")],
)
def test_the_unit_tells_a_rate(
    make_file: Make, name: str, unit: str | None, error_unit: str | None
) -> None:
    hdu = made(
        "LIGHTCURVE",
        [
            column("Time", "D", STARTS),
            column(name, "D", [10.0, 12.0, 14.0, 16.0], unit=unit),
            column("Error", "D", [2.0] * 4, unit=error_unit),
        ],
        TIMEDEL=0.5, TIMEPIXR=0.0,
    )  # fmt: skip
    curve = curve_of(make_file("a.lc", hdu))
    assert curve.counts.tolist() == [5.0, 6.0, 7.0, 8.0]
    assert curve.error is not None
    assert curve.error.tolist() == [1.0] * 4


def test_the_unit_tells_that_a_column_called_rate_holds_counts(make_file: Make) -> None:
    hdu = made(
        "RATE",
        [column("TIME", "D", STARTS), column("RATE", "J", [5, 6, 7, 8], unit="count")],
        TIMEDEL=0.5,
    )
    assert curve_of(make_file("a.lc", hdu)).counts.tolist() == [5.0, 6.0, 7.0, 8.0]
