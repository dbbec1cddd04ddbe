"""Reading of light curves (OGIP 93-003) in one or several bands, total or net."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.channels import read_channels
from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import comment_unit, strict_flag, strict_number, text
from eclgrmd.formats.fits.identity import detector_of, instrument_of, maker_of
from eclgrmd.formats.fits.times import Clock, read_times, time_unit_s
from eclgrmd.formats.fits.units import KEV, SECOND, factor
from eclgrmd.formats.rows.counted import (
    MEASURED,
    SHORTEST_S,
    bad_values,
    measurable,
    read_counts,
    refuse_negative,
    unit_flags,
    usable_channels,
)
from eclgrmd.formats.rows.repeats import without_overlaps
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import meeting
from eclgrmd.model.observation import Floats, LightCurve

from .events import WHOLE_TIME, within
from .pha import is_whole

__all__ = ["read_light_curves"]

TIMEPIXR = 0.5
"""Default position of a time in its bin, as a fraction of the width: the middle (OGIP 93-003)."""


def read_light_curves(
    file: FitsFile, table: Table, clock: Clock, window_s: tuple[float, float] = WHOLE_TIME
) -> tuple[LightCurve, ...]:
    """Read a light curve; for several bands, return their sum first and then each band.

    Bins are left out if they have no exposure, bad QUALITY, a null or impossible value, or no
    positive error, or if they repeat or overlap others. Rates and their errors are converted to
    counts by the live time (TIMEDEL times FRACEXP).

    Raises
    ------
    InputError
        If bin widths or columns are missing, or counts without errors are negative or net.
    """
    file = file.at(table)
    start_s, stop_s, exposure_s = _bins(file, table, clock)
    name = table.first_of(*MEASURED) or "RATE"
    counts = read_counts(table, name, exposure_s)
    bad = bad_values(table, counts)
    usable = usable_channels(bad)
    with np.errstate(invalid="ignore"):
        sound = (exposure_s >= SHORTEST_S) & (stop_s > start_s) & ~bad[:, usable].any(axis=1)
    net = text(table.header, "HDUCLAS2").upper() == "NET"
    error, flags = _error(table, name, counts, exposure_s, sound, net=net)
    if error is not None:
        sound &= ((error > 0) & measurable(error))[:, usable].all(axis=1)
    if not (sound.any() and usable.any()):
        raise InputError(f"table {table.name} has no bin with exposure and finite values")
    flags += unit_flags(table, name)
    if not sound.all():
        flags.append(Flag(FlagCode.BAD_BINS, detail=str(int((~sound).sum()))))
    rows = np.flatnonzero(sound)
    single = without_overlaps(start_s[rows], stop_s[rows], counts[rows][:, usable])
    keep = rows[single.rows]
    keep = keep[within(start_s[keep], stop_s[keep], window_s)]
    start_s, stop_s = start_s[keep], meeting(start_s[keep], stop_s[keep])
    instrument, detector = instrument_of(file), detector_of(file)
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
            (*flags, *single.flags),
            maker=maker_of(file),
        )
        for band, columns in _bands(file, table, np.flatnonzero(usable), counts.shape[1])
    )


def _error(
    table: Table,
    name: str,
    counts: Floats,
    exposure_s: Floats,
    sound: NDArray[np.bool_],
    *,
    net: bool,
) -> tuple[Floats | None, list[Flag]]:
    """Return the Gaussian errors of the counts (None: they are Poisson), and flags."""
    measured = counts[sound]
    if not table.has("ERROR"):
        refuse_negative(table, name, measured)
        if net:
            raise InputError(
                f"table {table.name}: its background is subtracted (HDUCLAS2 NET), "
                "so that it needs a column ERROR"
            )
        return None, [] if is_whole(measured) else [Flag(FlagCode.NOT_WHOLE)]
    error = read_counts(table, "ERROR", exposure_s, like=name)
    if error.shape != counts.shape:
        raise InputError(f"table {table.name}: ERROR must have as many values a row as {name}")
    if not strict_flag(table.header, "POISSERR"):
        return error, []
    if net or (measured < 0).any():
        return error, [Flag(FlagCode.ERROR_USED)]
    return None, [] if is_whole(measured) else [Flag(FlagCode.NOT_WHOLE)]


def _bins(file: FitsFile, table: Table, clock: Clock) -> tuple[Floats, Floats, Floats]:
    """Return start, stop and live time of the bins, seconds; null becomes NaN, or live time 0."""
    time_s = read_times(file, table, "TIME", clock)
    pixel = file.strict_number("TIMEPIXR")
    width_s = _widths(file, table, time_s)
    start_s = time_s - width_s * (TIMEPIXR if pixel is None else pixel)
    if table.has("EXPOSURE") and "2" not in table.unit("EXPOSURE"):  # not an exposure in cm2 s
        exposure_s = table.column("EXPOSURE", SECOND)
    elif table.has("FRACEXP"):
        percent = table.unit("FRACEXP").lower() in {"%", "percent"}
        exposure_s = width_s * table.column("FRACEXP") * (0.01 if percent else 1.0)
    else:
        exposure_s = width_s
    return start_s, start_s + width_s, np.nan_to_num(exposure_s, posinf=0.0, neginf=0.0)


def _widths(file: FitsFile, table: Table, time_s: Floats) -> Floats:
    for name, by in (("TIMEDEL", 1.0), ("XAX_E", 2.0)):
        if table.has(name):
            width = by * table.column(name)
            unit = table.factor(name, SECOND) if table.unit(name) else None
            break
    else:
        value = file.strict_number("TIMEDEL")
        if value is None:
            raise InputError(f"table {table.name} has no TIMEDEL: its bins have no width")
        width, unit = np.full(len(time_s), value), None
    if unit is None:
        unit = _unit_of_widths(file, table, width, time_s)
    with np.errstate(invalid="ignore"):
        if (width <= 0).any():
            raise InputError(f"table {table.name}: TIMEDEL must be greater than zero")
    return np.asarray(width * unit)


def _unit_of_widths(file: FitsFile, table: Table, widths: Floats, time_s: Floats) -> float:
    """Return the unit of bin widths without a unit of their own, seconds: TIMEUNIT.

    Without TIMEUNIT they are in seconds by the standard, but some writers use the unit of TIME. The
    unit that brings the widths nearer to the steps of TIME is chosen.
    """
    if text(table.header, "TIMEUNIT") or text(file.primary, "TIMEUNIT"):
        return time_unit_s(table.header, file.primary)
    own = table.factor("TIME", SECOND)
    known = np.sort(time_s[np.isfinite(time_s)])
    steps = np.diff(known)
    steps = steps[steps > 0]
    width = float(np.nanmedian(widths)) if np.isfinite(widths).any() else 0.0
    if own == 1.0 or not len(steps) or not width > 0:
        return 1.0
    step = float(np.median(steps))
    return min((1.0, own), key=lambda unit: abs(np.log(width * unit / step)))


def _bands(
    file: FitsFile, table: Table, usable: NDArray[np.int64], n: int
) -> list[tuple[tuple[float, float] | None, list[int]]]:
    channels = read_channels(file)
    if channels is not None and len(channels.number) == n:
        edges = [channels.edges_of(np.arange(n) == i) for i in range(n)]
        whole = channels.edges_of(np.isin(np.arange(n), usable))
    else:
        whole = _band_of_header(file)
        edges = [whole] * n
    used = usable.tolist()
    return [(whole, used)] if n == 1 else [(whole, used), *((edges[i], [i]) for i in used)]


def _band_of_header(file: FitsFile) -> tuple[float, float] | None:
    for keys in (("E_MIN", "E_MAX"), ("EMIN", "EMAX")):
        low, high = (_energy(file, key) for key in keys)
        if low is not None and high is not None and low < high:
            return low, high
    return None


def _energy(file: FitsFile, key: str) -> float | None:
    """Return an energy of a header, keV; None: there is none.

    The unit is E_UNIT, EUNIT, the one in brackets at the start of the comment, or else keV.
    """
    for header in file.having(key):
        if (value := strict_number(header, key)) is None:
            continue
        unit = text(header, "E_UNIT") or text(header, "EUNIT") or comment_unit(header, key)
        try:
            return value * factor(unit, KEV)
        except InputError as error:
            raise InputError(f"keyword {key}: {error}") from error
    return None
