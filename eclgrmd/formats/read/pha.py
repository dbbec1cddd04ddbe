"""One spectrum of a PHA file as it lies there, before it is paired with anything."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eclgrmd.formats.fits.reference import Extension, Reference
from eclgrmd.formats.rows.numbering import Numbering
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Floats

__all__ = ["PhaSpectrum", "is_whole", "restricted"]

WHOLE = 0.02
"""Rates times exposure, both float32, miss whole counts by less than this."""


@dataclass(frozen=True, slots=True, eq=False)
class PhaSpectrum:
    """One spectrum of a PHA file; arrays of shape (n,)."""

    path: Path
    extension: Extension
    """Its extension."""
    row: int
    """1 for type I."""
    n_rows: int
    is_background: bool
    """Its header or the file's name says so."""
    mission: str
    instrument: Instrument
    detector: str
    start_s: float | None
    stop_s: float | None
    exposure_s: float
    number: NDArray[np.int64]
    """Channel numbers."""
    declared: int | None
    """DETCHANS: number of channels that the detector has."""
    counts: Floats
    """Counts in the exposure, whether the file has counts or rates; 0 where there is no value."""
    error: Floats | None
    """STAT_ERR, as counts; None where the counts are Poisson."""
    systematic: Floats | None
    area_scale: Floats
    """AREASCAL, shape (n,)."""
    back_scale: Floats
    """BACKSCAL, shape (n,)."""
    net: bool
    """True where the background is subtracted already (HDUCLAS2 NET)."""
    good: NDArray[np.bool_]
    """Channels of good quality with all their values."""
    grouping: NDArray[np.int16] | None
    channels: Channels | None
    """None: the file does not tell the energies of all these channels."""
    response: Reference | None
    background: Reference | None
    ancillary: Reference | None
    flags: tuple[str, ...] = ()
    rank: int = 1
    """Which it is of the source spectra of its file, in the order of rows, or of EXTVER."""
    n_spectra: int = 1
    """How many these are."""

    @property
    def path_name(self) -> str:
        """Name of its file."""
        return self.path.name

    @property
    def numbering(self) -> Numbering:
        """Its channels, as they are matched with those of other files."""
        return Numbering(self.path.name, self.number, self.declared, self.channels)


def restricted(spectrum: PhaSpectrum, index: NDArray[np.int64]) -> PhaSpectrum:
    """Keep the channels at these places, shape (k,), rising."""
    if len(index) == len(spectrum.counts):
        return spectrum

    def of(values: Floats | None) -> Floats | None:
        return None if values is None else values[index]

    channels = spectrum.channels
    if channels is not None:
        channels = Channels(
            channels.number[index], channels.e_min_kev[index], channels.e_max_kev[index]
        )
    return replace(
        spectrum,
        number=spectrum.number[index],
        counts=spectrum.counts[index],
        error=of(spectrum.error),
        systematic=of(spectrum.systematic),
        area_scale=spectrum.area_scale[index],
        back_scale=spectrum.back_scale[index],
        good=spectrum.good[index],
        grouping=None if spectrum.grouping is None else spectrum.grouping[index],
        channels=channels,
    )


def is_whole(counts: Floats) -> bool:
    """Tell whether counts are whole, up to the rounding of float32 rates."""
    return bool((counts >= 0).all() and (np.abs(counts - np.rint(counts)) < WHOLE).all())
