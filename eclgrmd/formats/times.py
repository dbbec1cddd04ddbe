"""From a file's own clock (MET) to seconds after t0, and to UTC."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from astropy.time import Time, TimeDelta
from astropy.utils import iers

from eclgrmd.errors import InputError

from .fits_file import FitsFile

__all__ = ["Clock", "TimeZero", "met_of", "time_zero", "utc_of"]

SECONDS_A_DAY = 86_400.0
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
        difference_s = _seconds_between(zero, self.zero)
        if abs(difference_s) < ROUNDING_S:
            difference_s = 0.0
        return self.t0_met_s + difference_s + self.zero.correction_s - zero.correction_s


def time_zero(file: FitsFile) -> TimeZero | None:
    """Read MJDREFI + MJDREFF (or MJDREF) and TIMESYS of a file; None where it has none."""
    day, fraction = file.number("MJDREFI"), file.number("MJDREFF")
    if day is None:
        day, fraction = file.number("MJDREF"), 0.0
    if not day:
        return None
    system = file.text("TIMESYS").lower()
    zero = TimeZero(day, fraction or 0.0, system if system in SCALES else "tt")
    return replace(zero, correction_s=_clock_correction(file, zero))


def _clock_correction(file: FitsFile, zero: TimeZero) -> float:
    """Return by how much the clock of Swift is off, where it is told and not applied yet.

    UTCFINIT makes a MET seconds of UTC after the reference, so that it holds the leap seconds
    since then as well, which a time in TT does not want.
    """
    offset_s, start_s = file.number("UTCFINIT"), file.number("TSTART")
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
    """Return a MET as ISO-8601 UTC with microseconds."""
    with _offline():
        moment = zero.to_time() + TimeDelta(met_s + zero.correction_s, format="sec")
        moment.precision = 6
        return f"{moment.utc.isot}Z"


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


def _seconds_between(start: TimeZero, stop: TimeZero) -> float:
    with _offline():
        return float((stop.to_time().tai - start.to_time().tai).to_value("sec"))
