"""Read counts per time bin and channel: GBM CSPEC and CTIME, LAT LLE and other PHA II series."""

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.model.flags import BAD_BINS
from eclgrmd.model.observation import Floats, History

from .channels import read_channels
from .events import WHOLE_TIME, within
from .fits_file import FitsFile
from .fits_table import Table
from .headers import number
from .identity import detector_of, instrument_of
from .intervals import meeting
from .times import Clock

__all__ = ["read_history"]


def read_history(
    file: FitsFile, table: Table, clock: Clock, window_s: tuple[float, float] = WHOLE_TIME
) -> History:
    """Read a series of spectra; bins of bad QUALITY or without live time are left out.

    Raises
    ------
    InputError
        Where EBOUNDS is missing or has another number of channels, or a time is not finite.
    """
    channels = read_channels(file)
    if channels is None:
        raise InputError("is a series of spectra without EBOUNDS: its channels have no energies")
    start_s, stop_s = _bins(file, table, clock)
    exposure_s = table.column("EXPOSURE") if table.has("EXPOSURE") else stop_s - start_s
    counts = _counts(table, exposure_s)
    if counts.shape != (len(start_s), len(channels.number)):
        raise InputError(
            f"table {table.name} has {counts.shape[-1]} channels, but EBOUNDS "
            f"{len(channels.number)}"
        )
    quality = table.column("QUALITY") if table.has("QUALITY") else np.zeros(len(start_s))
    sound = (exposure_s > 0) & (stop_s > start_s) & np.isfinite(counts).all(axis=1)
    if quality.ndim == 1:
        sound &= quality == 0
    if not sound.any():
        raise InputError(f"table {table.name} has no good bin with exposure and finite counts")
    flags = () if sound.all() else (BAD_BINS,)
    keep = np.flatnonzero(sound & within(start_s, stop_s, window_s))
    keep = keep[np.argsort(start_s[keep], kind="stable")]
    return History(
        instrument_of(file),
        detector_of(file),
        start_s[keep],
        meeting(start_s[keep], stop_s[keep]),
        counts[keep],
        exposure_s[keep],
        channels,
        flags,
    )


def _bins(file: FitsFile, table: Table, clock: Clock) -> tuple[Floats, Floats]:
    first_s = float(table.column("TIME")[0]) if table.rows else 0.0
    shift = (number(table.header, "TIMEZERO") or 0.0) - clock.t0_in(file, first_s)
    edges = []
    for name in ("TIME", "ENDTIME"):
        raw, scale, zero = table.stored(name)
        values = raw.astype(np.float64) * scale + (zero + shift)
        if not np.isfinite(values).all():
            raise InputError(f"table {table.name}: column {name} holds NaN or infinity")
        edges.append(values)
    return edges[0], edges[1]


def _counts(table: Table, exposure_s: Floats) -> Floats:
    if table.has("COUNTS"):
        counts = table.column("COUNTS")
    else:
        counts = (table.column("RATE").T * exposure_s).T
    return counts.reshape(len(exposure_s), -1)
