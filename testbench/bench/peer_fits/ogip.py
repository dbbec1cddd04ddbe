"""Reads spectra for peers that do not read OGIP files."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

__all__ = ["Ogip", "read_ogip"]

Floats = NDArray[np.float64]


class Ogip(NamedTuple):
    """Spectrum, background and response of one detector."""

    counts: Floats
    """Counts by channel, shape (n,)."""
    exposure_s: float
    """Live time, seconds."""
    background_rate: Floats
    """Background by channel, counts/s, shape (n,)."""
    background_error: Floats
    """Error of the background rate, counts/s, shape (n,)."""
    photon_edges_kev: tuple[Floats, Floats]
    """Lower and upper edges of the photon bins, keV, shape (m,) each."""
    channel_edges_kev: tuple[Floats, Floats]
    """Lower and upper edges of the channels, keV, shape (n,) each."""
    matrix_cm2: Floats
    """Response, cm2, shape (m, n)."""


def read_ogip(path: Path) -> Ogip:
    """Read a spectrum (counts) with its background (rate) and response in the same folder."""
    with fits.open(path) as hdus:
        exposure = float(hdus["SPECTRUM"].header["EXPOSURE"])
        counts = _column(hdus["SPECTRUM"].data, "COUNTS")
    with fits.open(path.with_suffix(".bak")) as hdus:
        rate = _column(hdus["SPECTRUM"].data, "RATE")
        error = _column(hdus["SPECTRUM"].data, "STAT_ERR")
    with fits.open(path.with_suffix(".rsp")) as hdus:
        name = next(hdu.name for hdu in hdus if "MATRIX" in hdu.name)
        table, bounds = hdus[name].data, hdus["EBOUNDS"].data
        first = int(bounds["CHANNEL"][0])
        return Ogip(
            counts,
            exposure,
            rate,
            error,
            (_column(table, "ENERG_LO"), _column(table, "ENERG_HI")),
            (_column(bounds, "E_MIN"), _column(bounds, "E_MAX")),
            np.array([_row(row, first, len(bounds)) for row in table]),
        )


def _column(table: fits.FITS_rec, name: str) -> Floats:
    return np.asarray(table[name], dtype=np.float64)


def _row(row: fits.FITS_record, first: int, channels: int) -> Floats:
    found, used = np.zeros(channels), 0
    groups = zip(np.atleast_1d(row["F_CHAN"]), np.atleast_1d(row["N_CHAN"]), strict=True)
    for start, length in list(groups)[: int(row["N_GRP"])]:
        found[start - first : start - first + length] = row["MATRIX"][used : used + length]
        used += int(length)
    return found
