"""Read OGIP light curves (OGIP 93-003), of one band or several, with or without background."""

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.model.flags import BAD_BINS
from eclgrmd.model.observation import Floats, LightCurve

from .channels import read_channels
from .events import WHOLE_TIME, within
from .fits_file import FitsFile
from .fits_table import Table
from .headers import flag, number, text
from .identity import detector_of, instrument_of
from .intervals import meeting
from .times import Clock

__all__ = ["read_light_curves"]

TIMEPIXR = 0.5
"""Where in its bin a time lies by default: the middle (OGIP 93-003)."""


def read_light_curves(
    file: FitsFile, table: Table, clock: Clock, window_s: tuple[float, float] = WHOLE_TIME
) -> tuple[LightCurve, ...]:
    """Read a light curve; of several bands, their sum comes first and then each.

    Bins without exposure or with a NaN value are left out. Rates become counts of the live time
    (TIMEDEL times FRACEXP), and so do their errors.

    Raises
    ------
    InputError
        Where bin widths or columns are missing, or a time is not finite.
    """
    start_s, stop_s, exposure_s = _bins(file, table, clock)
    counts = _per_bin(table, table.first_of("COUNTS", "RATE") or "RATE", exposure_s)
    poisson = flag(table.header, "POISSERR") or not table.has("ERROR")
    error = None if poisson else _per_bin(table, "ERROR", exposure_s)
    if error is not None and error.shape != counts.shape:
        raise InputError(f"table {table.name}: ERROR must have as many values a row as the rate")
    sound = (exposure_s > 0) & np.isfinite(counts).all(axis=1)
    if error is not None:
        sound &= np.isfinite(error).all(axis=1)
    if not sound.any():
        raise InputError(f"table {table.name} has no bin with exposure and finite values")
    keep = np.flatnonzero(sound & within(start_s, stop_s, window_s))
    keep = keep[np.argsort(start_s[keep], kind="stable")]
    start_s, stop_s = start_s[keep], meeting(start_s[keep], stop_s[keep])
    net = text(table.header, "HDUCLAS2").upper() == "NET"
    instrument, detector = instrument_of(file), detector_of(file)
    flags = () if sound.all() else (BAD_BINS,)
    return tuple(
        LightCurve(
            instrument,
            tuple(detector.split("+")),
            band,
            start_s,
            stop_s,
            counts[keep][:, columns].sum(axis=1),
            exposure_s[keep],
            None if error is None else np.sqrt((error[keep][:, columns] ** 2).sum(axis=1)),
            net,
            flags,
        )
        for band, columns in _bands(file, table, counts.shape[1])
    )


def _bins(file: FitsFile, table: Table, clock: Clock) -> tuple[Floats, Floats, Floats]:
    time_s = table.finite("TIME") + (number(table.header, "TIMEZERO") or 0.0)
    if len(time_s):
        time_s -= clock.t0_in(file, float(time_s[0]))
    pixel = number(table.header, "TIMEPIXR")
    pixel = file.number("TIMEPIXR") if pixel is None else pixel
    width_s = _widths(file, table, len(time_s))
    start_s = time_s - width_s * (TIMEPIXR if pixel is None else pixel)
    exposure_s = width_s * (table.column("FRACEXP") if table.has("FRACEXP") else 1.0)
    return start_s, start_s + width_s, np.nan_to_num(exposure_s)


def _widths(file: FitsFile, table: Table, rows: int) -> Floats:
    for name in ("TIMEDEL", "XAX_E"):
        if table.has(name):
            width = table.finite(name) * (2.0 if name == "XAX_E" else 1.0)
            break
    else:
        value = number(table.header, "TIMEDEL") or file.number("TIMEDEL")
        if value is None:
            raise InputError(f"table {table.name} has no TIMEDEL: its bins have no width")
        width = np.full(rows, value)
    if (width <= 0).any():
        raise InputError(f"table {table.name}: TIMEDEL must be greater than zero")
    return width


def _per_bin(table: Table, name: str, exposure_s: Floats) -> Floats:
    values = table.column(name).reshape(len(exposure_s), -1)
    unit = text(table.header, f"TUNIT{table.columns.index(name) + 1}").lower()
    is_counts = name == "COUNTS" or (name == "ERROR" and table.has("COUNTS") and "/" not in unit)
    return values if is_counts else values * exposure_s[:, None]


def _bands(
    file: FitsFile, table: Table, n: int
) -> list[tuple[tuple[float, float] | None, list[int]]]:
    channels = read_channels(file)
    if channels is not None and len(channels.number) == n:
        edges = [channels.edges_of(np.arange(n) == i) for i in range(n)]
        whole = channels.edges_of(np.ones(n, dtype=bool))
    else:
        whole = _band_of_header(file, table)
        edges = [whole] * n
    total = [(whole, list(range(n)))]
    return total if n == 1 else total + [(band, [i]) for i, band in enumerate(edges)]


def _band_of_header(file: FitsFile, table: Table) -> tuple[float, float] | None:
    for low_key, high_key in (("E_MIN", "E_MAX"), ("EMIN", "EMAX")):
        low = number(table.header, low_key) or file.number(low_key)
        high = number(table.header, high_key) or file.number(high_key)
        if low is not None and high is not None and low < high:
            return low, high
    return None
