"""From a file's own clock (MET) to seconds after t0, and to UTC.

This is the one place that applies TUNITn, TIMEUNIT, TIMEZERO (or TIMEZERI + TIMEZERF) and TIMEOFFS.
A keyword of the table's own header counts before that of the primary one; those of other tables
count for these alone. Times in headers are in the TIMEUNIT of the header in which they stand.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from astropy.time import Time, TimeDelta
from astropy.utils import iers

from eclgrmd.errors import InputError
from eclgrmd.model.observation import Floats

from .fits_file import FitsFile
from .fits_table import Table
from .headers import Header, comment_unit, number, strict_number, text
from .units import SECOND, factor

__all__ = [
    "ABSOLUTE",
    "LEAST_MISSION_MET_S",
    "Clock",
    "TimeZero",
    "header_duration_s",
    "header_time_s",
    "met_of",
    "read_times",
    "seconds_between",
    "time_unit_s",
    "time_zero",
    "trigger_time_s",
    "unusable_triggers",
    "utc_of",
]

SECONDS_A_DAY = 86_400.0
MJD_OF_JD = -2_400_000.5
MISSION_DAYS = (15_020, 124_593)
"""MJD of 1900 January 1 and 2200 January 1: leap seconds and calendars fail far outside."""
OFFSETS = ("TIMEZERO", "TIMEZERI", "TIMEZERF", "TIMEOFFS")
SAME_OFFSET = 1e-3
CLEAR_UNITS = frozenset({"s", "ms", "us", "ns", "min", "h", "d"})
SCALES = frozenset({"tt", "tai", "utc", "tdb", "tcg", "tcb"})
ROUNDING_S = 0.5
"""MJDREFF is rounded differently from file to file; systems that differ do so by whole seconds."""
LEAST_MISSION_MET_S = 1e6
"""Below this a t0 may be a time relative to something: no two readings of a time can be told."""


@dataclass(frozen=True, slots=True)
class TimeZero:
    """What time a file's MET 0 is."""

    mjd_day: float
    mjd_fraction: float
    scale: str
    correction_s: float = 0.0
    """To be added to the file's times: what the satellite's clock is known to be off by."""

    def to_time(self) -> Time:
        """Return it as an astropy time."""
        return Time(self.mjd_day, self.mjd_fraction, format="mjd", scale=self.scale)


@dataclass(frozen=True, slots=True)
class Clock:
    """The observation's clock: reference time t0, in the time system of its first file."""

    t0_met_s: float
    zero: TimeZero | None

    def t0_in(self, file: FitsFile, time_s: float) -> float:
        """Return t0 in a file's own MET, seconds: subtract it from the file's times.

        A file whose times (`time_s` is one of them) are small where t0 is a mission's time tells
        them relative to the trigger: nothing is to be subtracted.
        """
        if abs(time_s) < LEAST_MISSION_MET_S < self.t0_met_s:
            return 0.0
        zero = time_zero(file)
        if zero is None or self.zero is None or self.zero == zero:
            return self.t0_met_s
        difference_s = seconds_between(zero, self.zero)
        if abs(difference_s) < ROUNDING_S:
            difference_s = 0.0
        return self.t0_met_s + difference_s + self.zero.correction_s - zero.correction_s


ABSOLUTE = Clock(0.0, None)
"""Leaves times in their file's own MET."""


def time_zero(file: FitsFile) -> TimeZero | None:
    """Read MJDREFI + MJDREFF (or MJDREF) and TIMESYS of a file; None where it has none.

    Raises
    ------
    InputError
        Where it is no date that a mission can have.
    """
    day, fraction = _reference(file)
    if not day:
        return None
    first, last = MISSION_DAYS
    if not first <= day + fraction <= last:
        raise InputError(
            f"MJDREF (or JDREF) gives MJD {day + fraction:g}: must be a date of 1900 to 2200, "
            f"MJD {first} to {last}"
        )
    system = file.text("TIMESYS").lower()
    zero = TimeZero(day, fraction or 0.0, system if system in SCALES else "tt")
    return replace(zero, correction_s=_clock_correction(file, zero))


def _reference(file: FitsFile) -> tuple[float, float]:
    """Return the MJD of a file's time 0, in whole days and fraction; 0 where no header has it."""
    for name, first_day in (("MJDREF", 0.0), ("JDREF", MJD_OF_JD)):
        for header in file.having(f"{name}I", name):
            day = strict_number(header, f"{name}I")
            if day is not None:
                return day + first_day, strict_number(header, f"{name}F") or 0.0
            if (whole := strict_number(header, name)) is not None:
                return whole + first_day, 0.0
    return 0.0, 0.0


def read_times(file: FitsFile, table: Table, name: str, clock: Clock) -> Floats:
    """Return a column of times as seconds after t0, shape (rows,); what is null is NaN.

    Raises
    ------
    InputError
        Where it is no column of numbers, its unit cannot be converted, or a time is infinite.
    """
    stored = table.stored(name)
    if stored.raw.ndim != 1:
        raise InputError(f"table {table.name}: column {name} must hold one number a row")
    by = _column_factor(file, table, name)
    # Adding the small difference of two large numbers keeps the microseconds that TZERO hides.
    zero_s = stored.zero * by + _offset_s(table.header, file.primary)
    times = stored._replace(scale=stored.scale * by, zero=0.0).values()
    finite = np.isfinite(times)
    if np.isinf(times).any():
        raise InputError(f"table {table.name}: column {name} holds infinity: must be finite")
    if finite.any():
        first_s = float(times[int(np.argmax(finite))]) + zero_s
        times += zero_s - clock.t0_in(file.at(table), first_s)
    return times


def _column_factor(file: FitsFile, table: Table, name: str) -> float:
    if table.unit(name):
        return table.factor(name, SECOND)
    return time_unit_s(table.header, file.primary)


def header_time_s(file: FitsFile, header: Header, key: str) -> float | None:
    """Return a moment that a header tells (TSTART, TSTOP) in the file's own MET, seconds."""
    value = number(header, key)
    if value is None:
        return None
    return value * time_unit_s(header, file.primary) + _offset_s(header, file.primary)


def header_duration_s(file: FitsFile, header: Header, key: str) -> float | None:
    """Return a duration that a header tells (TIMEDEL), seconds.

    Raises
    ------
    InputError
        Where it is there and no number.
    """
    value = strict_number(header, key)
    return None if value is None else value * time_unit_s(header, file.primary)


def trigger_time_s(file: FitsFile, start_s: float | None) -> float | None:
    """Return the first TRIGTIME of the headers, MET in seconds; None without.

    It is no time of the data: TIMEZERO is not added. Most missions write it in seconds, whatever
    TIMEUNIT is: of the two, what is nearer to the first time of the data (`start_s`) is meant,
    unless a unit stands before its comment.
    """
    for header in file.having("TRIGTIME"):
        if (value := number(header, "TRIGTIME")) is None:
            continue
        unit_s = time_unit_s(header, file.primary)
        told = comment_unit(header, "TRIGTIME")
        if told in CLEAR_UNITS:
            return value * factor(told, SECOND)
        near_s = 0.0 if start_s is None else start_s
        return min((value, value * unit_s), key=lambda t0: abs(t0 - near_s))
    return None


def unusable_triggers(file: FitsFile) -> tuple[str, ...]:
    """Return a flag for each TRIGTIME that is no number."""
    flags = []
    for header in file.having("TRIGTIME"):
        try:
            strict_number(header, "TRIGTIME")
        except InputError as error:
            flags.append(f"{file.path.name}: {error}, not used")
    return tuple(dict.fromkeys(flags))


def time_unit_s(header: Header, primary: Header) -> float:
    """Return the TIMEUNIT of a header, or of the primary one, in seconds."""
    unit = text(header, "TIMEUNIT") or text(primary, "TIMEUNIT")
    try:
        return factor(unit, SECOND)
    except InputError as error:
        raise InputError(f"TIMEUNIT: {error}") from error


def _offset_s(header: Header, primary: Header) -> float:
    """Return what is to be added to the times of a header's table, seconds."""
    own = next((h for h in (header, primary) if any(key in h for key in OFFSETS)), None)
    if own is None:
        return 0.0
    whole = strict_number(own, "TIMEZERO")
    parts = [strict_number(own, key) for key in ("TIMEZERI", "TIMEZERF")]
    split = None if parts == [None, None] else sum(part or 0.0 for part in parts)
    if whole is not None and split is not None and abs(whole - split) > SAME_OFFSET:
        raise InputError(f"TIMEZERO is {whole:g}, but TIMEZERI + TIMEZERF {split:g}")
    zero = split if split is not None else whole or 0.0
    return (zero + (strict_number(own, "TIMEOFFS") or 0.0)) * time_unit_s(own, primary)


def _clock_correction(file: FitsFile, zero: TimeZero) -> float:
    """Return by how much the clock of Swift is off, where it is told and not applied yet.

    UTCFINIT makes a MET seconds of UTC after the reference, so that it holds the leap seconds
    since then as well, which a time in TT does not want.
    """
    offset_s, start_s = file.strict_number("UTCFINIT"), file.number("TSTART")
    if offset_s is None or start_s is None or file.flag("CLOCKAPP"):
        return 0.0
    with _offline():
        reference = zero.to_time()
        moment = reference + TimeDelta(start_s, format="sec")
        leap_s = _tai_minus_utc(moment) - _tai_minus_utc(reference)
    return offset_s + leap_s


def _tai_minus_utc(moment: Time) -> float:
    return float(round((moment.tai.mjd - moment.utc.mjd) * SECONDS_A_DAY))


@contextmanager
def _offline() -> Iterator[None]:
    """Never ask the network for leap seconds, nor warn of years after the last known one."""
    with warnings.catch_warnings(), iers.conf.set_temp("auto_download", value=False):
        warnings.simplefilter("ignore")
        yield


def utc_of(zero: TimeZero, met_s: float) -> str:
    """Return a MET as ISO-8601 UTC with microseconds.

    Raises
    ------
    InputError
        Where the calendar has no such date.
    """
    try:
        with _offline():
            moment = zero.to_time() + TimeDelta(met_s + zero.correction_s, format="sec")
            moment.precision = 6
            return f"{moment.utc.isot}Z"
    except ValueError as error:  # that of ERFA is one
        raise InputError(f"{met_s:g} s after MJD {zero.mjd_day:g} is no date") from error


def met_of(zero: TimeZero, utc: str) -> float:
    """Return an ISO-8601 UTC as MET, seconds.

    Raises
    ------
    InputError
        Where it is no time.
    """
    try:
        with _offline():
            moment = Time(utc.removesuffix("Z"), format="isot", scale="utc")
            return float((moment.tai - zero.to_time().tai).to_value("sec")) - zero.correction_s
    except ValueError as error:
        raise InputError(f"{utc!r} is no time: must be ISO-8601 UTC") from error


def seconds_between(start: TimeZero, stop: TimeZero) -> float:
    """Return how much later the MET 0 of another file is, seconds."""
    with _offline():
        return float((stop.to_time().tai - start.to_time().tai).to_value("sec"))
