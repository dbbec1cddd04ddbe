"""A spectrum of a PHA file, before it is paired with response and background."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eclgrmd.formats.fits.reference import Extension, Reference
from eclgrmd.formats.rows.numbering import Numbering
from eclgrmd.model.flags import Flag
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Floats

__all__ = ["PhaSpectrum", "is_whole", "restricted"]

WHOLE = 0.02
"""Largest deviation from an integer that counts as rounding of rate times exposure in float32."""


@dataclass(frozen=True, slots=True, eq=False)
class PhaSpectrum:
    """A spectrum of a PHA file; arrays have shape (n,) for n channels."""

    path: Path
    """Path of its file."""
    extension: Extension
    """Its extension."""
    row: int
    """Its row, from 1; 1 for type I."""
    n_rows: int
    """Number of spectra in its table; 1 for type I."""
    is_background: bool
    """Whether its header or the file name says that it is a background."""
    mission: str
    """Mission of an unknown instrument; empty: known or not named."""
    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name of the detector within its instrument."""
    start_s: float | None
    """Start of its interval, seconds after t0; None: unknown."""
    stop_s: float | None
    """End of its interval, seconds after t0; None: unknown."""
    exposure_s: float
    """Live time, seconds."""
    number: NDArray[np.int64]
    """Channel numbers."""
    declared: int | None
    """DETCHANS: number of channels of the detector; None: not in the file."""
    counts: Floats
    """Counts in the exposure, also from a file with rates; 0 for channels without a value."""
    error: Floats | None
    """STAT_ERR, converted to counts; None: the counts are Poisson."""
    systematic: Floats | None
    """SYS_ERR, as a fraction; None: 0."""
    area_scale: Floats
    """AREASCAL."""
    back_scale: Floats
    """BACKSCAL."""
    net: bool
    """Whether the background is subtracted already (HDUCLAS2 NET)."""
    good: NDArray[np.bool_]
    """Channels of good quality with all values."""
    grouping: NDArray[np.int16] | None
    """GROUPING; None: channels are not grouped."""
    channels: Channels | None
    """Energies of the channels; None: the file does not have the energies of all of them."""
    response: Reference | None
    """RESPFILE; None: it names no file."""
    background: Reference | None
    """BACKFILE; None: it names no file."""
    ancillary: Reference | None
    """ANCRFILE; None: it names no file."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful while reading."""
    rank: int = 1
    """Number among the source spectra of the file, from 1, in the order of rows or of EXTVER."""
    n_spectra: int = 1
    """Number of the source spectra of the file."""

    @property
    def path_name(self) -> str:
        """Name of its file."""
        return self.path.name

    @property
    def numbering(self) -> Numbering:
        """Its channels, for matching with those of other files."""
        return Numbering(self.path.name, self.number, self.declared, self.channels)


def restricted(spectrum: PhaSpectrum, index: NDArray[np.int64]) -> PhaSpectrum:
    """Return the spectrum with the channels at these rising indices, shape (k,), only."""
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
    """Return whether all counts are integers within rounding, and not negative."""
    return bool((counts >= 0).all() and (np.abs(counts - np.rint(counts)) < WHOLE).all())
