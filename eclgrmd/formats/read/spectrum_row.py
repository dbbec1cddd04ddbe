"""Interpretation of one spectrum of a PHA table: counts, errors, channels and times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import strict_flag, strict_integer, text
from eclgrmd.formats.fits.identity import detector_of, instrument_of, mission_of
from eclgrmd.formats.fits.recognise import SPECTRAL, gti_of, is_background
from eclgrmd.formats.fits.reference import extension_of
from eclgrmd.formats.fits.times import ABSOLUTE, read_times
from eclgrmd.formats.rows.counted import counts_per_second, unit_flags
from eclgrmd.formats.rows.numbering import Numbering, match_channels
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Channels, Floats

from .pha import PhaSpectrum, is_whole
from .pha_row import PhaRow

__all__ = ["SpectrumRow"]

SQUARE_ROOT = 0.01
"""Relative difference of squared errors and counts that counts as rounding of STAT_ERR."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SpectrumRow(PhaRow):
    """A row that is interpreted as a spectrum: counts, errors, channels and times."""

    def read(self, n_rows: int, channels: Channels | None) -> PhaSpectrum:
        """Return the spectrum.

        Parameters
        ----------
        n_rows
            Number of spectra in the table.
        channels
            EBOUNDS of the file; None: there is none.
        """
        exposure_s = self._live_time()
        counts, error, good = self._measured(exposure_s)
        n = len(counts)
        area, area_good = self._scale("AREASCAL", n)
        back, back_good = self._scale("BACKSCAL", n)
        quality, systematic = self.optional("QUALITY", n), self.optional("SYS_ERR", n)
        start_s, stop_s = self._interval()
        numbers = self._channel_numbers(n, channels)
        declared = strict_integer(self.table.header, "DETCHANS")
        return PhaSpectrum(
            path=self.file.path,
            extension=extension_of(self.table),
            row=1 if self.index is None else self.index + 1,
            n_rows=n_rows,
            is_background=is_background(self.file, self.table),
            mission=mission_of(self.file, self.table),
            instrument=instrument_of(self.file, self.table),
            detector=detector_of(self.file, self.table),
            start_s=start_s,
            stop_s=stop_s,
            exposure_s=exposure_s,
            number=numbers,
            declared=declared,
            counts=counts,
            error=error,
            systematic=systematic if systematic is not None and systematic.any() else None,
            area_scale=area,
            back_scale=back,
            net=self._is_net(),
            good=good & area_good & back_good & (quality == 0 if quality is not None else True),
            grouping=self._grouping(n),
            channels=_energies(numbers, declared, channels),
            response=self.reference("RESPFILE"),
            background=self.reference("BACKFILE"),
            ancillary=self.reference("ANCRFILE"),
            flags=tuple(self.flags),
        )

    def exposure(self) -> float | None:
        """Return EXPOSURE or else LIVETIME, seconds; None: there is neither."""
        exposure_s = self.scalar("EXPOSURE")
        return self.scalar("LIVETIME") if exposure_s is None else exposure_s

    def _live_time(self) -> float:
        exposure_s = self.exposure()
        if exposure_s is None:
            raise InputError(
                f"table {self.table.name}: EXPOSURE is missing: must be the live time in seconds"
            )
        if exposure_s <= 0:
            raise InputError(
                f"table {self.table.name}: EXPOSURE is {exposure_s:g}: must be greater than zero"
            )
        if self.scalar("EXPOSURE") is None:
            self.flags.append(Flag(FlagCode.LIVETIME_USED))
        return exposure_s

    def _measured(self, exposure_s: float) -> tuple[Floats, Floats | None, Bools]:
        """Return counts, errors in counts (None: Poisson), and which channels have values.

        The file may have counts or rates.
        """
        name = self.table.first_of(*SPECTRAL) or "COUNTS"
        self.flags.extend(unit_flags(self.table, name))
        counts = self.values(name) * self._to_counts(name, exposure_s)
        known = np.isfinite(counts)
        if not known.any():
            raise InputError(f"table {self.table.name}: {name} has no number in any channel")
        error = self.stored("STAT_ERR", len(counts))
        if error is not None and np.nan_to_num(error).any():
            error = error * self._to_counts("STAT_ERR", exposure_s, like=name)
        else:
            error = None
        grouped = self._grouping(len(counts)) is not None
        if error is not None and self._is_poisson(counts[known], error[known], grouped=grouped):
            error = None
        good = known
        if error is not None:
            good = known & np.isfinite(error) & ((error > 0.0) | ((error == 0.0) & (counts == 0.0)))
        self.flag_channels(
            f"no number in {name} or no error in STAT_ERR"
            if error is not None
            else f"no number in {name}",
            good,
        )
        counts = np.where(good, counts, 0.0)
        self._check_counts(name, counts, error)
        if error is not None:
            error = np.where(good, error, 0.0)
        return np.rint(counts) if is_whole(counts) else counts, error, good

    def _is_net(self) -> bool:
        """Return whether the background is subtracted already."""
        return text(self.table.header, "HDUCLAS2").upper() == "NET"

    def _to_counts(self, name: str, exposure_s: float, like: str = "") -> float:
        """Return the factor that converts a column to counts in the exposure."""
        if name not in self.table.columns:
            name = like
        by = counts_per_second(self.table, name, like)
        return 1.0 if by is None else by * exposure_s

    def _check_counts(self, name: str, counts: Floats, error: Floats | None) -> None:
        """Flag or refuse values that are declared to be Poisson counts but cannot be."""
        if error is not None:
            if (counts < 0).any() and strict_flag(self.table.header, "POISSERR"):
                self.flags.append(Flag(FlagCode.STAT_ERR_USED))
            return
        quality = self.optional("QUALITY", len(counts))
        used = counts if quality is None else counts[quality == 0]
        if (used < 0).any():
            raise InputError(
                f"table {self.table.name}: {name} is negative in {int((used < 0).sum())} channels "
                "and there is no STAT_ERR: these are no Poisson counts, and their errors are needed"
            )
        if not is_whole(np.maximum(counts, 0.0)):
            self.flags.append(Flag(FlagCode.FRACTIONAL_COUNTS))
        if self._is_net():
            self.flags.append(Flag(FlagCode.NET_AS_POISSON))

    def _grouping(self, n: int) -> NDArray[np.int16] | None:
        """Return GROUPING; None: each channel is its own group."""
        grouping = self.optional("GROUPING", n)
        return None if grouping is None or (grouping >= 0).all() else grouping.astype(np.int16)

    def _is_poisson(self, counts: Floats, error: Floats, *, grouped: bool) -> bool:
        """Return whether the counts are Poisson, so that STAT_ERR adds no information.

        Net counts are never Poisson. Otherwise POISSERR decides, with two exceptions. Values that
        are not integers, such as the rates of a modelled background, are never Poisson. Integer
        counts whose errors are their square roots are Poisson even if POISSERR is false, unless
        they are grouped for a Gaussian fit.
        """
        if self._is_net():
            return False
        if strict_flag(self.table.header, "POISSERR"):
            return is_whole(counts)
        counted = (counts > 0) & np.isfinite(error)
        roots = np.allclose(error[counted] ** 2, counts[counted], rtol=SQUARE_ROOT)
        return is_whole(counts) and roots and not grouped

    def _scale(self, name: str, n: int) -> tuple[Floats, Bools]:
        """Return AREASCAL or BACKSCAL (1 where it is missing), and which channels have a value."""
        scale = self.optional(name, n)
        if scale is None:
            return np.ones(n), np.ones(n, dtype=bool)
        if (scale < 0).any():
            raise InputError(f"table {self.table.name}: {name} must not be negative")
        good = scale > 0
        if not good.any():
            raise InputError(f"table {self.table.name}: {name} is 0: must be greater than zero")
        self.flag_channels(f"{name} is 0", good)
        return np.where(good, scale, 1.0), good

    def _channel_numbers(self, n: int, channels: Channels | None) -> NDArray[np.int64]:
        if "CHANNEL" in self.columns:
            numbers = np.nan_to_num(self.values("CHANNEL")).astype(np.int64)
            if len(numbers) != n or (np.diff(numbers) <= 0).any():
                raise InputError(f"table {self.table.name}: CHANNEL must rise, one a value")
            return numbers
        if channels is not None and len(channels.number) == n:
            return channels.number
        return np.arange(1, n + 1)

    def _interval(self) -> tuple[float | None, float | None]:
        start, stop = self.moment("TSTART"), self.moment("TSTOP")
        elapsed = self.scalar("TELAPSE")
        if start is not None and elapsed is not None and self.index is not None:
            stop = start + elapsed
        if start is None and (gti := self._good_times()) is not None and gti.rows:
            start, stop = self._span(gti)
        if start is None or stop is None:
            return None, None
        t0 = self.clock.t0_in(self.file, start)
        return start - t0, stop - t0

    def _span(self, gti: Table) -> tuple[float | None, float | None]:
        """Return first start and last stop of good times, in the file's own MET, seconds."""
        times = [read_times(self.file, gti, key, ABSOLUTE) for key in ("START", "STOP")]
        if not np.isfinite(times).any(axis=1).all():
            return None, None
        return float(np.nanmin(times[0])), float(np.nanmax(times[1]))

    def _good_times(self) -> Table | None:
        """Return the table of good times with the same EXTVER, or else the first; None: none."""
        tables = gti_of(self.file)
        version = extension_of(self.table).version
        same = (t for t in tables if extension_of(t).version == version)
        return next(same, next(iter(tables), None))


def _energies(
    numbers: NDArray[np.int64], declared: int | None, channels: Channels | None
) -> Channels | None:
    """Return the energies of these channels; None: the file does not have all of them."""
    if channels is None:
        return None
    whole = Numbering("EBOUNDS", channels.number)
    try:
        ours, theirs = match_channels(Numbering("SPECTRUM", numbers, declared), whole)
    except InputError:
        return None
    if len(ours) < len(numbers):
        return None
    low, high = channels.e_min_kev, channels.e_max_kev
    return Channels(channels.number[theirs], low[theirs], high[theirs])
