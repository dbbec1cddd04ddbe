"""A light-curve file with one pulse, as a mission could send it."""

from pathlib import Path

import numpy as np
from astropy.io import fits


def light_curve_file(folder: Path, *, amplitude: float = 400.0, name: str = "lc.fits") -> Path:
    """An OGIP light curve with a pulse of 8 s around t0 + 20 s."""
    width = 0.5
    time = np.arange(-100.0, 200.0, width)
    rate = 300.0 + amplitude * np.exp(-0.5 * ((time - 20.0) / 3.0) ** 2)
    counts = np.random.default_rng(3).poisson(rate * width)
    columns = [
        fits.Column("TIME", "D", unit="s", array=time),
        fits.Column("RATE", "D", unit="count/s", array=counts / width),
        fits.Column("ERROR", "D", unit="count/s", array=np.sqrt(counts) / width),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="RATE")
    table.header.update(
        TELESCOP="SVOM", INSTRUME="GRM", DETNAM="GRD01", HDUCLASS="OGIP", HDUCLAS1="LIGHTCURVE",
        HDUCLAS2="TOTAL", TIMEDEL=width, TIMEPIXR=0.0, TIMEZERO=0.0, TRIGTIME=0.0,
        MJDREFI=57754, MJDREFF=0.000800740741, E_MIN=15.0, E_MAX=5000.0, POISSERR=True,
    )  # fmt: skip
    path = folder / name
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return path
