"""Damages FITS files as wholes: the values of a column, the number of HDUs, the compression."""

import gzip
import lzma
import random
from contextlib import suppress
from io import BytesIO

import numpy as np
from astropy.io import fits
from backports import zstd

__all__ = ["reshaped_fits"]

_VALUES = (float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 5e-324, -1.0, 0.0, 1e20)
"""Values that a column of floating-point numbers gets."""
_MOST_EXTRA = 300
"""Most HDUs that are added."""
_PADDING_BYTES = 20_000_000
"""Zeros that are added before a compression, which makes almost nothing of them."""


def reshaped_fits(document: bytes, draw: random.Random) -> bytes:
    """Return a file with a damaged column or list of HDUs, sometimes compressed."""
    with fits.open(BytesIO(document), memmap=False) as hdus:
        for _ in range(draw.choice((1, 1, 2, 3))):
            tables = [hdu for hdu in hdus if isinstance(hdu, fits.BinTableHDU) and hdu.columns]
            if tables and draw.random() < 0.7:
                _spoil(draw.choice(tables), draw)
            else:
                _rearrange(hdus, draw)
        written = BytesIO()
        hdus.writeto(written, output_verify="ignore")
    return _packed(written.getvalue(), draw)


def _spoil(table: fits.BinTableHDU, draw: random.Random) -> None:
    """Change the values of a column: all, a part, or one; or their order."""
    column = table.data[draw.choice(table.columns.names)]
    if not isinstance(column, np.ndarray) or column.dtype.kind not in "fiu" or not column.size:
        return
    flat = column.reshape(-1)
    start = draw.randrange(flat.size)
    stop = draw.choice((start + 1, flat.size, start + max(1, flat.size // 10)))
    part = flat[start:stop]
    match draw.randrange(5):
        case 0:
            part[:] = part[::-1].copy()
        case 1:
            part[:] = part[0]
        case 2:
            flat[:] = flat[::-1].copy()
        case _ if flat.dtype.kind == "f":
            part[:] = np.array(draw.choice(_VALUES)).astype(flat.dtype)
        case _:
            limits = np.iinfo(flat.dtype)
            part[:] = draw.choice((limits.min, limits.max, 0, 1))
    column[...] = flat.reshape(column.shape)


def _rearrange(hdus: fits.HDUList, draw: random.Random) -> None:
    """Repeat, drop or exchange HDUs, or empty a table."""
    if len(hdus) < 2:
        return
    which = draw.randrange(1, len(hdus))
    match draw.randrange(5):
        case 0:
            count = draw.choice((1, 2, _MOST_EXTRA))
            hdus.extend(fits.ImageHDU(name=f"EXTRA{number}") for number in range(count))
        case 1:
            with suppress(OSError):  # astropy copies no heap
                hdus.append(hdus[which].copy())
        case 2:
            del hdus[which]
        case 3:
            hdus.append(hdus.pop(which))
        case _ if isinstance(hdus[which], fits.BinTableHDU):
            kept = draw.choice((0, 1, 2))
            hdus[which].data = hdus[which].data[:kept]
        case _:
            hdus[which].name = draw.choice(("EVENTS", "GTI", "SPECTRUM", ""))


def _packed(content: bytes, draw: random.Random) -> bytes:
    if draw.random() > 0.05:
        return content
    if draw.random() < 0.1:
        content += bytes(_PADDING_BYTES)
    packed = draw.choice((gzip.compress, lzma.compress, zstd.compress))(content)
    return packed[: draw.randrange(1, len(packed))] if draw.random() < 0.3 else packed
