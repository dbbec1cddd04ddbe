"""Reading of a light curve as two lines of text: bin centres, then counts per bin."""

import re
from pathlib import Path

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import reading
from eclgrmd.formats.fits.packed import unpacked_text
from eclgrmd.formats.rows.counted import SHORTEST_S, measurable
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve
from eclgrmd.model.packed_names import unpacked_name

from .events import WHOLE_TIME, within

__all__ = ["is_text_light_curve", "read_text_light_curve"]

MAX_BYTES = 1 << 22
"""Largest text file: some 100,000 bins."""
LEAST_BINS = 3
"""Fewer numbers may be a text file of another kind."""
NAMED = re.compile(r"lc_\d{9}_(n[0-9ab]|b[01])_")
"""Names of files of GBM bursts, with trigger and detector; the text itself has no detector."""
GBM_BAND_KEV = (8.0, 900.0)
"""Energy band of these files, the range of GBM's NaI detectors."""


def is_text_light_curve(path: Path) -> bool:
    """Return whether a file, compressed or not, is two lines with equally many numbers."""
    with reading(path):
        return _numbers(unpacked_text(path, MAX_BYTES)) is not None


def read_text_light_curve(path: Path, window_s: tuple[float, float] = WHOLE_TIME) -> LightCurve:
    """Read a light curve; take times as seconds after t0, and counts as Poisson.

    Raises
    ------
    InputError
        If it is no such file, or its bins are not evenly spaced.
    """
    with reading(path):
        numbers = _numbers(unpacked_text(path, MAX_BYTES))
        if numbers is None:
            raise InputError("is not two lines of equally many numbers")
        centre_s, counts = numbers
        width_s = float(np.median(np.diff(centre_s)))
        if width_s < SHORTEST_S or not np.allclose(np.diff(centre_s), width_s, rtol=1e-3):
            raise InputError("its first line must be evenly spaced bin centres")
        if (counts < 0).any() or not measurable(counts).all():
            raise InputError(
                "its second line holds negative or impossible values: must be Poisson counts"
            )
    start_s, stop_s = centre_s - width_s / 2, centre_s + width_s / 2
    keep = within(start_s, stop_s, window_s)
    named = NAMED.match(path.name)
    return LightCurve(
        Instrument.GBM if named else Instrument.OTHER,
        (named[1] if named else Path(unpacked_name(path.name)).stem,),
        GBM_BAND_KEV if named else None,
        start_s[keep],
        stop_s[keep],
        counts[keep],
        np.full(int(keep.sum()), width_s),
        files=(path.name,),
    )


def _numbers(content: bytes) -> tuple[Floats, Floats] | None:
    lines = content.split(b"\n")
    if len(content) > MAX_BYTES or len(lines) not in {2, 3} or any(lines[2:]):
        return None
    try:
        rows = [np.array(line.split(), dtype=np.float64) for line in lines[:2]]
    except ValueError:
        return None
    first, second = rows
    if len(first) != len(second) or len(first) < LEAST_BINS or not np.isfinite(rows).all():
        return None
    return first, second
