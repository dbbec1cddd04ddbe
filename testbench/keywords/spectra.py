"""Writes spectra with background and response, with the given keywords."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .forms import (
    EDGES_KEV,
    RATES,
    T0_MET_S,
    Floats,
    bounds,
    cased,
    counts_column,
    energies,
    file,
    mission,
)
from .options import Options
from .tables import Column, File, table

__all__ = ["CUT", "spectrum_files"]

N = len(EDGES_KEV) - 1
"""Number of channels."""
EXPOSURE_S = (8.0, 4.0)
"""Live time of each of the two spectra, seconds."""
BACKGROUND_S = 64.0
"""Live time of the background, seconds."""
BAD = 2
"""Index of the bad channel."""
CUT = slice(1, 5)
"""Channels of a spectrum that has fewer than its response."""
PHOTON_KEV = 8.0 * 2.0 ** np.arange(0.0, 7.5, 0.5)
"""Edges of the photon bins, keV."""
RESPONSE = "det.rsp"


def spectrum_files(options: Options) -> list[File]:
    """Return two spectra of a detector, their background and their response."""
    options = _countable(options)
    draws = np.random.default_rng(11)
    counts = draws.poisson(60.0, (2, N)).astype(float)
    background = draws.poisson(90.0, N).astype(float)
    who = mission(options, "NAI_00")
    files = _sources(options, counts, who)
    kept = _kept(options)
    background_keywords = {
        "HDUCLAS1": "SPECTRUM",
        "HDUCLAS2": "BKG",
        "EXPOSURE": BACKGROUND_S,
        "POISSERR": True,
    }
    tail = table(
        cased(options, "SPECTRUM"),
        [
            _channels(options, kept),
            Column("COUNTS", "J", background[kept].astype(np.int32)),
            *_scale(options, len(background[kept])),
        ],
        options["names"],
        **background_keywords,
        **_keywords(options),
    )
    files.append(file(options, "det.bak", [bounds(options), tail], who))
    files.append(file(options, RESPONSE, [bounds(options), *_matrices(options)], who))
    return files


def _countable(options: Options) -> Options:
    bad, form = options["bad channels"], options["counts"]
    if bad == "TNULL" and form not in {"J", "I", "U", "H"}:
        return {**options, "counts": "J"}
    if bad == "NaN" and form in {"J", "I", "U", "H"}:
        return {**options, "counts": "D"}
    return options


def _kept(options: Options) -> NDArray[np.intp]:
    """Return the channels that are written; in the plain file the others are bad."""
    return np.arange(N)[CUT] if options["cut"] else np.arange(N)


def _sources(options: Options, counts: Floats, who: dict[str, Any]) -> list[File]:
    kept = _kept(options)
    if options["spectra"] == "type II":
        return [file(options, "both.pha", [bounds(options), _type_two(options, counts, kept)], who)]
    one_file = options["spectra"] == "one file"
    tables = [
        _type_one(
            options, row, counts[row, kept], kept, **({"EXTVER": row + 1} if one_file else {})
        )
        for row in range(2)
    ]
    more = {"EXPOSURE": EXPOSURE_S[0]} if options["exposure"] == "primary" else {}
    if one_file:
        return [file(options, "both.pha", [bounds(options), *tables], who)]
    return [
        file(
            options,
            f"spectrum{row}.pha",
            [bounds(options), tables[row]],
            {**who, **({"EXPOSURE": EXPOSURE_S[row]} if more else {})},
        )
        for row in range(2)
    ]


def _type_one(
    options: Options, row: int, counts: Floats, kept: NDArray[np.intp], **more: Any
) -> Any:
    values, quality = _with_bad(options, counts, kept)
    columns = [
        _channels(options, kept),
        counts_column(options, values, np.full(len(kept), EXPOSURE_S[row])),
        *quality,
        *_scale(options, len(kept)),
        *_errors(options, values, EXPOSURE_S[row], kept),
    ]
    keywords: dict[str, Any] = {
        "HDUCLAS1": "SPECTRUM",
        "HDUCLAS2": "TOTAL",
        "POISSERR": not options["errors"],
        "RESPFILE": _named(options),
        "BACKFILE": f"det.bak{_packing(options)}",
        **_keywords(options),
        **more,
    }
    where = options["exposure"]
    if where == "table" or (where == "primary" and options["spectra"] == "one file"):
        keywords["EXPOSURE"] = EXPOSURE_S[row]
    elif where == "LIVETIME":
        keywords |= {"LIVETIME": EXPOSURE_S[row], "ONTIME": EXPOSURE_S[row] + 1.0}
    keywords |= _interval(options, row)
    return table(cased(options, "SPECTRUM"), columns, options["names"], **keywords)


def _type_two(options: Options, counts: Floats, kept: NDArray[np.intp]) -> Any:
    parts = [_with_bad(options, counts[row, kept], kept) for row in range(2)]
    values = np.array([part[0] for part in parts])
    exposure_s = np.array(EXPOSURE_S)
    number = np.tile(options["first channel"] + kept, (2, 1)).astype(np.int16)
    columns = [
        Column("SPEC_NUM", "I", np.arange(1, 3, dtype=np.int16)),
        Column("CHANNEL", f"{len(kept)}I", number),
        counts_column(options, values, exposure_s),
    ]
    for each in _errors(options, values[0], EXPOSURE_S[0], kept):
        both = [each, *_errors(options, values[1], EXPOSURE_S[1], kept)]
        of_name = np.array([one.values for one in both if one.name == each.name])
        columns.append(Column(each.name, f"{len(kept)}{each.form}", of_name, each.unit))
    if quality := parts[0][1]:
        columns.append(Column("QUALITY", f"{len(kept)}I", np.tile(quality[0].values, (2, 1))))
    if options["scales"] == "column":
        columns.append(Column("BACKSCAL", f"{len(kept)}D", np.full((2, len(kept)), 0.5)))
    keywords: dict[str, Any] = {"HDUCLAS1": "SPECTRUM", "HDUCLAS2": "TOTAL"}
    keywords["POISSERR"] = not options["errors"]
    if options["exposure"] not in {"missing", "LIVETIME"}:
        columns.append(Column("EXPOSURE", "D", exposure_s, "s"))
    elif options["exposure"] == "LIVETIME":
        columns.append(Column("LIVETIME", "D", exposure_s, "s"))
    if options["times"] == "header":
        starts = np.array([_interval(options, row)["TSTART"] for row in range(2)])
        columns += [Column("TSTART", "D", starts, "s"), Column("TELAPSE", "D", exposure_s, "s")]
    keywords |= {"RESPFILE": _named(options), "BACKFILE": f"det.bak{_packing(options)}"}
    keywords |= _keywords(options) | {"HDUCLAS4": "TYPE:II"}
    return table(cased(options, "SPECTRUM"), columns, options["names"], **keywords)


def _interval(options: Options, row: int) -> dict[str, Any]:
    if options["times"] == "none":
        return {}
    start = T0_MET_S + 10.0 * row
    return {"TSTART": start, "TSTOP": start + EXPOSURE_S[row]}


def _with_bad(
    options: Options, counts: Floats, kept: NDArray[np.intp]
) -> tuple[Floats, list[Column]]:
    """Mark the bad channel by QUALITY or by a null value."""
    bad = kept == BAD
    if options["bad channels"] != "QUALITY":
        return np.where(bad, np.nan, counts), []
    return counts, [Column("QUALITY", "I", np.where(bad, 5, 0).astype(np.int16))]


def _channels(options: Options, kept: NDArray[np.intp]) -> Column:
    return Column("CHANNEL", "I", (options["first channel"] + kept).astype(np.int16))


def _scale(options: Options, n: int) -> list[Column]:
    return [Column("BACKSCAL", "D", np.full(n, 0.5))] if options["scales"] == "column" else []


def _keywords(options: Options) -> dict[str, Any]:
    """Return BACKSCAL and AREASCAL if they are keywords; without them they are 1."""
    return {"BACKSCAL": 0.5, "AREASCAL": 1.0} if options["scales"] == "keyword" else {}


def _named(options: Options) -> str:
    """Return RESPFILE; an extension number is that in the file."""
    layout = options["response"]
    before = int(options["bounds"] == "first") + int(options["extra"] == "image")
    layout = {"blocks": "", "[4]": f"[{before + 3}]", "+4": f"+{before + 3}"}.get(layout, layout)
    return f"{RESPONSE}{_packing(options)}{layout}"


def _packing(options: Options) -> str:
    """Return the ending of a named file, which may be compressed after it was named."""
    ending: str = options["packing"]
    return ending if options["packing named"] else ""


def _errors(
    options: Options, values: Floats, exposure_s: float, kept: NDArray[np.intp]
) -> list[Column]:
    """Return Gaussian errors other than roots of the counts, and groups, if requested."""
    columns = []
    if options["errors"]:
        rate = options["counts"] in {"RATE", "counts as rate"}
        error = 11.0 + 0.5 * kept
        unit = options["rate unit"] if rate else ""
        by = exposure_s * RATES[unit] if rate else 1.0
        columns.append(Column("STAT_ERR", "D", error / by, unit))
    if options["grouping"]:
        groups = np.where(np.isin(kept, (1, 4)), -1, 1).astype(np.int16)
        columns.append(Column("GROUPING", "I", groups))
    return columns


def _matrices(options: Options) -> list[Any]:
    """Return the matrix: alone, third of three, or in three blocks to be summed.

    Two blocks would be ambiguous: one for each of two spectra.
    """
    matrix = _matrix()
    if options["response"] == "blocks":
        return [
            _block(options, np.where(np.arange(N) % 3 == part, matrix, 0.0)) for part in range(3)
        ]
    if not options["response"]:
        return [_block(options, matrix)]
    factors = (2.0, 0.5, 1.0)
    return [
        _block(options, matrix * factor, EXTVER=number, TSTART=start, TSTOP=start + 100.0)
        for number, factor in enumerate(factors, start=1)
        for start in (T0_MET_S - 50.0 + 100.0 * (number - 1),)
    ]


def _matrix() -> Floats:
    """Return a matrix with zeros at both ends of its rows."""
    draws = np.random.default_rng(13)
    matrix = draws.integers(1, 100, (len(PHOTON_KEV) - 1, N)).astype(float)
    middle = np.sqrt(PHOTON_KEV[1:] * PHOTON_KEV[:-1])
    return np.where(EDGES_KEV[None, :-1] < 1.5 * middle[:, None], matrix, 0.0)


def _block(options: Options, matrix: Floats, **more: Any) -> Any:
    first = options["first channel"]
    stated = options["TLMIN"] or first > 1
    low, high = PHOTON_KEV[:-1], PHOTON_KEV[1:]
    if options["groups"] == "one":
        groups, begins = np.ones(len(low)), np.full((len(low), 1), first)
        lengths, values = np.full((len(low), 1), N), matrix
    else:
        groups, begins = np.full(len(low), 2), np.tile([first, first + 2], (len(low), 1))
        lengths, values = np.tile([2, N - 2], (len(low), 1)), matrix
    columns = [
        energies(options, "ENERG_LO", low),
        energies(options, "ENERG_HI", high),
        Column("N_GRP", "I", groups.astype(np.int16)),
        Column(
            "F_CHAN",
            f"{begins.shape[1]}I",
            begins.astype(np.int16),
            first=first if stated else None,
        ),
        Column("N_CHAN", f"{begins.shape[1]}I", lengths.astype(np.int16)),
    ]
    if options["groups"] == "varying":
        rows = np.empty(len(low), dtype=object)
        rows[:] = [np.asarray(row, dtype=np.float64) for row in values]
        columns.append(Column("MATRIX", "PD()", rows, "cm**2"))
    else:
        columns.append(Column("MATRIX", f"{N}D", values, "cm**2"))
    return table(
        cased(options, "SPECRESP MATRIX"),
        columns,
        options["names"],
        HDUCLAS1="RESPONSE",
        HDUCLAS2="RSP_MATRIX",
        HDUCLAS3="FULL",
        DETCHANS=N,
        **more,
    )
