"""Stores times, energies and counts in the form of the options."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .options import Options
from .tables import Column, File, integers, table

__all__ = [
    "EDGES_KEV",
    "RATES",
    "T0_MET_S",
    "Times",
    "bounds",
    "cased",
    "counts_column",
    "energies",
    "file",
    "has_trigger",
    "mission",
    "shuffled",
]

Floats = NDArray[np.float64]

T0_MET_S = 600_000_000.25
"""Trigger time of all files, mission time, seconds; exact in binary."""
EDGES_KEV = 10.0 * 2.0 ** np.arange(6.0)
"""Edges of the channels, keV; exact in float32."""
SECONDS = {
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "min": 60.0,
    "h": 3600.0,
    "d": 86_400.0,
    "sec": 1.0,
    "day": 86_400.0,
    "seconds": 1.0,
}
"""Seconds per unit of time, by the spelling of the unit."""
_KEV = {
    "": 1.0,
    **dict.fromkeys(("keV", "kev", "KeV", "furlong", "cubit"), 1.0),
    **dict.fromkeys(("MeV", "MEV", "Mev"), 1e3),
    **dict.fromkeys(("eV", "ev"), 1e-3),
    "GeV": 1e6,
}
"""keV per unit of energy, by the spelling of the unit; not all spellings are valid."""
TELESCOPES = {
    "GBM": "GLAST",
    "ECLAIRS": "SVOM",
    "GRM": "SVOM",
    "BAT": "SWIFT",
    "KONUS": "WIND",
    "NEW": "SOMETHING",
}
RATES = {
    **dict.fromkeys(("count/s", "counts/s", "ct/s", "count s**-1", "s**-1", "COUNTS/S"), 1.0),
    **dict.fromkeys(("cts s^-1", "count /s"), 1.0),
    "count/ms": 1e3,
    "count/min": 1 / 60,
}
"""Units of rates, in counts/s."""
_TICKS_A_UNIT = 1e6
"""Stored steps per second of times that are whole numbers."""
_ZERO_S = 700.5
"""With TIMEZERO, times count from so many seconds before t0."""


@dataclass(frozen=True, slots=True)
class Times:
    """The form in which the times of a table are stored."""

    unit: str
    """Unit of the columns."""
    key: str
    """Keyword that names the unit: TUNIT alone, or TIMEUNIT."""
    zero: str
    """Option for TIMEZERO. Empty: none."""
    form: str
    """Option for the format of the columns."""

    @classmethod
    def of(cls, options: Options) -> "Times":
        """Return the form that the options specify.

        Keywords have the unit of TIMEUNIT, by default seconds. With another unit in TUNIT alone
        the meaning of TIMEZERO would be ambiguous, so it is left out then.
        """
        alone = SECONDS[options["time unit"]] != 1.0 and options["unit key"] == "TUNIT"
        zero = "" if alone else options["zero"]
        return cls(options["time unit"], options["unit key"], zero, options["time form"])

    def column(self, name: str, time_s: Floats) -> Column:
        """Return a column of times, given in seconds after t0."""
        origin_s = T0_MET_S if not self.zero else _ZERO_S
        values = (time_s + origin_s) / SECONDS[self.unit]
        unit = self.unit if self.key != "TIMEUNIT" else ""
        if self.form == "D":
            return Column(name, "D", values, unit)
        step = 1.0 / _TICKS_A_UNIT / SECONDS[self.unit]  # a microsecond
        zero = float(np.floor(values.min())) if len(values) else 0.0
        return Column(name, "K", np.rint((values - zero) / step).astype(np.int64), unit, step, zero)

    def length(self, seconds: float) -> float:
        """Return a length as the value of a keyword."""
        return seconds / SECONDS[self.unit] if self.key != "TUNIT" else seconds

    @property
    def header(self) -> dict[str, Any]:
        """Keywords of the table: unit, zero and reference."""
        found: dict[str, Any] = {} if self.key == "TUNIT" else {"TIMEUNIT": self.unit}
        start = (T0_MET_S - _ZERO_S) / SECONDS[self.unit]
        if self.zero == "TIMEZERO":
            found["TIMEZERO"] = start
        elif self.zero == "TIMEZERI":
            found |= {"TIMEZERI": int(start), "TIMEZERF": start - int(start)}
        return found


def mission(options: Options, detector: str, **more: Any) -> dict[str, Any]:
    """Return the keywords of a file: instrument and time."""
    name = options["mission"]
    who = {"TELESCOP": TELESCOPES[name], "INSTRUME": name, "DETNAM": detector}
    found: dict[str, Any] = {**who, **more}
    if options["MJDREF"] == "split":
        found |= {"MJDREFI": 51910, "MJDREFF": 7.428703703703703e-4, "TIMESYS": "TT"}
    elif options["MJDREF"] == "one":
        found |= {"MJDREF": 51910 + 7.428703703703703e-4, "TIMESYS": "TT"}
    elif options["MJDREF"] == "text":
        found |= {"MJDREFI": "51910", "MJDREFF": "7.428703703703703E-04", "TIMESYS": "TT"}
    elif options["MJDREF"] == "lower":
        found |= {"MJDREFI": 51910.0, "MJDREFF": 7.428703703703703e-4, "TIMESYS": "tt"}
    if has_trigger(options):
        found["TRIGTIME"] = T0_MET_S
    return found


def has_trigger(options: Options) -> bool:
    """Return whether the file gives its trigger time.

    TIMEUNIT in the same header would apply to it as well; with several units that is ambiguous.
    """
    same_header = options["place"] == "table" or options.get("TIMEDEL") == "primary"
    doubtful = same_header and options.get("unit key", "TUNIT") != "TUNIT"
    return options["trigger"] == "header" and not doubtful


def file(options: Options, name: str, tables: list[Any], header: dict[str, Any]) -> File:
    """Return a file with its tables in order."""
    ordered = [*tables[1:], tables[0]] if options["bounds"] == "last" else tables
    return File(name, tuple(ordered), header)


def shuffled(options: Options, rows: int) -> NDArray[np.intp]:
    """Return the order of the rows."""
    rising = np.arange(rows)
    if options["order"] == "falling":
        return rising[::-1]
    if options["order"] == "shuffled":
        return np.random.default_rng(options["seed"]).permutation(rising)
    return rising


def energies(options: Options, name: str, kev: Floats) -> Column:
    """Return a column of energies, given in keV."""
    unit = options["energy unit"]
    values = kev / _KEV[unit]
    if options["energy form"] == "scaled":
        step = 1e-6 / _KEV[unit]
        return Column(name, "K", np.rint(values / step).astype(np.int64), unit, step)
    return Column(name, options["energy form"], values, unit)


def cased(options: Options, name: str) -> str:
    """Return the name of a table in the case of the options."""
    return name.lower() if options.get("table names") == "lower" else name


def bounds(options: Options) -> Any:
    """Return the EBOUNDS table."""
    first = options["first channel"]
    order = np.arange(len(EDGES_KEV) - 1)
    if options["channel order"] == "falling":
        order = order[::-1]
    columns = [
        Column("CHANNEL", "I", (first + order).astype(np.int16)),
        energies(options, "E_MIN", EDGES_KEV[:-1][order]),
        energies(options, "E_MAX", EDGES_KEV[1:][order]),
    ]
    return table(cased(options, "EBOUNDS"), columns, options["names"])


def counts_column(options: Options, counts: Floats, exposure_s: Floats) -> Column:
    """Return columns of counts, NaN where missing; rates are counts over exposure."""
    form = options["counts"]
    width = "" if counts.ndim == 1 else str(counts.shape[1])
    if form in {"J", "I", "U", "H"}:
        return integers("COUNTS", counts, form)
    if form in {"E", "D"}:
        return Column("COUNTS", f"{width}{form}", counts)
    if form == "rate as counts":
        return Column("RATE", f"{width}D", counts, "count")
    unit = options["rate unit"]
    rates = counts / (exposure_s if counts.ndim == 1 else exposure_s[:, None]) / RATES[unit]
    name = "RATE" if form == "RATE" else "COUNTS"
    return Column(name, f"{width}D", rates, unit)
