"""Writes event lists, histories and light curves with the given keywords."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .forms import (
    EDGES_KEV,
    RATES,
    Floats,
    Times,
    bounds,
    cased,
    counts_column,
    file,
    mission,
    shuffled,
)
from .options import Options
from .tables import Column, File, integers, table

__all__ = ["curve_files", "event_files", "history_files"]

DETECTORS = {"GRM": ("GRD01", "GRD02")}
OTHER_DETECTORS = ("NAI_00", "NAI_03")
GOOD_S = (-20.0, 30.0)
"""Start and stop of the data, seconds after t0."""
BIN_S = 0.5
"""Width of the bins, seconds."""
LEFT_OUT = (9, 40, 41)
"""Bins that the plain file lacks, so that there is room for bad ones."""
OVERLAPPING = (8.75, 39.75, 39.5)
"""Their starts if each overlaps the bin before it, in bins."""
DOUBLED = slice(45, 58)
"""Rows that are written twice if the options ask for doubled rows."""


def event_files(options: Options) -> list[File]:
    """Return events of two detectors, in a file each or in one."""
    names = DETECTORS.get(options["mission"], OTHER_DETECTORS)
    parts = [_events(options, number) for number in range(len(names))]
    if options["layout"] == "file each":
        return [
            file(options, f"{name}.fit", [bounds(options), *tables], mission(options, name))
            for name, tables in zip(names, parts, strict=True)
        ]
    for name, tables in zip(names, parts, strict=True):
        for hdu in tables:
            hdu.header["DETNAM"] = name
    together = mission(options, "")
    del together["DETNAM"]
    return [file(options, "both.fit", [bounds(options), *parts[0], *parts[1]], together)]


def _events(options: Options, number: int) -> list[Any]:
    draws = np.random.default_rng(100 + number)
    time_s = np.sort(draws.uniform(*GOOD_S, 400))
    burst_s = np.sort(draws.normal(3.0, 1.0, 300))
    time_s = np.round(np.sort(np.concatenate([time_s, burst_s])), 6)
    channel = draws.integers(0, len(EDGES_KEV) - 1, len(time_s)).astype(float)
    channel += options["first channel"]
    if options["null rows"]:
        time_s = np.append(time_s, [-7.5, 2.25, 2.5])
        channel = np.append(channel, [np.nan] * 3)
    if options["NaN times"]:
        time_s = np.append(time_s, [np.nan, np.nan])
        channel = np.append(channel, [options["first channel"] + 1.0] * 2)
    order = shuffled(options, len(time_s))
    times = Times.of(options if not options["NaN times"] else {**options, "time form": "D"})
    columns = [
        times.column("TIME", time_s[order]),
        integers(options["energy column"], channel[order], options["channel form"]),
    ]
    suffix = f"0{number + 1}" if options["layout"] == "one file" else ""
    return [
        table(
            cased(options, f"EVENTS{suffix}"),
            columns,
            options["names"],
            HDUCLAS1="EVENTS",
            **times.header,
        ),
        _good_times(options, suffix),
    ]


def _good_times(options: Options, suffix: str) -> Any:
    low, high = GOOD_S
    rows = {
        "one": [(low, high)],
        "touching": [(low, 0.0), (0.0, high)],
        "overlapping": [(low, 5.0), (1.0, high)],
        "unsorted": [(0.0, high), (low, 0.0)],
    }[options["good times"]]
    unit = options["good times unit"]
    times = Times.of(options if unit == "as events" else {**options, "time unit": unit})
    start, stop = np.array(rows).T
    columns = [times.column("START", start), times.column("STOP", stop)]
    name = cased(options, f"GTI{suffix}")
    return table(name, columns, options["names"], HDUCLAS1="GTI", **times.header)


def history_files(options: Options) -> list[File]:
    """Return a series of spectra of one detector."""
    options = _countable(options)
    start_s, counts, exposure_s = _bins(options, len(EDGES_KEV) - 1)
    quality = np.zeros(len(start_s))
    bad = _bad_rows(options)
    if bad in {"TNULL", "NaN"}:
        counts[_junk(start_s)] = np.nan
    elif bad == "TNULL cell":
        counts[_junk(start_s), 1] = np.nan
    elif bad == "QUALITY":
        quality[_junk(start_s)] = 1
    elif bad in {"no exposure", "NaN exposure"}:
        exposure_s[_junk(start_s)] = 0.0 if bad == "no exposure" else np.nan
    if bad == "quality per channel":
        quality = np.zeros(counts.shape)
        quality[_junk(start_s), 1:3] = 2
    order = _written(options, start_s)
    start_s, counts, exposure_s = start_s[order], counts[order], exposure_s[order]
    starts, stops = _odd_times(bad, start_s)
    times = Times.of(options if bad != "NaN time" else {**options, "time form": "D"})
    live = options["exposure"]
    columns = [
        times.column("TIME", starts),
        times.column("ENDTIME", stops),
        counts_column(options, counts, np.maximum(exposure_s, 1e-3)),
        Column(
            "EXPOSURE",
            "E" if live == "float32" else "D",
            exposure_s * (1e3 if live == "ms" else 1.0),
            "ms" if live == "ms" else "s",
        ),
        Column("QUALITY", _form(quality), quality[order].astype(np.int16)),
    ]
    if options["channel column"]:
        numbers = options["first channel"] + np.arange(counts.shape[1], dtype=np.int16)
        columns.append(Column("CHANNEL", f"{len(numbers)}I", np.tile(numbers, (len(order), 1))))
    series = table(
        cased(options, "SPECTRUM"),
        columns,
        options["names"],
        HDUCLAS1="SPECTRUM",
        HDUCLAS4="TYPEII",
        **times.header,
    )
    return [file(options, "series.pha", [bounds(options), series], mission(options, "NAI_00"))]


def _form(quality: Floats) -> str:
    return "I" if quality.ndim == 1 else f"{quality.shape[1]}I"


def curve_files(options: Options) -> list[File]:
    """Return a light curve of one detector in one band."""
    options = _countable(options)
    start_s, counts, exposure_s = _bins(options, None)
    error = np.sqrt(counts + 1.0)
    fraction = exposure_s / BIN_S
    bad, junk = _bad_rows(options), _junk(start_s)
    if bad in {"TNULL", "NaN"}:
        counts[junk] = np.nan
    elif bad in {"FRACEXP", "NaN exposure"}:
        fraction[junk] = 0.0 if bad == "FRACEXP" else np.nan
    elif bad == "ERROR":
        error[junk] = [0.0, np.nan, 0.0]
    order = _written(options, start_s)
    start_s, counts, fraction = start_s[order], counts[order], fraction[order]
    error, pixel = error[order], options["TIMEPIXR"]
    starts, _ = _odd_times(bad, start_s)
    times = Times.of(options if bad != "NaN time" else {**options, "time form": "D"})
    columns = [times.column("TIME", starts + BIN_S * (0.5 if pixel is None else pixel))]
    columns += [Column("FRACEXP", "D", fraction)]
    columns += [counts_column(options, counts, np.maximum(fraction * BIN_S, 1e-3))]
    keywords: dict[str, Any] = {} if pixel is None else {"TIMEPIXR": pixel}
    more: dict[str, Any] = {}
    if options["errors"]:
        unit = columns[-1].unit
        live_s = np.maximum(fraction * BIN_S, 1e-3)
        by = live_s * RATES[unit] if unit in RATES else 1.0
        columns.append(Column("ERROR", "D", error / by, unit))
    if options["TIMEDEL"] == "column":
        columns.append(Column("TIMEDEL", "D", np.full(len(order), BIN_S), "s"))
    else:
        where = keywords if options["TIMEDEL"] == "keyword" else more
        where["TIMEDEL"] = times.length(BIN_S)
        if options["TIMEDEL"] == "primary":
            more |= {key: value for key, value in times.header.items() if key == "TIMEUNIT"}
    keywords |= {"E_MIN": 15.0, "E_MAX": 150.0, "HDUCLAS1": "LIGHTCURVE", "HDUCLAS2": "TOTAL"}
    rates = table(cased(options, "RATE"), columns, options["names"], **keywords, **times.header)
    return [File("curve.lc", (rates,), mission(options, "NAI_00", **more))]


def _odd_times(bad: str, start_s: Floats) -> tuple[Floats, Floats]:
    """Return starts and stops; those of bad rows are NaN or inside the previous bin."""
    starts, stops, junk = start_s.copy(), start_s + BIN_S, _junk(start_s)
    if bad == "NaN time":
        starts[junk] = np.nan
    elif bad == "overlap":
        starts[junk] = GOOD_S[0] + BIN_S * np.array(OVERLAPPING)
        stops[junk] = starts[junk] + BIN_S
    return starts, stops


def _countable(options: Options) -> Options:
    """Return the options with a form of counts that can be null or NaN."""
    bad, form = options["bad rows"], options["counts"]
    if bad.startswith("TNULL") and form not in {"J", "I", "U", "H"}:
        return {**options, "counts": "J"}
    if bad == "NaN" and form in {"J", "I", "U", "H"}:
        return {**options, "counts": "E"}
    return options


def _bad_rows(options: Options) -> str:
    """Return what is wrong with the bad rows (empty: nothing)."""
    bad: str = options["bad rows"]
    return "" if bad == "ERROR" and not options["errors"] else bad


def _bins(options: Options, channels: int | None) -> tuple[Floats, Floats, Floats]:
    """Return starts, counts and exposures, with bad rows where the plain file has none."""
    starts = np.arange(GOOD_S[0], GOOD_S[1], BIN_S)
    draws = np.random.default_rng(7)
    rate = 40.0 + 200.0 * np.exp(-0.5 * ((starts - 3.0) / 1.5) ** 2)
    width = 1 if channels is None else channels
    counts = draws.poisson(rate[:, None] * BIN_S / width, (len(starts), width)).astype(float)
    exposure_s = np.full(len(starts), 0.46875)  # exact as float32
    kept = np.ones(len(starts), dtype=bool)
    if not _bad_rows(options):
        kept[list(LEFT_OUT)] = False
    return starts[kept], counts[kept, 0] if channels is None else counts[kept], exposure_s[kept]


def _junk(start_s: Floats) -> NDArray[np.intp]:
    starts = [GOOD_S[0] + BIN_S * number for number in LEFT_OUT]
    return np.flatnonzero(np.isin(start_s, starts))


def _written(options: Options, start_s: Floats) -> NDArray[np.intp]:
    rows = np.arange(len(start_s))
    if options["doubled"]:
        rows = np.concatenate([rows[: DOUBLED.stop], rows[DOUBLED], rows[DOUBLED.stop :]])
    return rows[shuffled(options, len(rows))]
