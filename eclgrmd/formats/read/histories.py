"""Reading of counts per time bin and channel: GBM CSPEC and CTIME, LAT LLE, other PHA II series."""

from dataclasses import replace

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.channels import index_of, read_channels
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.identity import detector_of, instrument_of, maker_of
from eclgrmd.formats.fits.times import Clock, read_times
from eclgrmd.formats.fits.units import SECOND
from eclgrmd.formats.rows.counted import (
    MEASURED,
    SHORTEST_S,
    bad_values,
    read_counts,
    refuse_negative,
    unit_flags,
    usable_channels,
)
from eclgrmd.formats.rows.repeats import without_overlaps
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import meeting
from eclgrmd.model.observation import Channels, History

from .events import WHOLE_TIME, within
from .pha import is_whole

__all__ = ["read_history"]

LONGER = 1.01
"""Largest ratio of live time to bin width that counts as rounding."""


def read_history(
    file: FitsFile, table: Table, clock: Clock, window_s: tuple[float, float] = WHOLE_TIME
) -> History:
    """Read a series of spectra.

    Bins are left out if they have no live time, bad QUALITY or a null in a channel, or repeat or
    overlap others. A channel that is bad in most bins is marked as unusable instead.

    Raises
    ------
    InputError
        If EBOUNDS is missing or has another number of channels, or counts are negative.
    """
    file = file.at(table)
    channels = read_channels(file)
    if channels is None:
        raise InputError("is a series of spectra without EBOUNDS: its channels have no energies")
    start_s, stop_s = (read_times(file, table, name, clock) for name in ("TIME", "ENDTIME"))
    exposure_s = table.column("EXPOSURE", SECOND) if table.has("EXPOSURE") else stop_s - start_s
    name = table.first_of(*MEASURED) or "COUNTS"
    counts = read_counts(table, name, exposure_s)
    channels = _channels_of(table, channels, counts.shape[1])
    bad = bad_values(table, counts)
    usable = usable_channels(bad)
    with np.errstate(invalid="ignore"):
        sound = (exposure_s >= SHORTEST_S) & (stop_s > start_s) & ~bad[:, usable].any(axis=1)
    sound &= np.isfinite(exposure_s)
    if not (sound.any() and usable.any()):
        raise InputError(f"table {table.name} has no good bin with exposure and finite counts")
    counts = np.where(usable, counts, 0.0)
    refuse_negative(table, name, counts[sound])
    flags = unit_flags(table, name)
    if not sound.all():
        flags.append(Flag(FlagCode.BAD_BINS, detail=str(int((~sound).sum()))))
    if not usable.all():
        channels = replace(channels, good=usable)
        flags.append(Flag(FlagCode.BAD_CHANNELS, detail=str(int((~usable).sum()))))
    if is_whole(counts[sound]):
        counts[sound] = np.rint(counts[sound])
    else:
        flags.append(Flag(FlagCode.NOT_WHOLE))
    rows = np.flatnonzero(sound)
    if (exposure_s[rows] > LONGER * (stop_s[rows] - start_s[rows])).any():
        flags.append(Flag(FlagCode.LONG_LIVE_TIME))
    single = without_overlaps(start_s[rows], stop_s[rows], counts[rows])
    keep = rows[single.rows]
    keep = keep[within(start_s[keep], stop_s[keep], window_s)]
    return History(
        instrument_of(file),
        detector_of(file),
        start_s[keep],
        meeting(start_s[keep], stop_s[keep]),
        counts[keep],
        exposure_s[keep],
        channels,
        (*flags, *single.flags),
        maker=maker_of(file),
    )


def _channels_of(table: Table, channels: Channels, n: int) -> Channels:
    """Return the channels of the counts, selected by number if the table has CHANNEL."""
    if table.has("CHANNEL") and table.rows and table.width("CHANNEL") == n:
        numbers = table.finite("CHANNEL").reshape(table.rows, n)
        if (numbers != numbers[0]).any():
            raise InputError(f"table {table.name}: CHANNEL differs from bin to bin")
        index = index_of(numbers[0].astype(np.int64), channels)
        if (index < 0).any() or (np.diff(index) <= 0).any():
            raise InputError(f"table {table.name}: CHANNEL holds numbers that EBOUNDS does not")
        return Channels(
            channels.number[index], channels.e_min_kev[index], channels.e_max_kev[index]
        )
    if n != len(channels.number):
        raise InputError(f"table {table.name} has {n} channels, but EBOUNDS {len(channels.number)}")
    return channels
