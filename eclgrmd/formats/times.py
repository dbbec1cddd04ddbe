"""From a file's own clock (MET) to seconds after t0, and to UTC."""

import warnings
from dataclasses import dataclass

from astropy.time import Time, TimeDelta
from astropy.utils import iers

from .fits_file import FitsFile

__all__ = ["Clock", "TimeZero", "time_zero", "utc_of"]

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

    def to_time(self) -> Time:
        """Return it as an astropy time."""
        return Time(self.mjd_day, self.mjd_fraction, format="mjd", scale=self.scale)


@dataclass(frozen=True, slots=True)
class Clock:
    """The observation's clock: reference time t0, in the time system of its first file."""

    t0_met_s: float
    zero: TimeZero | None

    def t0_in(self, file: FitsFile) -> float:
        """Return t0 in a file's own MET, seconds: subtract it from the file's times.

        A file that tells neither a time system nor a trigger time is taken to tell times relative
        to t0 already.
        """
        zero = time_zero(file)
        if zero is None:
            return self.t0_met_s if file.number("TRIGTIME") is not None else 0.0
        if self.zero is None or self.zero == zero:
            return self.t0_met_s
        difference_s = _seconds_between(zero, self.zero)
        return self.t0_met_s + (difference_s if abs(difference_s) > ROUNDING_S else 0.0)

    def t0_for(self, time_s: float, file: FitsFile) -> float:
        """Return what to subtract from one time, which a file may tell relative to its trigger."""
        t0 = self.t0_in(file)
        relative = abs(time_s) < LEAST_MISSION_MET_S < t0
        return 0.0 if relative else t0


def time_zero(file: FitsFile) -> TimeZero | None:
    """Read MJDREFI + MJDREFF (or MJDREF) and TIMESYS of a file; None where it has none."""
    day, fraction = file.number("MJDREFI"), file.number("MJDREFF")
    if day is None:
        day, fraction = file.number("MJDREF"), 0.0
    if not day:
        return None
    system = file.text("TIMESYS").lower()
    return TimeZero(day, fraction or 0.0, system if system in SCALES else "tt")


def utc_of(zero: TimeZero, met_s: float) -> str:
    """Return a MET as ISO-8601 UTC with microseconds; never asks the network for leap seconds."""
    with warnings.catch_warnings(), iers.conf.set_temp("auto_download", value=False):
        warnings.simplefilter("ignore")  # years after the last known leap second are `dubious`
        moment = zero.to_time() + TimeDelta(met_s, format="sec")
        moment.precision = 6
        return f"{moment.utc.isot}Z"


def _seconds_between(start: TimeZero, stop: TimeZero) -> float:
    with warnings.catch_warnings(), iers.conf.set_temp("auto_download", value=False):
        warnings.simplefilter("ignore")
        return float((stop.to_time().tai - start.to_time().tai).to_value("sec"))
