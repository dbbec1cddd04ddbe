"""Conversion of a file's own times (MET) to seconds after t0 and to UTC.

Only this module applies TUNITn, TIMEUNIT, TIMEZERO (or TIMEZERI + TIMEZERF) and TIMEOFFS. A keyword
of a table's own header takes precedence over the primary header; keywords of other tables are
ignored. Times in a header are in the TIMEUNIT of that header.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from astropy.time import Time, TimeDelta
from astropy.utils import iers

from eclgrmd.errors import InputError
from eclgrmd.model.flags import Flag, FlagCode
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
"""MJD of Julian day 0."""
MISSION_DAYS = (15_020, 124_593)
"""MJD of 1900 January 1 and 2200 January 1: calendars and leap seconds fail far outside."""
OFFSETS = ("TIMEZERO", "TIMEZERI", "TIMEZERF", "TIMEOFFS")
"""Keywords of times to add to all times of a table."""
SAME_OFFSET = 1e-3
"""Difference of TIMEZERO and TIMEZERI + TIMEZERF that counts as rounding, in units of TIMEUNIT."""
CLEAR_UNITS = frozenset({"s", "ms", "us", "ns", "min", "h", "d"})
"""Units in the comment of TRIGTIME that are believed."""
SCALES = frozenset({"tt", "tai", "utc", "tdb", "tcg", "tcb"})
"""Values of TIMESYS that astropy knows as time scales, lower case."""
ROUNDING_S = 0.5
"""Difference of two reference times that counts as rounding of MJDREFF; different time systems
differ by whole seconds."""
LEAST_MISSION_MET_S = 1e6
"""Smallest time, seconds, that is certainly a mission elapsed time; a smaller one may be relative
to a trigger."""


@dataclass(frozen=True, slots=True)
class TimeZero:
    """The absolute time of a file's MET 0."""

    mjd_day: float
    """Modified Julian day, whole days."""
    mjd_fraction: float
    """Fraction of the day."""
    scale: str
    """Time scale of astropy: tt, utc, ..."""
    correction_s: float = 0.0
    """Correction of the satellite's clock to add to the file's times, seconds."""

    def to_time(self) -> Time:
        """Return the time as astropy's type."""
        return Time(self.mjd_day, self.mjd_fraction, format="mjd", scale=self.scale)


@dataclass(frozen=True, slots=True)
class Clock:
    """The reference time t0 of an observation, in the time system of its first file."""

    t0_met_s: float
    """Reference time in that time system, seconds."""
    zero: TimeZero | None
    """Absolute time of MET 0 in that time system; None: unknown."""

    def t0_in(self, file: FitsFile, time_s: float) -> float:
        """Return t0 in a file's own MET, seconds; subtract it from the file's times.

        The result is 0 if the file's times (`time_s` is an example) are small while t0 is a mission
        elapsed time: they are relative to the trigger already.
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
"""A clock that leaves times in the file's own MET."""


def time_zero(file: FitsFile) -> TimeZero | None:
    """Read MJDREFI + MJDREFF (or MJDREF) and TIMESYS of a file; return None if it has none.

    Raises
    ------
    InputError
        If the date is not between 1900 and 2200.
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
    """Return the MJD of a file's time 0 as whole days and fraction; 0 and 0: there is none."""
    for name, first_day in (("MJDREF", 0.0), ("JDREF", MJD_OF_JD)):
        for header in file.having(f"{name}I", name):
            day = strict_number(header, f"{name}I")
            if day is not None:
                return day + first_day, strict_number(header, f"{name}F") or 0.0
            if (whole := strict_number(header, name)) is not None:
                return whole + first_day, 0.0
    return 0.0, 0.0


def read_times(file: FitsFile, table: Table, name: str, clock: Clock) -> Floats:
    """Return a column of times as seconds after t0, shape (rows,); null becomes NaN.

    Raises
    ------
    InputError
        If the column is not numeric, its unit cannot be converted, or a time is infinite.
    """
    stored = table.stored(name)
    if stored.raw.ndim != 1:
        raise InputError(f"table {table.name}: column {name} must hold one number a row")
    by = _column_factor(file, table, name)
    # Subtract t0 from TZERO first: added to the times, a large TZERO would lose their microseconds.
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
    """Return a time of a header (TSTART, TSTOP) in the file's own MET, seconds; None: none."""
    value = number(header, key)
    if value is None:
        return None
    return value * time_unit_s(header, file.primary) + _offset_s(header, file.primary)


def header_duration_s(file: FitsFile, header: Header, key: str) -> float | None:
    """Return a duration of a header (TIMEDEL), seconds; None: there is none.

    Raises
    ------
    InputError
        If the value is not a number.
    """
    value = strict_number(header, key)
    return None if value is None else value * time_unit_s(header, file.primary)


def trigger_time_s(file: FitsFile, start_s: float | None) -> float | None:
    """Return the first TRIGTIME of the headers, MET in seconds; None: there is none.

    TIMEZERO is not added, since it applies to data only. Most missions write TRIGTIME in seconds,
    even if TIMEUNIT is another unit. A unit at the start of its comment decides; otherwise the
    value in seconds or in TIMEUNIT is chosen, whichever is nearer to the start of the data.

    Parameters
    ----------
    file
        The file.
    start_s
        First time of the data, MET, seconds; None: unknown.
    """
    for header in file.having("TRIGTIME"):
        if (value := number(header, "TRIGTIME")) is None:
            continue
        unit_s = time_unit_s(header, file.primary)
        commented = comment_unit(header, "TRIGTIME")
        if commented in CLEAR_UNITS:
            return value * factor(commented, SECOND)
        near_s = 0.0 if start_s is None else start_s
        return min((value, value * unit_s), key=lambda t0: abs(t0 - near_s))
    return None


def unusable_triggers(file: FitsFile) -> tuple[Flag, ...]:
    """Return a flag for each TRIGTIME that is not a number."""
    flags = []
    for header in file.having("TRIGTIME"):
        try:
            strict_number(header, "TRIGTIME")
        except InputError as error:
            flags.append(Flag(FlagCode.TRIGGER_UNUSABLE, subject=file.path.name, detail=str(error)))
    return tuple(dict.fromkeys(flags))


def time_unit_s(header: Header, primary: Header) -> float:
    """Return the TIMEUNIT of a header, or else of the primary header, in seconds."""
    unit = text(header, "TIMEUNIT") or text(primary, "TIMEUNIT")
    try:
        return factor(unit, SECOND)
    except InputError as error:
        raise InputError(f"TIMEUNIT: {error}") from error


def _offset_s(header: Header, primary: Header) -> float:
    """Return the offset to add to the times of a table, seconds."""
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
    """Return the correction of Swift's clock, seconds; 0 if there is none or it is applied already.

    UTCFINIT converts MET to UTC seconds after the reference. It therefore includes the leap seconds
    since then, which must be added again for a time in TT.
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
    """Prevent downloads of leap seconds, and warnings about years after the last known one."""
    with warnings.catch_warnings(), iers.conf.set_temp("auto_download", value=False):
        warnings.simplefilter("ignore")
        yield


def utc_of(zero: TimeZero, met_s: float) -> str:
    """Return a MET as ISO-8601 UTC with microseconds.

    Raises
    ------
    InputError
        If the calendar does not include the date.
    """
    try:
        with _offline():
            moment = zero.to_time() + TimeDelta(met_s + zero.correction_s, format="sec")
            moment.precision = 6
            return f"{moment.utc.isot}Z"
    except ValueError as error:  # includes errors of ERFA
        raise InputError(f"{met_s:g} s after MJD {zero.mjd_day:g} is no date") from error


def met_of(zero: TimeZero, utc: str) -> float:
    """Return an ISO-8601 UTC time as MET, seconds.

    Raises
    ------
    InputError
        If the text is not a time.
    """
    try:
        with _offline():
            moment = Time(utc.removesuffix("Z"), format="isot", scale="utc")
            return float((moment.tai - zero.to_time().tai).to_value("sec")) - zero.correction_s
    except ValueError as error:
        raise InputError(f"{utc!r} is not a time: must be ISO-8601 UTC") from error


def seconds_between(start: TimeZero, stop: TimeZero) -> float:
    """Return the time from MET 0 of one file to MET 0 of another, seconds."""
    with _offline():
        return float((stop.to_time().tai - start.to_time().tai).to_value("sec"))
