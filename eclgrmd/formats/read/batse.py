"""Reading of BATSE burst files (bfits): rates in four discriminator channels, and photon lists."""

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import text
from eclgrmd.formats.fits.times import TimeZero
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import meeting, union
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, EventList, Floats, History

from .events import WHOLE_TIME, select_good_times, within

__all__ = ["batse_time_zero", "read_batse_events", "read_batse_history"]

EDGES_KEV = np.array([25.0, 50.0, 100.0, 300.0, 2000.0])
"""Nominal edges of the discriminator channels (Paciesas et al. 1999, ApJS 122, 465).

The calibrated edges differ by 20 % from detector to detector; the sum has the nominal ones."""
MJD_OF_TJD = 40_000.0
"""MJD of truncated Julian day 0."""
NO_TIME_S = -1e10
"""Smaller times in these files stand for no time."""


def read_batse_history(table: Table, window_s: tuple[float, float] = WHOLE_TIME) -> History:
    """Read the rates of the summed detectors; leave out bins whose error is NaN, which are bad."""
    start_s, stop_s = table.column("TIMES").T
    rate, error = table.column("RATES"), table.column("ERRORS")
    _check_channels(rate)
    sound = np.isfinite(rate).all(axis=1) & np.isfinite(error).all(axis=1) & (stop_s > start_s)
    if not sound.any():
        raise InputError(f"table {table.name} has no bin with finite rates and times")
    keep = np.flatnonzero(sound & within(start_s, stop_s, window_s))
    start_s, stop_s = start_s[keep], stop_s[keep]
    width_s = stop_s - start_s
    return History(
        Instrument.BATSE,
        _detectors(table),
        start_s,
        meeting(start_s, stop_s),
        # The rates are float32, so counts differ from integers by rounding.
        np.rint(rate[keep] * width_s[:, None]),
        width_s,
        _channels(),
        () if sound.all() else (Flag(FlagCode.BAD_BINS, detail=str(int((~sound).sum()))),),
    )


def read_batse_events(
    table: Table, window_s: tuple[float, float] = WHOLE_TIME
) -> tuple[EventList, ...]:
    """Read the photons of each detector, LAD0 to LAD7."""
    numbers = table.column("DET_NUM").astype(int)
    starts, stops = table.column("T_START"), table.column("T_STOP")
    times, channels = table.lists("TIMES"), table.lists("CHANNELS")
    return tuple(
        _detector_events(number, start, stop, time_s, channel, window_s)
        for number, start, stop, time_s, channel in zip(
            numbers, starts, stops, times, channels, strict=True
        )
    )


def _detector_events(
    number: int,
    starts: Floats,
    stops: Floats,
    time_s: Floats,
    channel: Floats,
    window_s: tuple[float, float],
) -> EventList:
    if len(time_s) != len(channel) or not np.isfinite(time_s).all():
        raise InputError(f"detector {number}: times and channels must be finite and equally many")
    known = (np.asarray(starts) > NO_TIME_S) & (np.asarray(stops) > NO_TIME_S)
    gti = union(np.column_stack([np.atleast_1d(starts)[known], np.atleast_1d(stops)[known]]))
    valid = (channel >= 1) & (channel < len(EDGES_KEV))
    valid &= (time_s >= window_s[0]) & (time_s <= window_s[1])
    order = np.argsort(time_s[valid], kind="stable")
    events = EventList(
        Instrument.BATSE,
        f"LAD{number}",
        time_s[valid][order],
        (channel[valid][order] - 1).astype(np.int16),
        _channels(),
        gti,
    )
    return select_good_times(events, window_s)


def batse_time_zero(file: FitsFile) -> TimeZero | None:
    """Return the trigger time from BASETIME, a truncated Julian day (UTC); None: there is none."""
    for table in file.tables:
        base = table.header.get("BASETIME")
        if isinstance(base, float):
            return TimeZero(MJD_OF_TJD + int(base), base % 1.0, "utc")
    return None


def _channels() -> Channels:
    return Channels(np.arange(1, len(EDGES_KEV)), EDGES_KEV[:-1], EDGES_KEV[1:])


def _check_channels(rate: Floats) -> None:
    if rate.ndim != 2 or rate.shape[1] != len(EDGES_KEV) - 1:
        raise InputError("has not the four discriminator channels: other BATSE data are not read")


def _detectors(table: Table) -> str:
    """Return the summed detectors: DSELECT `YYNNYNNN`, in the order 76543210, gives LAD367."""
    chosen = text(table.header, "DSELECT")[::-1]
    return "LAD" + "".join(str(i) for i, letter in enumerate(chosen) if letter == "Y")
